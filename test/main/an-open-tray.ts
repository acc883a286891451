import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import type { AccountId } from '#contract/account.ts';
import type { Snapshot, Switched } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import type { Notice } from '#main/notices.ts';
import type { ShowOptions } from '#main/notifications.ts';
import { type OpenTray, openTray, type TrayParts } from '#main/tray.ts';
import { scriptedControl } from '../cli/a-control.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { actions, NO_UPDATE, NOON, Told } from './a-tray.ts';

export const ICONS = join(import.meta.dirname, '../../main/icons');

/** An open tray with everything around it. */
export interface Tray extends OpenTray {
  readonly told: Told;
  readonly done: unknown[][];
  readonly notes: ({ notice: Notice } & ShowOptions)[];
  update: UpdateState;
  inputsOf(name: string): unknown[];
}

type Procedures = Parameters<typeof scriptedControl>[0];

let open: Tray | undefined;

/** Opens one on the desktop of this test; it is closed after it. */
export function opened(
  snapshot: Snapshot | undefined,
  procedures: Procedures = {},
  more: Partial<TrayParts> = {},
): Tray {
  const told = new Told(snapshot);
  const { act, done } = actions();
  const notes: Tray['notes'] = [];
  const { control, inputsOf } = scriptedControl(procedures);
  const around = { told, done, notes, inputsOf, update: NO_UPDATE };
  const tray = openTray({
    latest: told,
    control,
    update: () => around.update,
    act,
    notify: (notice, more) => notes.push({ notice, undo: more?.undo, unseen: more?.unseen }) > 0,
    platform: 'linux',
    icons: ICONS,
    ...more,
  });
  open = Object.assign(around, tray);
  return open;
}

export function switched(snapshot: Snapshot, id: AccountId, following: string[] = []): Switched {
  const view = snapshot.accounts.find((one) => one.id === id);
  if (!view) throw new Error('There is no such account.');
  return { account: { ...view, active: true, current: true }, following, notAffected: [], mayNeedReload: [] };
}

/** Labels that have a tick in the menu now. */
export function ticks(): string[] {
  const rows = (menu = desktop().tray.menu): string[] =>
    menu.rows.flatMap((row) => [
      ...(row.checked ? [row.label] : []),
      ...(row.submenu ? rows(row.submenu) : []),
    ]);
  return rows().map((label) => label.replace(/ –.*/, ''));
}

/** A fresh Linux desktop and a clock that stands still for each test of this file. */
export function onADesktop(): void {
  beforeEach(() => {
    newDesktop({ platform: 'linux', isReady: true });
    vi.useFakeTimers({ now: NOON, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    open?.[Symbol.dispose]();
    open = undefined;
    vi.useRealTimers();
  });
}
