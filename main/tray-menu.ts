import type { MenuItemConstructorOptions } from 'electron';
import type { AccountId } from '#contract/account.ts';
import type { ActivityEntry } from '#contract/activity.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { type Attention, attentionOf } from './attention.ts';
import { routes } from './routes.ts';
import { trayTexts } from './texts/tray.ts';
import { type AccountActions, accountItems } from './tray-accounts.ts';
import { accountsText, isOffline, pausedText } from './tray-icon.ts';
import { ago, appName, clock, menuLabel, shown } from './tray-words.ts';

/** All that the menu is made of. Opening it asks nobody anything. */
export interface TrayState {
  readonly snapshot: Snapshot | undefined;
  readonly isLost: boolean;
  readonly update: UpdateState;
  /** Since when there is no way out, or no owner. */
  readonly offlineSince: Date | undefined;
  readonly platform: NodeJS.Platform;
  readonly now: Date;
}

/** What a click can do. Each does its one thing and says itself when it failed. */
export interface TrayActions extends AccountActions {
  setReadOnly(on: boolean): void;
  /** Without minutes, until a person resumes. */
  pause(minutes?: number): void;
  resume(): void;
  /** Begins a sign-in, or goes on with the one under way, and opens its page. */
  signIn(account: AccountId): void;
  unlock(): void;
  checkForUpdates(): void;
  restartToUpdate(): void;
  openPage(page: 'help' | 'changes'): void;
  copyDiagnostics(): void;
  redraw(): void;
  quit(): void;
}

type Item = MenuItemConstructorOptions;

const separator: Item = { type: 'separator' };
const ATTENTION_MOST = 5;
const CALLS_MOST = 5;
const APPS_MOST = 15;

/** The menu from top to bottom. Pure; ids make items of the same text different. */
export function trayMenu(state: TrayState, act: TrayActions): Item[] {
  const { snapshot, isLost } = state;
  const status: Item = { label: menuLabel(statusText(state)), enabled: false };
  if (!snapshot || isLost) return parted([[status], bottom(state, act)]);
  return parted([
    [status],
    attentionItems(attentionOf(snapshot, state.update), act),
    accountItems(snapshot, act),
    [callsItem(state, snapshot, act), appsItem(snapshot, act)],
    accessItems(state, snapshot, act),
    bottom(state, act),
  ]);
}

/** Groups with a line between them; empty ones vanish. */
function parted(groups: readonly Item[][]): Item[] {
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [separator, ...group]));
}

function statusText({ snapshot, isLost, offlineSince, now }: TrayState): string {
  const texts = trayTexts.status;
  const since = offlineSince && clock(offlineSince, now);
  if (isLost) return since === undefined ? texts.lost : texts.lostSince(since);
  if (!snapshot) return texts.starting;
  if (snapshot.status.paused) return pausedText(snapshot, now);
  if (isOffline(snapshot)) return since === undefined ? texts.offline : texts.offlineSince(since);
  if (!snapshot.accounts.every(({ condition }) => condition.state === 'ready')) return accountsText(snapshot);
  if (snapshot.accounts.length === 0) return texts.noAccounts;
  return snapshot.settings.readOnly ? texts.readyReadOnly : texts.ready;
}

function attentionItems(all: readonly Attention[], act: TrayActions): Item[] {
  const items = all.slice(0, ATTENTION_MOST).map((one): Item => {
    return { id: one.id, label: menuLabel(one.text), click: () => helps[one.action](act, one.account) };
  });
  const rest = all.length - items.length;
  if (rest === 0) return items;
  const label = trayTexts.attention.more(rest);
  return [...items, { id: 'attention:more', label, click: () => act.showWindow(routes.accounts) }];
}

type Help = (act: TrayActions, account: AccountView | undefined) => void;

const signIn: Help = (act, account) => account && act.signIn(account.id);
const showAccount: Help = (act, account) => account && act.showWindow(routes.account(account.id));

const helps: Readonly<Record<Attention['action'], Help>> = {
  unlock: (act) => act.unlock(),
  'restart-to-update': (act) => act.restartToUpdate(),
  'sign-in': signIn,
  'resume-sign-in': signIn,
  'enter-key': showAccount,
  'show-account': showAccount,
};

function callsItem({ platform, now }: TrayState, snapshot: Snapshot, act: TrayActions): Item {
  const texts = trayTexts.calls;
  // A menu that stays as it is until it is replaced tells times, because an age in it would soon be wrong.
  const when = (at: Date): string => (platform === 'linux' ? clock(at, now) : ago(at, now));
  const open = (): void => act.showWindow(routes.activity);
  const calls = newest(snapshot.recent).map((entry): Item => {
    const account = entry.accountLabel === null ? texts.noAccount : shown(entry.accountLabel, 30);
    const tool = shown(entry.target ?? entry.method, 30);
    const label = texts.line(markOf(entry), account, tool, when(new Date(entry.at)));
    return { id: `call:${entry.id}`, label: menuLabel(label), click: open };
  });
  const none: Item = { label: texts.none, enabled: false };
  return {
    label: texts.title,
    submenu: [
      ...(calls.length > 0 ? calls : [none]),
      separator,
      { id: 'activity', label: texts.open, click: open },
    ],
  };
}

function newest(recent: readonly ActivityEntry[]): ActivityEntry[] {
  return [...recent].sort((a, b) => b.id - a.id).slice(0, CALLS_MOST);
}

function markOf({ outcome }: ActivityEntry): string {
  const { mark } = trayTexts.calls;
  switch (outcome) {
    case 'ok':
      return mark.ok;
    case 'tool-error':
    case 'error':
      return mark.failed;
    case 'blocked':
    case 'cancelled':
      return mark.stopped;
    case 'unknown':
      return mark.unknown;
    default:
      return outcome satisfies never;
  }
}

function appsItem({ sessions }: Snapshot, act: TrayActions): Item {
  const texts = trayTexts.apps;
  const apps = [...Map.groupBy(sessions, ({ program, client }) => appName(program ?? client))];
  if (apps.length === 0) return { label: texts.none, enabled: false };
  const open = (): void => act.showWindow(routes.apps);
  const items = apps
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, some]): Item => {
      return { id: `app:${name}`, label: menuLabel(texts.app(name, some.length)), click: open };
    });
  const rest = items.length - APPS_MOST;
  const more: Item[] =
    rest > 0 ? [{ id: 'app-more', label: trayTexts.attention.more(rest), click: open }] : [];
  return { label: texts.title(apps.length), submenu: [...items.slice(0, APPS_MOST), ...more] };
}

function accessItems({ now }: TrayState, { settings, status }: Snapshot, act: TrayActions): Item[] {
  const texts = trayTexts.access;
  const until = status.pausedUntil === null ? undefined : clock(new Date(status.pausedUntil), now);
  const resume: Item = {
    id: 'resume',
    label: until === undefined ? texts.resume : texts.resumeFrom(until),
    click: () => act.resume(),
  };
  const pause: Item = {
    label: texts.pause,
    submenu: [
      { id: 'pause:15', label: texts.quarter, click: () => act.pause(15) },
      { id: 'pause:60', label: texts.hour, click: () => act.pause(60) },
      { id: 'pause', label: texts.untilResumed, click: () => act.pause() },
    ],
  };
  const readOnly: Item = {
    id: 'read-only',
    type: 'checkbox',
    label: texts.readOnly,
    checked: settings.readOnly,
    click: () => act.setReadOnly(!settings.readOnly),
  };
  return [readOnly, status.paused ? resume : pause];
}

function bottom({ update, platform }: TrayState, act: TrayActions): Item[] {
  const texts = trayTexts.bottom;
  const redraw: Item[] =
    platform === 'linux' ? [{ id: 'redraw', label: texts.redraw, click: () => act.redraw() }] : [];
  return [
    { id: 'open', label: texts.open, click: () => act.showWindow() },
    { id: 'settings', label: texts.settings, click: () => act.showWindow(routes.settings) },
    ...updateItems(update, act),
    {
      label: texts.help,
      submenu: [
        { id: 'help', label: texts.helpPage, click: () => act.openPage('help') },
        { id: 'diagnostics', label: texts.diagnostics, click: () => act.copyDiagnostics() },
        { id: 'changes', label: texts.changes, click: () => act.openPage('changes') },
        ...redraw,
      ],
    },
    separator,
    { id: 'quit', label: texts.quit, click: () => act.quit() },
  ];
}

/** Nothing for a build that takes no updates; the settings say why. */
function updateItems({ state, version }: UpdateState, act: TrayActions): Item[] {
  const texts = trayTexts.bottom;
  const named = version === null ? undefined : shown(version);
  switch (state) {
    case 'off':
      return [];
    case 'idle':
    case 'failed':
      return [{ id: 'update', label: texts.checkForUpdates, click: () => act.checkForUpdates() }];
    case 'checking':
      return [{ id: 'update', label: texts.checking, enabled: false }];
    case 'downloading': {
      const label = named === undefined ? texts.downloading : texts.downloadingVersion(named);
      return [{ id: 'update', label: menuLabel(label), enabled: false }];
    }
    case 'ready': {
      const label = named === undefined ? texts.restart : texts.restartTo(named);
      return [{ id: 'update', label: menuLabel(label), click: () => act.restartToUpdate() }];
    }
    default:
      return state satisfies never;
  }
}
