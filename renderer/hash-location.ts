import { useSyncExternalStore } from 'react';

/**
 * The place of the window: `#/activity?account=acc_1` is the screen `/activity` with the query `account=acc_1`. wouter's
 * own hook would put the query before the hash, where it stays when the screen is left.
 */
export function useHashLocation(): [path: string, go: typeof go] {
  return [useSyncExternalStore(subscribe, path), go];
}

// Where wouter looks for them.
useHashLocation.hrefs = (to: string): string => `#${to}`;
useHashLocation.searchHook = useHashQuery;

function useHashQuery(): string {
  return useSyncExternalStore(subscribe, query);
}

function go(
  to: string,
  { replace = false, state = null }: { replace?: boolean; state?: unknown } = {},
): void {
  const { href: oldURL } = location;
  history[replace ? 'replaceState' : 'pushState'](state, '', `#${to}`);
  dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL: location.href }));
}

function path(): string {
  const [found = ''] = location.hash.replace(/^#?\/?/, '').split('?');
  return `/${found}`;
}

function query(): string {
  const { hash } = location;
  const at = hash.indexOf('?');
  return at === -1 ? '' : hash.slice(at + 1);
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
