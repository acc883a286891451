import type { MenuItemConstructorOptions } from 'electron';
import { Signal } from '#bridge/base/events.ts';
import { AccountId, Slug } from '#contract/account.ts';
import type { ActivityEntry } from '#contract/activity.ts';
import type { AccountCondition, AccountView, Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import type { SessionView } from '#contract/session.ts';
import { Settings } from '#contract/settings.ts';
import type { SignInState, SignInView } from '#contract/sign-in.ts';
import { type Memory, type Moment, type Notice, notices } from '#main/notices.ts';
import { type TrayActions, type TrayState, trayMenu } from '#main/tray-menu.ts';
import { anAccount } from '../cli/a-control.ts';
import { buildFromTemplate, doubleOf } from '../electron/menu.ts';

/** A Saturday, on this computer's own clock. */
export const NOON = new Date(2026, 10, 21, 12, 0, 0);

export const later = (ms: number, from = NOON): Date => new Date(from.getTime() + ms);

/** An account whose id, slug and label come from its name. */
export function account(name: string, change: Partial<AccountView> = {}): AccountView {
  return anAccount({
    id: AccountId.parse(`acc_${name.replace(/[^A-Za-z0-9]/g, '').padEnd(8, '0')}`),
    slug: Slug.parse(name.toLowerCase().replace(/[^a-z0-9]+/g, '-')),
    label: name,
    recentUsers: [],
    identity: {
      server: 'sample',
      summary: 'member',
      tools: 41,
      protocolVersion: '2025-11-25',
      checkedAt: NOON.toISOString(),
    },
    ...change,
  });
}

/** How an account is whose sign-in was ended by its server. */
export const ENDED = {
  state: 'sign-in-needed',
  signInReason: 'ended',
  condition: { state: 'sign-in-needed', text: 'It has ended.', action: 'sign-in' },
} as const satisfies Partial<AccountView>;

export const LOCKED: AccountCondition = {
  state: 'locked',
  text: 'The keychain is locked. Unlock it; Gangway continues by itself.',
  action: 'unlock',
};

export function aSnapshot(
  change: Partial<Snapshot> = {},
  status: Partial<Snapshot['status']> = {},
): Snapshot {
  return {
    status: {
      version: '0.1.0',
      pid: 1,
      home: '/home',
      socket: '/socket',
      url: null,
      vault: { kind: 'keychain', state: 'ready' },
      paused: false,
      pausedUntil: null,
      startedAt: NOON.toISOString(),
      ...status,
    },
    accounts: [],
    signIns: [],
    sessions: [],
    clients: [],
    knownClients: [],
    settings: Settings.parse({}),
    recent: [],
    ...change,
  };
}

export function aCall(id: number, change: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    id,
    at: NOON.toISOString(),
    client: 'Cursor 1.0',
    door: 'stdio',
    account: null,
    accountLabel: null,
    user: null,
    method: 'tools/call',
    target: `tool-${id}`,
    outcome: 'ok',
    code: null,
    durationMs: 20,
    sentBytes: 1,
    receivedBytes: 1,
    truncated: false,
    arguments: null,
    result: null,
    ...change,
  };
}

export function aSession(program: string | null, change: Partial<SessionView> = {}): SessionView {
  return {
    id: `session-${program}`,
    client: program ?? 'stdio client',
    program,
    door: 'stdio',
    address: 'current',
    account: null,
    protocolVersion: '2025-11-25',
    since: NOON.toISOString(),
    calls: 0,
    ...change,
  };
}

export function aSignIn({ id, label }: AccountView, state: SignInState): SignInView {
  return { id: 'sgn_00000000', account: id, label, startedAt: NOON.toISOString(), state };
}

export const NO_UPDATE: UpdateState = { state: 'idle', version: null, text: '', percent: null };

export function aState(snapshot: Snapshot | undefined, change: Partial<TrayState> = {}): TrayState {
  return {
    snapshot,
    isLost: false,
    update: NO_UPDATE,
    offlineSince: undefined,
    platform: 'darwin',
    now: NOON,
    ...change,
  };
}

/** Actions that only remember that they were asked for. */
export function actions(): { readonly act: TrayActions; readonly done: unknown[][] } {
  const done: unknown[][] = [];
  const note =
    (name: keyof TrayActions) =>
    (...given: unknown[]): void =>
      void done.push([name, ...given]);
  const act: TrayActions = {
    showWindow: note('showWindow'),
    switchTo: note('switchTo'),
    actAs: note('actAs'),
    setReadOnly: note('setReadOnly'),
    pause: note('pause'),
    resume: note('resume'),
    signIn: note('signIn'),
    unlock: note('unlock'),
    checkForUpdates: note('checkForUpdates'),
    restartToUpdate: note('restartToUpdate'),
    openPage: note('openPage'),
    copyDiagnostics: note('copyDiagnostics'),
    redraw: note('redraw'),
    quit: note('quit'),
  };
  return { act, done };
}

/** A latest snapshot that the test replaces. */
export class Told {
  snapshot: Snapshot | undefined;
  isLost = false;
  readonly changed = new Signal<void>();

  constructor(snapshot?: Snapshot) {
    this.snapshot = snapshot;
  }

  tell(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    this.changed.announce();
  }

  lose(): void {
    this.isLost = true;
    this.changed.announce();
  }

  find(): void {
    this.isLost = false;
    this.changed.announce();
  }
}

/** Ticks of the radio items and checkboxes of a menu, by their labels; all menus below it too. */
export function ticked(template: readonly MenuItemConstructorOptions[]): string[] {
  return template.flatMap(({ label = '', checked, submenu }) => [
    ...(checked ? [label] : []),
    ...(Array.isArray(submenu) ? ticked(submenu) : []),
  ]);
}

/** The menu as a person has it before them, and what clicks on it did. */
export function opened(snapshot: Snapshot | undefined, change: Partial<TrayState> = {}) {
  const { act, done } = actions();
  const template = trayMenu(aState(snapshot, change), act);
  const menu = doubleOf(buildFromTemplate(template));
  if (!menu) throw new Error('There is no menu.');
  return { menu, done, template };
}

export const acme = account('Acme', { active: true, current: true });
export const beta = account('Beta', { environment: 'staging' });
export const ops = account('Ops', {
  connector: 'allv',
  active: true,
  user: { by: 'email', value: 'ops@acme.example' },
  recentUsers: [
    { by: 'email', value: 'ann@acme.example' },
    { by: 'id', value: 'usr_7' },
  ],
});
/** Two accounts of one connector and one of another. */
export const three = aSnapshot({ accounts: [acme, beta, ops] });

/** One moment after another; what is said in each. */
export class Day {
  memory: Memory | undefined;
  over: readonly string[] = [];

  at(snapshot: Snapshot, change: Partial<Moment> = {}): Notice[] {
    const noticed = notices(this.memory, {
      snapshot,
      isLost: false,
      update: NO_UPDATE,
      now: NOON,
      ...change,
    });
    this.memory = noticed.memory;
    this.over = noticed.over;
    return [...noticed.notices];
  }

  titles(snapshot: Snapshot, change: Partial<Moment> = {}): string[] {
    return this.at(snapshot, change).map(({ title }) => title);
  }
}
