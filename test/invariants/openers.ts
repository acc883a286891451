import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import { lifetime } from '../canary/collect.ts';
import { broken } from './broken.ts';

/** Programs that open a page for a person. */
const OPENERS = new Set(['gio', 'open', 'rundll32.exe', 'sensible-browser', 'x-www-browser', 'xdg-open']);

/** INV-6: no page opens unless a person asked for it. This process and what it starts are watched. */
export function watchOpeners(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess };
    const words = child.spawnargs ?? [];
    child.once('spawn', () => opened([child.spawnfile, ...words]));
    child.once('error', () => opened([child.spawnfile, ...words]));
  });
}

function opened([file = '']: readonly string[]): void {
  if (OPENERS.has(basename(file).toLowerCase())) openedBy(basename(file));
}

let clicks: 'none' | 'test' | 'file' = 'none';

/** A person clicked: pages may open until the test ends. */
export function clicked(): void {
  clicks = lifetime();
}

/** Told by whatever opens pages in a test. */
export function openedBy(what: string): void {
  if (clicks === 'none') broken('INV-6', `${what} opened a page that nobody asked for`);
}

/** Forgets the clicks of a test. */
export function forgetClicks(): void {
  if (clicks === 'test') clicks = 'none';
}
