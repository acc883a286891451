import type { Draft } from './draft.ts';
import type { Place } from './look.ts';

/** What there is to look at; undefined while nothing was typed: a vendor's own address needs no look. */
export function placeOf({ connector, url, workspace, ownNetwork, isCommand }: Draft): Place | undefined {
  if (isCommand || (url.trim() === '' && workspace.trim() === '')) return undefined;
  return {
    connector,
    ownNetwork,
    ...(url.trim() === '' ? {} : { url: url.trim() }),
    ...(workspace.trim() === '' ? {} : { workspace: workspace.trim() }),
  };
}
