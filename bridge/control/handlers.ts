import { implement } from '@orpc/server';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountRegistry } from '../accounts/registry.ts';
import type { Journal } from '../activity/journal.ts';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import type { ClientSetups } from '../clients/setups.ts';
import type { ClientTokens } from '../clients/tokens.ts';
import type { TypedPlace } from '../connectors/recognise.ts';
import type { ActivityEntry } from '../contract/activity.ts';
import {
  type BridgeStatus,
  control,
  type StdioCommand,
  type ToolView,
  type WorkspaceLook,
} from '../contract/control.ts';
import type { DoctorReport } from '../contract/doctor.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import type { LiveSessions } from '../sessions/sessions.ts';
import type { Switching } from '../sessions/switching.ts';
import type { SettingsStore } from '../settings/store.ts';
import type { SignIns } from '../sign-in/sign-ins.ts';
import { accountProcedures } from './account-procedures.ts';
import { activityProcedures } from './activity-procedures.ts';
import { clientProcedures } from './client-procedures.ts';
import { endpointProcedures } from './endpoint-procedures.ts';
import { signInProcedures } from './sign-in-procedures.ts';
import { forever } from './signals.ts';
import { type Announcer, type Slices, watchSlices } from './snapshot.ts';
import { workspaceProcedures } from './workspace-procedures.ts';

/** What the contract needs of the bridge. */
export interface HandlerParts {
  readonly status: () => BridgeStatus;
  /** Whatever changes the status besides the settings: the vault, the HTTP door. */
  readonly statusChanged: readonly Announcer[];
  readonly registry: Pick<AccountRegistry, 'find' | 'changed'>;
  readonly accounts: Pick<Accounts, 'list' | 'add' | 'check' | 'rotateKey' | 'update' | 'remove'>;
  /** What is asked of workspaces for the person alone. */
  readonly asking: {
    look(typed: TypedPlace, signal: AbortSignal): Promise<WorkspaceLook>;
    tools(account: string, signal: AbortSignal): Promise<ToolView[]>;
  };
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
  /** The command that leads to an address by stdio. @throws BridgeError when there is no such address. */
  readonly stdioCommand: (address: string) => StdioCommand;
  /** What Gangway writes into the settings of AI apps. */
  readonly setups: Pick<
    ClientSetups,
    | 'list'
    | 'look'
    | 'preview'
    | 'previewRemoval'
    | 'write'
    | 'restore'
    | 'restoreAll'
    | 'leave'
    | 'foreign'
    | 'previewMigration'
    | 'bundle'
    | 'changed'
  >;
  readonly examine: (signal: AbortSignal) => Promise<DoctorReport>;
  readonly journal: Pick<Journal, 'list' | 'entries' | 'hours' | 'clear' | 'written'>;
  readonly openVault: (signal: AbortSignal, passphrase?: Secret) => Promise<void>;
  readonly settings: Pick<SettingsStore, 'current' | 'set' | 'pause' | 'changed'>;
}

/** Everything a person can ask of the bridge, by the contract. A procedure without its handler does not compile. */
export function controlRouter(parts: HandlerParts) {
  const os = implement(control);
  const slices = slicesOf(parts);
  return os.router({
    status: os.status.handler(() => parts.status()),
    watch: os.watch.handler(({ signal }) => watchSlices(slices, signal ?? forever())),
    workspaces: workspaceProcedures(parts),
    accounts: accountProcedures(parts),
    signIn: signInProcedures(parts),
    endpoint: endpointProcedures(parts),
    clients: clientProcedures(parts),
    doctor: os.doctor.handler(({ signal }) => parts.examine(signal ?? forever())),
    sessions: { list: os.sessions.list.handler(() => parts.sessions.list()) },
    activity: activityProcedures(parts),
    settings: {
      get: os.settings.get.handler(() => parts.settings.current),
      set: os.settings.set.handler(({ input }) => parts.settings.set(input)),
    },
    vault: {
      open: os.vault.open.handler(({ input, signal }) =>
        openVault(parts, input.passphrase, signal ?? forever()),
      ),
    },
    pause: os.pause.handler(({ input }) => pause(parts, input.minutes)),
    resume: os.resume.handler(() => resume(parts)),
  });
}

async function openVault(
  parts: HandlerParts,
  passphrase: string | undefined,
  signal: AbortSignal,
): Promise<BridgeStatus> {
  await parts.openVault(signal, passphrase === undefined ? undefined : new Secret(passphrase));
  return parts.status();
}

async function pause(parts: HandlerParts, minutes: number | undefined): Promise<BridgeStatus> {
  await parts.settings.pause(minutes === undefined ? undefined : new Date(Date.now() + minutes * 60_000));
  return parts.status();
}

async function resume(parts: HandlerParts): Promise<BridgeStatus> {
  await parts.settings.set({ paused: false });
  return parts.status();
}

function slicesOf(parts: HandlerParts): Slices {
  const { accounts, registry, sessions, signIns, tokens, setups, settings, journal } = parts;
  return {
    status: { read: parts.status, changed: [settings.changed, ...parts.statusChanged] },
    accounts: { read: () => accounts.list(), changed: [registry.changed, ...parts.conditionsChanged] },
    signIns: { read: () => signIns.list(), changed: [signIns.changed] },
    // A switch of account shows in the sessions that follow it.
    sessions: { read: () => sessions.list(), changed: [sessions.changed, registry.changed] },
    clients: { read: () => [...tokens.list()], changed: [tokens.changed] },
    knownClients: { read: () => [...setups.list()], changed: [setups.changed] },
    settings: { read: () => settings.current, changed: [settings.changed] },
    // What was said may be long, and is asked for by whoever shows it.
    recent: {
      read: () => journal.list({ limit: limits.recentEntries }).map(withoutBodies),
      changed: [journal.written],
    },
  };
}

function withoutBodies(entry: ActivityEntry): ActivityEntry {
  return { ...entry, arguments: null, result: null };
}
