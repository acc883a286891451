import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { ProxyChoice } from '../base/network.ts';
import type { Paths } from '../base/paths.ts';
import { within } from '../base/tasks.ts';
import type { Account } from '../contract/account.ts';
import type { ClientView } from '../contract/clients.ts';
import type { AccountView } from '../contract/control.ts';
import type { DoctorArea, DoctorReport } from '../contract/doctor.ts';
import type { Settings } from '../contract/settings.ts';
import { WorkspaceHttp } from '../upstream/http.ts';
import type { Vault } from '../vault/vault.ts';
import { type AccountLook, lookAtAccount } from './accounts.ts';
import { clientFindings } from './clients.ts';
import { checksOf, type Finding } from './findings.ts';
import { fileLimitFindings, settingsFindings } from './gangway-itself.ts';
import { type DoorState, lookAtDoor } from './http-port.ts';
import { lookAtKeychain } from './keychain.ts';
import { lookAtSocket } from './local-socket.ts';
import { type Machine, thisMachine } from './machine.ts';
import { clockFindings, lookAtCertificates, ProxyLooks } from './network.ts';
import { lookAtFiles } from './outside.ts';
import { reportOf } from './report.ts';

/** What a look at everything needs of the running bridge. */
export interface ExamineParts {
  readonly version: string;
  readonly paths: Paths;
  readonly settings: () => Settings;
  readonly door: () => DoorState;
  readonly vault: Pick<Vault, 'kind' | 'state' | 'load'>;
  /** Resolves when the vault was opened, or could not be. */
  readonly opening: Promise<void>;
  readonly accounts: () => readonly AccountView[];
  /** Asks the workspace of an account who we are. @throws BridgeError when it does not work. */
  readonly check: (account: Account, signal: AbortSignal) => Promise<unknown>;
  readonly proxy: ProxyChoice;
  /** Looks anew how the entries are that Gangway wrote. */
  readonly clients: () => Promise<readonly ClientView[]>;
  readonly log: Log;
  readonly machine?: Machine;
  /** How long all of it may take, in milliseconds. */
  readonly waitMs?: number;
}

/** As long as a person waits for a look at everything. */
const WAIT_MS = 10_000;
const MARGIN_MS = 500;
/** The vault opens as Gangway starts; a keychain may ask the person meanwhile. */
const OPENING_MS = 7_000;

/**
 * Looks at everything that can be wrong, in the process of the owner: all at once, for ten seconds at most. Never throws
 * for what it finds, only the signal's reason.
 */
export async function examine(parts: ExamineParts, signal: AbortSignal): Promise<DoctorReport> {
  const { machine = thisMachine(), waitMs = WAIT_MS } = parts;
  const at = new Date();
  const look = (area: DoctorArea, task: (given: AbortSignal) => Promise<Finding[]>): Promise<Finding[]> =>
    lookAtArea(area, parts, signal, task);
  const until = performance.now() + waitMs;
  const areas = await Promise.all([
    look('gangway', async () => [
      checksOf('gangway').ok(
        'version',
        `Gangway ${parts.version} on ${machine.platform}, process ${process.pid}.`,
      ),
      ...settingsFindings(parts.settings()),
      ...fileLimitFindings(await machine.openFiles()),
    ]),
    look('files', () => lookAtFiles(parts.paths, machine)),
    look('keychain', async (given) => {
      await opened(parts, given);
      return lookAtKeychain(parts.vault, machine, given);
    }),
    look('doors', async (given) => [
      ...(await lookAtSocket(parts.paths, true, given)).findings,
      ...(await lookAtDoor(parts.door())),
    ]),
    look('network', () => lookAtCertificates(machine)),
    look('accounts', (given) => lookAtWorkspaces(parts, until, given)),
    look('clients', async () =>
      clientFindings(await parts.clients(), {
        isDoorOpen: parts.door().url !== undefined,
        accounts: parts.accounts(),
      }),
    ),
  ]);
  return reportOf(parts.version, at, areas.flat());
}

/** Waits until the vault was opened or could not be, unless that takes too long. */
async function opened({ opening, waitMs = WAIT_MS }: ExamineParts, signal: AbortSignal): Promise<void> {
  const late = (): Error => new Error('The vault takes its time.');
  await within(Math.min(OPENING_MS, waitMs), signal, () => opening, late).catch(() =>
    signal.throwIfAborted(),
  );
}

/** All accounts at once, and what their workspaces tell of the network and the clock. */
async function lookAtWorkspaces(parts: ExamineParts, until: number, signal: AbortSignal): Promise<Finding[]> {
  const waits = { ...limits, connectMs: limits.lookConnectMs, shutdownMs: limits.lookEndMs };
  await using http = new WorkspaceHttp({ waits, proxy: parts.proxy });
  const proxies = new ProxyLooks(parts.proxy);
  // A proxy that somebody typed in is worth a look before the first account is added.
  if (parts.settings().proxy.mode === 'manual')
    await proxies.isOpen(new URL('https://gangway.invalid/'), signal);
  const accounts = parts.accounts();
  const look = async (account: AccountView): Promise<AccountLook> => {
    if (account.condition.state === 'locked') await opened(parts, signal);
    const now = parts.accounts().find(({ id }) => id === account.id) ?? account;
    const waitMs = Math.max(0, until - performance.now());
    return lookAtAccount(now, { http, proxies, check: parts.check, waitMs }, signal);
  };
  const looks = await Promise.all(accounts.map(look));
  const none = checksOf('accounts').notice('no-account', 'There is no account yet.', 'Add one: gangway add');
  return [
    ...proxies.findings(),
    ...clockFindings(looks.flatMap(({ clock }) => clock ?? [])),
    ...(accounts.length === 0 ? [none] : looks.flatMap(({ findings }) => findings)),
  ];
}

/** One area; a fault of the look itself is a finding, and does not spoil the others. */
async function lookAtArea(
  area: DoctorArea,
  { log, waitMs = WAIT_MS }: ExamineParts,
  signal: AbortSignal,
  task: (given: AbortSignal) => Promise<Finding[]>,
): Promise<Finding[]> {
  const late = new Error('This takes too long.');
  try {
    return await within(waitMs + MARGIN_MS, signal, task, () => late);
  } catch (error) {
    signal.throwIfAborted();
    const { notice } = checksOf(area);
    if (error === late)
      return [notice(`${area}-slow`, 'This could not be looked at in time.', 'Try again: gangway doctor')];
    log.error('doctor.fault', error);
    const text = 'This could not be looked at, because of a fault of Gangway itself.';
    return [notice(`${area}-fault`, text, 'Look at the end of logs/gangway.log in the data folder.')];
  }
}
