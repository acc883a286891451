import { implement } from '@orpc/server';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountRegistry } from '../accounts/registry.ts';
import type { Journal } from '../activity/journal.ts';
import { limits } from '../base/limits.ts';
import type { ClientTokens } from '../clients/tokens.ts';
import { type BridgeStatus, control } from '../contract/control.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import type { LiveSessions } from '../sessions/sessions.ts';
import type { Switching } from '../sessions/switching.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { SignIns } from '../sign-in/sign-ins.ts';
import { accountProcedures } from './account-procedures.ts';
import { activityProcedures } from './activity-procedures.ts';
import { endpointProcedures } from './endpoint-procedures.ts';
import { signInProcedures } from './sign-in-procedures.ts';
import { forever } from './signals.ts';
import { type Announcer, type Slices, watchSlices } from './snapshot.ts';

/** What the contract needs of the bridge. */
export interface HandlerParts {
  readonly status: () => BridgeStatus;
  /** Whatever changes the status besides the settings: the vault, the HTTP door. */
  readonly statusChanged: readonly Announcer[];
  readonly registry: Pick<AccountRegistry, 'find' | 'changed'>;
  readonly accounts: Pick<Accounts, 'list' | 'add' | 'check' | 'rotateKey' | 'update' | 'remove'>;
  /** What changes the condition of accounts besides the list itself. */
  readonly conditionsChanged: readonly Announcer[];
  readonly signIns: Pick<SignIns, 'list' | 'start' | 'cancel' | 'answer' | 'changed'>;
  readonly signOut: (account: string, signal: AbortSignal) => Promise<SignedOut>;
  readonly switching: Pick<Switching, 'use' | 'actAs'>;
  readonly sessions: Pick<LiveSessions, 'list' | 'countOn' | 'changed'>;
  readonly tokens: Pick<ClientTokens, 'list' | 'mint' | 'revoke' | 'changed'>;
  /**
   * Where an address of the HTTP door is found. The token of a client is made only after this succeeded.
   * @throws BridgeError when there is no such address or no HTTP door.
   */
  readonly endpointUrl: (address: string) => string | Promise<string>;
  readonly journal: Pick<Journal, 'list' | 'entries' | 'clear' | 'written'>;
  readonly settings: Pick<SettingsStore, 'current' | 'set' | 'changed'>;
}

/** Everything a person can ask of the bridge, by the contract. A procedure without its handler does not compile. */
export function controlRouter(parts: HandlerParts) {
  const os = implement(control);
  const slices = slicesOf(parts);
  return os.router({
    status: os.status.handler(() => parts.status()),
    watch: os.watch.handler(({ signal }) => watchSlices(slices, signal ?? forever())),
    accounts: accountProcedures(parts),
    signIn: signInProcedures(parts),
    endpoint: endpointProcedures(parts),
    sessions: { list: os.sessions.list.handler(() => parts.sessions.list()) },
    activity: activityProcedures(parts),
    settings: {
      get: os.settings.get.handler(() => parts.settings.current),
      set: os.settings.set.handler(({ input }) => parts.settings.set(input)),
    },
    pause: os.pause.handler(() => setPaused(parts, true)),
    resume: os.resume.handler(() => setPaused(parts, false)),
  });
}

async function setPaused(parts: HandlerParts, paused: boolean): Promise<BridgeStatus> {
  await parts.settings.set({ paused });
  return parts.status();
}

function slicesOf(parts: HandlerParts): Slices {
  const { accounts, registry, sessions, signIns, tokens, settings, journal } = parts;
  return {
    status: { read: parts.status, changed: [settings.changed, ...parts.statusChanged] },
    accounts: { read: () => accounts.list(), changed: [registry.changed, ...parts.conditionsChanged] },
    signIns: { read: () => signIns.list(), changed: [signIns.changed] },
    // A switch of account shows in the sessions that follow it.
    sessions: { read: () => sessions.list(), changed: [sessions.changed, registry.changed] },
    clients: { read: () => [...tokens.list()], changed: [tokens.changed] },
    settings: { read: () => settings.current, changed: [settings.changed] },
    recent: { read: () => journal.list({ limit: limits.recentEntries }), changed: [journal.written] },
  };
}
