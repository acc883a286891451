import type { Session } from 'electron';
import { ORIGIN } from './navigation.ts';

/** Whether a page may ask for an address: its own files and what it made of them, and developer tools theirs. */
export function mayRequest(url: string, isPackaged: boolean): boolean {
  const own = [`${ORIGIN}/`, `blob:${ORIGIN}/`, 'data:'];
  return [...own, ...(isPackaged ? [] : ['devtools:'])].some((start) => url.startsWith(start));
}

/**
 * Keeps pages off every network, below the policy that forbids it to them already. Requests of the app itself, such as
 * those for updates, belong to no page and pass.
 */
export function guardRequests(session: Session, isPackaged: boolean, refused: (what: string) => void): void {
  session.webRequest.onBeforeRequest(({ url, webContentsId }, callback) => {
    const cancel = webContentsId !== undefined && !mayRequest(url, isPackaged);
    if (cancel) refused('request');
    callback({ cancel });
  });
}
