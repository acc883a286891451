import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Paths } from '../base/paths.ts';
import { KeyedQueue } from '../base/tasks.ts';
import type {
  Bundle,
  ChangedClient,
  ChangePreview,
  ClientId,
  ClientView,
  ForeignEntry,
} from '../contract/clients.ts';
import type { AccountView, CheckedAccount, NewAccount, StdioCommand } from '../contract/control.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SessionView } from '../contract/session.ts';
import { effectOfRemoval } from './afterwards.ts';
import { makeBundle } from './bundle.ts';
import { Changes } from './changes.ts';
import { latestOf, leadsSomewhere } from './connection-state.ts';
import { type Connection, Connections } from './connections.ts';
import { Backups } from './files/backups.ts';
import { findForeign, shownEntry } from './foreign/foreign.ts';
import {
  carryOut,
  doorOf,
  type MigrationPlan,
  planMigration,
  type WantedMigration,
} from './foreign/migrating.ts';
import type { Recognise } from './foreign/migration.ts';
import type { FileClient, System } from './known/client.ts';
import { knownClient } from './known/table.ts';
import { type ConnectPlan, fileClient, planConnect, type Shown, type WantedConnection } from './planning.ts';
import { Plans } from './plans.ts';
import { planRemoval, type RemovalPlan } from './removal.ts';
import { Restoring } from './restoring.ts';
import { Sight } from './sight.ts';
import type { ClientTokens } from './tokens.ts';
import { viewsOf } from './views.ts';
import { Watching } from './watching.ts';

/** Something that says when it changed; every `Signal` is one. */
interface Announcer {
  on(listener: () => void): Disposable;
}

export interface ClientSetupsParts {
  readonly paths: Pick<Paths, 'connections' | 'backups' | 'bundles'>;
  readonly system: System;
  readonly tokens: Pick<ClientTokens, 'mint' | 'revoke' | 'idOf' | 'list'>;
  readonly accounts: () => readonly AccountView[];
  readonly sessions: () => readonly SessionView[];
  /** Whatever may change how a connection looks: sessions, accounts, tokens, the HTTP door. */
  readonly surroundingsChanged: readonly Announcer[];
  /** The command that leads to an address for a client. @throws BridgeError when there is none. */
  readonly stdioCommand: (address: string, client: ClientId) => StdioCommand;
  /** Where the HTTP door has an address. @throws BridgeError when it has none. */
  readonly endpointUrl: (address: string) => string;
  readonly addAccount: (account: NewAccount, signal: AbortSignal) => Promise<CheckedAccount>;
  /** What kind of workspace is behind an address. */
  readonly recognise: Recognise;
  /** The short name that an account of this label would get. */
  readonly slugFor: (label: string) => string;
  /** The shim as one file that any Node runs, for bundles; undefined when it was not built. */
  readonly bundledShim: string | undefined;
  /** The picture of a bundle, which can do without. */
  readonly bundleIcon?: string | undefined;
  readonly version: string;
  readonly now: () => Date;
  readonly log: Log;
}

type Plan = ConnectPlan | RemovalPlan | MigrationPlan;

/** What Gangway writes into the settings of the AI apps of this computer, and how that goes on. */
export class ClientSetups implements AsyncDisposable {
  readonly changed = new Signal<void>();
  readonly #parts: ClientSetupsParts;
  readonly #connections: Connections;
  readonly #backups: Backups;
  readonly #sight: Sight;
  readonly #changes: Changes;
  readonly #restoring: Restoring;
  readonly #plans: Plans<Plan>;
  readonly #watching: Watching;
  readonly #following = new DisposableStack();
  readonly #queue = new KeyedQueue<'change' | 'look'>();
  #views: readonly ClientView[] = [];
  /** What the views were when it was last announced that they changed. */
  #announced = '';
  #isStale = true;
  #refreshing: NodeJS.Timeout | undefined;

  private constructor(parts: ClientSetupsParts, connections: Connections) {
    const { system, log, now } = parts;
    this.#parts = parts;
    this.#connections = connections;
    this.#backups = new Backups(parts.paths.backups, now);
    const inner = { ...parts, connections, backups: this.#backups };
    this.#sight = new Sight({ system, connections, backups: this.#backups, log });
    this.#changes = new Changes(inner);
    this.#restoring = new Restoring({ ...inner, changes: this.#changes });
    this.#plans = new Plans(now);
    this.#watching = new Watching(() => this.#lookQuietly());
    for (const announcer of parts.surroundingsChanged) this.#following.use(announcer.on(() => this.#later()));
  }

  /** @throws BridgeError `newer-file`, `storage`. */
  static async open(parts: ClientSetupsParts): Promise<ClientSetups> {
    const setups = new ClientSetups(parts, await Connections.open(parts.paths.connections, parts.log));
    await setups.look();
    return setups;
  }

  /** As last seen; every known client is in it. */
  list(): readonly ClientView[] {
    if (this.#isStale) this.#refresh();
    return this.#views;
  }

  /** Looks anew. */
  async look(): Promise<ClientView[]> {
    await this.#queue.run('look', () => this.#sight.look());
    this.#announce();
    return [...this.list()];
  }

  /** @throws BridgeError; the message says why the file cannot be changed. */
  async preview(wanted: WantedConnection): Promise<ChangePreview> {
    return this.#shown(await planConnect(wanted, this.#inner));
  }

  /** @throws BridgeError `conflict` when nothing of ours is there, or the file cannot be changed. */
  async previewRemoval(of: {
    readonly client: ClientId;
    readonly address?: string | undefined;
  }): Promise<ChangePreview> {
    return this.#shown(await planRemoval(fileClient(of.client), this.#connectionOf(of), this.#inner));
  }

  /** Makes a change that was shown. @throws BridgeError `conflict` when it is not as shown any more. */
  async write(token: string, signal: AbortSignal): Promise<ChangedClient> {
    const plan = this.#plans.use(token);
    return this.#change(plan.client.id, async () => {
      switch (plan.kind) {
        case 'connect':
          return [...(await this.#changes.connect(plan)), plan.client.effect];
        case 'disconnect':
          return [
            ...(await this.#changes.disconnect(plan)),
            ...(plan.change.how === 'nothing' ? [] : [effectOfRemoval(plan.client)]),
          ];
        case 'migrate':
          return [...(await carryOut(plan, this.#changes, this.#inner, signal)), plan.client.effect];
        default:
          return plan satisfies never;
      }
    });
  }

  /** @throws BridgeError `conflict` when somebody else changed the file and no backup is named. */
  async restore({
    client,
    backup,
  }: {
    readonly client: ClientId;
    readonly backup?: string | undefined;
  }): Promise<ChangedClient> {
    return this.#change(client, () =>
      backup === undefined ? this.#restoring.before(client) : this.#restoring.backup(client, backup),
    );
  }

  /** Never rejects for one client's file: what cannot be put back is said. */
  async restoreAll(): Promise<{ client: ClientId; restored: boolean; text: string }[]> {
    try {
      return await this.#queue.run('change', () => this.#restoring.all());
    } finally {
      await this.#lookAfterChange();
    }
  }

  /** @throws BridgeError `conflict` when the entry is as it was written. */
  async leave(of: { readonly client: ClientId; readonly address: string }): Promise<ChangedClient> {
    return this.#change(of.client, async () => {
      const connection = this.#connectionOf(of);
      await this.#queue.run('look', () => this.#sight.lookAtOwn());
      const { kind } = this.#sight.entry(connection);
      const { name } = knownClient(of.client);
      if (kind === 'same' || kind === 'unreadable') {
        throw new BridgeError(
          'conflict',
          `Nobody changed the entry ${connection.entry}. Disconnect ${name} instead.`,
        );
      }
      // A changed entry may go on being used, and its key with it.
      const said = [`The settings of ${name} stay as they are; Gangway forgot its entry.`];
      if (kind !== 'changed' && kind !== 'off')
        return [...said, ...(await this.#changes.forget([connection]))];
      await this.#changes.letGo(connection);
      return said;
    });
  }

  /** Opens the settings files of the clients that are there. */
  async foreign(): Promise<{
    entries: ForeignEntry[];
    unread: { client: ClientId; path: string; text: string }[];
  }> {
    const { system, accounts } = this.#parts;
    const { entries, unread } = await findForeign(
      this.#foundClients(),
      system,
      accounts(),
      doorOf(this.#parts),
    );
    return { entries: entries.map(shownEntry), unread: [...unread] };
  }

  /** @throws BridgeError `conflict` when the entry is not as it was found; `invalid-input` when it lacks something. */
  async previewMigration(of: WantedMigration): Promise<ChangePreview> {
    return this.#shown(await planMigration(of, this.#foundClients(), this.#inner));
  }

  /** @throws BridgeError `account-unknown`, `conflict`, `storage`. */
  async bundle(address: string): Promise<Bundle> {
    const { paths, bundledShim, bundleIcon, version, accounts } = this.#parts;
    if (!leadsSomewhere(address, accounts())) {
      throw new BridgeError('account-unknown', `Nothing in Gangway is called ${address.slice(0, 63)}.`);
    }
    const title = accounts().find(({ slug }) => slug === address)?.label;
    return makeBundle({
      folder: paths.bundles,
      address,
      title,
      shim: bundledShim,
      icon: bundleIcon,
      version,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following.dispose();
    clearTimeout(this.#refreshing);
    await this.#watching[Symbol.asyncDispose]();
    await this.#queue.run('change', async () => undefined);
    await this.#connections[Symbol.asyncDispose]();
  }

  get #inner() {
    return { ...this.#parts, connections: this.#connections, backups: this.#backups };
  }

  #shown({ plan, shown }: { plan: Plan; shown: Shown }): ChangePreview {
    return { token: this.#plans.keep(plan), ...shown };
  }

  #foundClients(): FileClient[] {
    return this.#sight.detected.flatMap(({ client, found }) =>
      found && client.way === 'file' ? [client] : [],
    );
  }

  /** @throws BridgeError `conflict` when there is none. */
  #connectionOf({ client, address }: { client: ClientId; address?: string | undefined }): Connection {
    const found =
      address === undefined ? this.#connections.of(client)[0] : this.#connections.find(client, address);
    if (found) return found;
    const where = address === undefined ? '' : ` for ${address.slice(0, 63)}`;
    throw new BridgeError(
      'conflict',
      `Gangway has no entry${where} in the settings of ${knownClient(client).name}.`,
    );
  }

  /** One change at a time; whatever came of it, the files are looked at afterwards, and once more a while later. */
  async #change(id: ClientId, task: () => Promise<string[]>): Promise<ChangedClient> {
    let said: string[];
    try {
      said = await this.#queue.run('change', task);
    } finally {
      await this.#lookAfterChange();
    }
    const client = this.list().find((view) => view.id === id);
    if (!client) throw new TypeError('a client that is not in the table');
    return { client, said };
  }

  async #lookAfterChange(): Promise<void> {
    await this.#lookQuietly(() => this.#sight.look());
    this.#watching.soon();
  }

  async #lookQuietly(look = () => this.#sight.lookAtOwn()): Promise<void> {
    try {
      await this.#queue.run('look', look);
    } catch (error) {
      this.#parts.log.error('clients.look', error);
    }
    this.#announce();
  }

  /** Sessions change with every request, so several changes become one. */
  #later(): void {
    // A client that only tries an entry may be gone again a moment later.
    if (this.#connections.all.some(({ seen }) => seen === null)) this.#noteHandshakes();
    this.#isStale = true;
    this.#refreshing ??= setTimeout(() => {
      this.#refreshing = undefined;
      this.#announce();
    }, limits.watchMs).unref();
  }

  #announce(): void {
    this.#refresh();
    const now = JSON.stringify(this.#views);
    if (now === this.#announced) return;
    this.#announced = now;
    this.changed.announce();
  }

  #refresh(): void {
    this.#noteHandshakes();
    this.#views = viewsOf({
      ...this.#parts,
      sight: this.#sight,
      connections: this.#connections,
      canBundle: this.#parts.bundledShim !== undefined,
    });
    this.#isStale = false;
  }
  #noteHandshakes(): void {
    const sessions = this.#parts.sessions();
    for (const connection of this.#connections.all) {
      const { name } = knownClient(connection.client);
      const latest = latestOf(sessions, connection, name);
      if (!latest || latest.since <= (connection.seen?.at ?? '')) continue;
      this.#connections.saw(connection, { at: latest.since, program: latest.program });
    }
  }
}
