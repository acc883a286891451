import { lstat, realpath } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { shell } from 'electron';
import { limits } from '#bridge/base/limits.ts';
import type { Log } from '#bridge/base/log.ts';
import type { Snapshot } from '#contract/control.ts';
import { type Page, pageAddress } from './pages.ts';

/** Why an address leaves the app. There is no other reason. */
export type OpenReason = 'sign-in' | 'page';

/** Hosts that are this computer, as `URL` writes them. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/**
 * The address as a browser may get it; undefined when it may not. Only https leaves, and http to a sign-in page on this
 * very computer. The host must be the one that was confirmed.
 *
 * @param host with its port, as `URL.host` has it.
 */
export function addressToOpen(url: string, reason: OpenReason, host: string): string | undefined {
  if (url.length > limits.signInLinkCharacters || /[\p{Cc}\s]/u.test(url)) return undefined;
  const address = URL.parse(url);
  if (address?.username !== '' || address.password !== '') return undefined;
  const isLocal = reason === 'sign-in' && address.protocol === 'http:' && LOOPBACK.test(address.hostname);
  if (address.protocol !== 'https:' && !isLocal) return undefined;
  return address.host === host ? address.href : undefined;
}

/** Opens the address in the person's browser. Says whether it did; never opens anything else. */
export async function openSafe(url: string, reason: OpenReason, host: string, log: Log): Promise<boolean> {
  const address = addressToOpen(url, reason, host);
  if (address === undefined) {
    log.warn('open.refused', { reason });
    return false;
  }
  try {
    await shell.openExternal(address);
    return true;
  } catch (error) {
    log.error('open.failed', error, { reason });
    return false;
  }
}

/** Opens the page of a sign-in that waits for it. */
export async function openSignIn(id: string, snapshot: Snapshot | undefined, log: Log): Promise<boolean> {
  const state = snapshot?.signIns.find((signIn) => signIn.id === id)?.state;
  return state?.step === 'waiting' && openSafe(state.link, 'sign-in', state.host, log);
}

/** Opens one of our own pages, whose addresses come from no one else. */
export async function openOwnPage(page: Page, homepage: string | undefined, log: Log): Promise<boolean> {
  const address = pageAddress(page, homepage);
  return address !== undefined && openSafe(address, 'page', new URL(address).host, log);
}

/**
 * Opens a bundle with the app that installs such. Says whether it did; opens nothing but plain files of the folder of
 * bundles, whoever names them.
 */
export async function openBundle(path: string, folder: string, log: Log): Promise<boolean> {
  if (!(await isBundleOf(path, folder))) {
    log.warn('open.refused', { reason: 'bundle' });
    return false;
  }
  try {
    // It says in words what went wrong.
    if ((await shell.openPath(path)) === '') return true;
    log.warn('open.failed', { reason: 'bundle' });
  } catch (error) {
    log.error('open.failed', error, { reason: 'bundle' });
  }
  return false;
}

async function isBundleOf(path: string, folder: string): Promise<boolean> {
  try {
    if (extname(path) !== '.mcpb' || !(await lstat(path)).isFile()) return false;
    return (await realpath(dirname(path))) === (await realpath(folder));
  } catch {
    return false;
  }
}
