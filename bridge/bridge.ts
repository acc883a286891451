import { openAccounts } from './account-parts.ts';
import { AccountRegistry } from './accounts/registry.ts';
import { Journal } from './activity/journal.ts';
import { Signal } from './base/events.ts';
import { privateFolder, sweepTemporary } from './base/json-file.ts';
import type { Log } from './base/log.ts';
import { proxyChoice } from './base/network.ts';
import { NetworkWatch } from './base/network-watch.ts';
import type { Paths } from './base/paths.ts';
import { Redactor } from './base/redactor.ts';
import type { Secret } from './base/secret.ts';
import { openSetups } from './client-parts.ts';
import type { System } from './clients/known/client.ts';
import { ClientTokens } from './clients/tokens.ts';
import type { AccountId } from './contract/account.ts';
import type { BridgeStatus } from './contract/control.ts';
import { BridgeError } from './contract/errors.ts';
import type { ControlClient } from './control/client.ts';
import { ControlServer } from './control/server.ts';
import type { Authorizer } from './credentials/authorizer.ts';
import type { HttpDoor } from './downstream/http.ts';
import { serveStdio } from './downstream/stdio.ts';
import { examination } from './examine-parts.ts';
import { awaitGuests } from './guests.ts';
import { dismissRevoked, endpointUrl, openDoor } from './http-door.ts';
import type { OAuthAccounts } from './oauth-accounts.ts';
import type { Gate } from './sessions/gate.ts';
import type { AccountHealth } from './sessions/health.ts';
import { LiveSessions } from './sessions/sessions.ts';
import { Switching } from './sessions/switching.ts';
import { PauseEnd } from './settings/pause-end.ts';
import { SettingsStore } from './settings/store.ts';
import type { Program } from './shim/start-owner.ts';
import { keepStartWords } from './start-words.ts';
import { stdioCommand } from './stdio-command.ts';
import type { Eras } from './upstream/eras.ts';
import type { WorkspaceHttp } from './upstream/http.ts';
import type { KeychainOptions } from './vault/keychain.ts';
import { openVault } from './vault/open-vault.ts';
import type { Vault, VaultKind } from './vault/vault.ts';

export interface BridgeOptions {
  readonly paths: Paths;
  readonly vault: VaultKind;
  readonly passphrase?: Secret | undefined;
  /** How the keychain is reached; a host that is no plain Node brings its own process. */
  readonly keychain?: KeychainOptions | undefined;
  /**
   * The proxies that the desktop uses for an address, as a proxy script answers: `PROXY host:8080; DIRECT`. Absent, or
   * `undefined` for an address, where no desktop knows; the environment decides then.
   */
  readonly systemProxy?: ((url: string) => Promise<string | undefined>) | undefined;
  /** Tells when the network changed; one that asks this computer when absent. The bridge ends it. */
  readonly network?: NetworkWatch | undefined;
  /** Open the local HTTP door, unless the settings say no. */
  readonly http: boolean;
  /** Port of the HTTP door for this run; the saved one when absent. */
  readonly port?: number | undefined;
  /** Learns every live secret; give the one the log cleans its lines with. */
  readonly redactor?: Redactor | undefined;
  readonly log: Log;
  readonly version: string;
  /** The words that start the command line; absent when it runs from its source, null where apps cannot start any. */
  readonly program?: Program | null | undefined;
  /** The computer whose AI apps are set up; the one this runs on when absent. */
  readonly system?: System | undefined;
}

/** The running engine. Disposing it answers what runs, tells the workspaces, and gives up ownership last. */
export interface Bridge extends AsyncDisposable {
  /** The contract, called in this process. */
  readonly control: ControlClient;
  readonly socket: string;
  /** Address of the HTTP door, or null when it is closed. */
  readonly url: string | null;
  /** The computer woke up, or its network came back: what waited for a time or a connection is looked at now. */
  wake(): void;
}

/**
 * Builds every part and opens the doors. Ownership of the data folder comes first: whoever is not the owner touches
 * nothing in it.
 * @throws BridgeError `owner-running`, `newer-file`, `storage`.
 */
export async function createBridge(options: BridgeOptions): Promise<Bridge> {
  const { paths, log, version } = options;
  const redactor = options.redactor ?? new Redactor();
  const startedAt = new Date().toISOString();
  const stopping = new AbortController();
  const { signal } = stopping;
  await using starting = new AsyncDisposableStack();
  for (const folder of [paths.home, paths.config, paths.logs]) await privateFolder(folder);

  const guests = await awaitGuests(paths, log);
  const listener = starting.use(guests.listener);
  for (const folder of [paths.config, paths.home, paths.run]) await sweepTemporary(folder);
  await keepStartWords(paths, options.program, log);

  const { settings, pauseEnd, registry, tokens, journal } = await openStores(options, redactor, starting);
  const vault = starting.use(vaultOf(options));
  // The keychain may ask the person first; only what needs a secret waits for that.
  const opening = openQuietly(vault, log, signal);
  const { authorizer, http, eras, health, epochs, gate, check, asking, oauth, accounts } = openAccounts({
    registry,
    vault,
    opening,
    every: () => settings.current,
    proxy: proxyChoice({ setting: () => settings.current.proxy, system: options.systemProxy }),
    redactor,
    version,
    log,
    starting,
  });
  const sessions = starting.use(
    new LiveSessions({
      accounts: () => registry.snapshot,
      authorizer,
      health,
      grants: oauth.grants,
      epochs,
      gate,
      http,
      eras,
      record: (entry) => journal.append(entry),
      keepsBodies: () => settings.current.activityBodies,
      version,
      log,
    }),
  );
  const switching = new Switching({
    registry,
    accounts,
    sessions,
    health,
    probe: async (account) => void (await check(account, signal)),
  });
  starting.use(followChanges({ registry, authorizer, vault, settings, sessions, health, gate, eras }));

  const statusChanged = new Signal<void>();
  let door: HttpDoor | undefined;
  const setups = starting.use(
    await openSetups({
      paths,
      registry,
      tokens,
      accounts,
      sessions,
      statusChanged,
      door: () => door,
      host: { program: options.program, system: options.system },
      version,
      log,
    }),
  );
  starting.use(vault.changed.on(() => statusChanged.announce()));
  const status = (): BridgeStatus => ({
    version,
    pid: process.pid,
    home: paths.home,
    socket: listener.socket,
    url: door?.url ?? null,
    vault: { kind: vault.kind, state: vault.state },
    paused: settings.current.paused,
    pausedUntil: (settings.current.paused && settings.current.pausedUntil) || null,
    startedAt,
  });
  const controls = new ControlServer(
    {
      status,
      statusChanged: [statusChanged],
      registry,
      accounts,
      asking,
      conditionsChanged: [vault.changed, oauth.grants.changed, oauth.signIns.changed, health.changed],
      signIns: oauth.signIns,
      signOut: (name, given) => oauth.signOut(name, given),
      switching,
      sessions,
      tokens,
      endpointUrl: (address) => endpointUrl(door, address, registry),
      stdioCommand: (address) => stdioCommand(address, paths, registry, options.program),
      setups,
      examine: examination({ options, settings, vault, opening, accounts, check, setups, door: () => door }),
      journal,
      openVault: (given, passphrase) => vault.open(given, passphrase),
      settings,
    },
    log,
  );
  if (options.http && settings.current.http) {
    door = await openDoor({ port: options.port, settings, tokens, sessions, stopping: signal, log });
    if (door) {
      starting.use(door);
      starting.use(dismissRevoked(tokens, door, sessions));
      statusChanged.announce();
    }
  }
  guests.admit({
    client: (client) =>
      void serveStdio(client, { sessions, log }).catch((error: unknown) => log.error('stdio.fault', error)),
    control: (caller) => controls.attach(caller.port),
  });
  starting.use(controls);
  starting.defer(() => stopping.abort());
  const wake = waking(http, oauth, pauseEnd);
  starting.use(starting.use(options.network ?? new NetworkWatch()).changed.on(wake));
  const running = starting.move();
  return {
    control: controls.client,
    socket: listener.socket,
    url: door?.url ?? null,
    wake,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function waking(http: WorkspaceHttp, oauth: OAuthAccounts, pauseEnd: PauseEnd): () => void {
  return () => {
    http.renew();
    oauth.grants.wake();
    void pauseEnd.look();
  };
}

interface Stores {
  readonly settings: SettingsStore;
  readonly pauseEnd: PauseEnd;
  readonly registry: AccountRegistry;
  readonly tokens: ClientTokens;
  readonly journal: Journal;
}

/** Everything kept on disk except the vault. */
async function openStores(
  { paths, log }: BridgeOptions,
  redactor: Redactor,
  starting: AsyncDisposableStack,
): Promise<Stores> {
  const now = (): Date => new Date();
  const settings = await SettingsStore.open(paths.settings, log);
  const pauseEnd = starting.use(new PauseEnd({ settings, log }));
  await pauseEnd.look();
  const registry = await AccountRegistry.open(paths.accounts, log);
  const learn = (secret: string): void => redactor.learn(secret);
  const tokens = starting.use(await ClientTokens.open({ path: paths.clients, log, now, learn }));
  const journal = starting.use(
    Journal.open({
      path: paths.activity,
      log,
      now,
      days: () => settings.current.activityDays,
      keepBodies: () => settings.current.activityBodies,
      redact: (text) => redactor.clean(text),
    }),
  );
  return { settings, pauseEnd, registry, tokens, journal };
}

function vaultOf({ vault: kind, paths, passphrase, keychain, log }: BridgeOptions): Vault {
  return openVault({ kind, folder: paths.vault, passphrase, keychain, log });
}

/** A keychain that is locked or missing does not keep Gangway from starting; it says so and tries again by itself. */
async function openQuietly(vault: Vault, log: Log, signal: AbortSignal): Promise<void> {
  try {
    await vault.open(signal);
  } catch (error) {
    if (error instanceof BridgeError) log.warn('vault.not-ready', { state: vault.state, code: error.code });
    else if (!signal.aborted) log.error('vault.fault', error);
  }
}

interface FollowingParts {
  readonly registry: AccountRegistry;
  readonly authorizer: Authorizer;
  readonly vault: Pick<Vault, 'changed'>;
  readonly settings: Pick<SettingsStore, 'changed'>;
  readonly sessions: LiveSessions;
  readonly health: AccountHealth;
  readonly gate: Gate;
  readonly eras: Eras;
}

/** What changes of the stores mean for sessions and clients. */
export function followChanges(parts: FollowingParts): Disposable {
  const { authorizer, vault, settings, sessions, health, eras } = parts;
  const following = new DisposableStack();
  following.use(followAccounts(parts));
  following.use(
    authorizer.stored.on((account) => {
      // What the workspace said to the old key does not count for the new one, nor do its sessions.
      health.forget(account);
      eras.forget(account);
      sessions.follow();
    }),
  );
  following.use(vault.changed.on((state) => state === 'ready' && sessions.listsChanged()));
  following.use(
    settings.changed.on(({ before, after }) => {
      // What was refused while everything was paused can be read now.
      const isResumed = before.paused && !after.paused;
      if (isResumed || before.readOnly !== after.readOnly) sessions.listsChanged();
    }),
  );
  return following;
}

/** What a change of the list of accounts means for everybody else. */
function followAccounts({ registry, sessions, health, gate, eras }: FollowingParts): Disposable {
  return registry.changed.on(({ before, after }) => {
    const kept = new Map<AccountId, (typeof after.accounts)[number]>(
      after.accounts.map((account) => [account.id, account]),
    );
    for (const account of before.accounts) {
      const now = kept.get(account.id);
      if (!now) {
        gate.forget(account.id);
        health.forget(account.id);
        eras.forget(account.id);
        continue;
      }
      // Checked anew or given a new key: what the workspace refused before does not count.
      const isFresh =
        now.state === 'ready' &&
        (account.state !== 'ready' || now.identity?.checkedAt !== account.identity?.checkedAt);
      if (isFresh) health.forget(account.id);
      const hasOtherRules = JSON.stringify(now.rules) !== JSON.stringify(account.rules);
      if (hasOtherRules || now.state !== account.state) sessions.listsChangedOf(now);
    }
    sessions.follow();
  });
}
