import { Signal } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Account } from '../contract/account.ts';
import type { NewActivity } from '../contract/activity.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SessionView } from '../contract/session.ts';
import type { Caller } from '../relay/channel.ts';
import type { Route } from '../relay/parts.ts';
import { RelaySession } from '../relay/session.ts';
import { connect } from '../upstream/connect.ts';
import type { WorkspaceHttp } from '../upstream/http.ts';
import { activityOf } from './activity-entry.ts';
import { type AccountList, bind, identityOf, type Reach, reachOf } from './binding.ts';
import type { Address, DoorSession, Sessions } from './door.ts';
import { type Gate, visibleTools } from './gate.ts';
import type { AccountHealth } from './health.ts';
import { type WorkspacesParts, workspaceOf } from './workspaces.ts';

export interface LiveSessionsParts extends WorkspacesParts {
  accounts(): AccountList;
  readonly gate: Gate;
  readonly health: AccountHealth;
  readonly http: WorkspaceHttp;
  /** Keeps one finished request. */
  record(entry: NewActivity): void;
  /** Also keep arguments and results. */
  keepsBodies(): boolean;
  readonly version: string;
  readonly log: Log;
}

type Bound = Extract<Route, { kind: 'bound' }>;

interface Live {
  readonly caller: Caller;
  readonly address: Address;
  readonly reach: Reach;
  readonly relay: RelaySession;
  identity: string | undefined;
}

/**
 * All live conversations. Each asks anew, for every request, which account its address leads to; a switch only moves
 * that pointer and tells the sessions that follow it.
 */
export class LiveSessions implements Sessions, AsyncDisposable {
  readonly changed = new Signal<void>();
  readonly #parts: LiveSessionsParts;
  readonly #live = new Map<string, Live>();
  #closing = false;

  constructor(parts: LiveSessionsParts) {
    this.#parts = parts;
  }

  open(caller: Caller, address: Address): DoorSession {
    if (this.#closing) throw new BridgeError('stopping', 'Gangway is stopping. Start it again.');
    const reach = reachOf(address.text);
    if (reach.kind === 'pinned' && !this.#parts.accounts().accounts.some(({ slug }) => slug === reach.slug)) {
      const message = `Nothing in Gangway is called ${address.text.slice(0, 63)}. Run "gangway accounts" for the names.`;
      throw new BridgeError('account-unknown', message);
    }
    const relay: RelaySession = new RelaySession({
      caller,
      follows: reach.kind !== 'pinned',
      bridgeVersion: this.#parts.version,
      route: () => this.#route(reach),
      connect: (workspace) => connect(workspace, this.#parts.http),
      gate: (request, account) => this.#parts.gate.refusal(request, account),
      visibleTools: (account) => visibleTools(account),
      sawTools: (account, tools) => this.#parts.gate.sawTools(account, tools),
      record: (call) =>
        this.#parts.record(
          activityOf(call, {
            caller,
            program: relay.greeting?.program ?? null,
            bodies: this.#parts.keepsBodies(),
          }),
        ),
      log: this.#parts.log,
    });
    const live: Live = { caller, address, reach, relay, identity: this.#identity(reach) };
    this.#live.set(relay.id, live);
    this.changed.announce();
    return this.#doorSession(live);
  }

  find(id: string, caller: Caller, address: Address): DoorSession | undefined {
    const live = this.#live.get(id);
    if (!live || live.caller.id !== caller.id || live.address.text !== address.text) return undefined;
    return this.#doorSession(live);
  }

  #doorSession(live: Live): DoorSession {
    const { relay } = live;
    return {
      id: relay.id,
      get greeted() {
        return relay.greeting !== undefined;
      },
      receive: async (message, reply) => {
        await relay.receive(message, reply);
        if (message.kind === 'request') this.changed.announce();
      },
      attach: (outlet, lastEventId) => relay.attach(outlet, lastEventId),
      detach: (outlet) => relay.detach(outlet),
      close: () => this.#close(live),
    };
  }

  /** What user interfaces show. */
  list(): SessionView[] {
    return [...this.#live.values()].map(({ caller, address, reach, relay }) => {
      const binding = bind(reach, this.#parts.accounts());
      return {
        id: relay.id,
        client: caller.label,
        program: relay.greeting?.program ?? null,
        door: caller.door,
        address: address.text,
        account: binding.kind === 'bound' ? binding.account.id : null,
        protocolVersion: relay.version ?? null,
        since: relay.since.toISOString(),
        calls: relay.calls,
      };
    });
  }

  /**
   * Opens what the sessions would need if the accounts were `next`, without switching anything.
   * @returns the sessions that would change their account, and those that are pinned elsewhere.
   * @throws BridgeError when an account cannot be used; whatever was opened is closed again.
   */
  async warm(next: AccountList): Promise<{ following: string[]; notAffected: string[] }> {
    const moving: { relay: RelaySession; route: Bound }[] = [];
    const following: string[] = [];
    const notAffected: string[] = [];
    for (const live of this.#live.values()) {
      const binding = bind(live.reach, next);
      const name = `${live.relay.greeting?.program ?? live.caller.label} (${live.address.text})`;
      const moves = binding.kind === 'bound' && identityOf(binding.account) !== live.identity;
      (moves ? following : notAffected).push(name);
      if (moves) moving.push({ relay: live.relay, route: this.#bound(binding.account) });
    }
    try {
      await Promise.all(moving.map(({ relay, route }) => relay.warm(route)));
    } catch (error) {
      for (const { relay } of moving) relay.settle();
      throw error;
    }
    return { following, notAffected };
  }

  /** The accounts changed: sessions whose account or user is another one now are told. */
  async rebind(): Promise<void> {
    const moved: RelaySession[] = [];
    for (const live of this.#live.values()) {
      const identity = this.#identity(live.reach);
      if (identity === live.identity) live.relay.settle();
      else moved.push(live.relay);
      live.identity = identity;
    }
    await Promise.all(moved.map((relay) => relay.switched()));
    this.changed.announce();
  }

  /** The lists of this account may look different now: its rules changed, or it can be used again. */
  async listsChangedOf(account: Account): Promise<void> {
    for (const { reach, relay } of this.#live.values()) {
      const binding = bind(reach, this.#parts.accounts());
      if (binding.kind === 'bound' && binding.account.id === account.id) await relay.listsChanged();
    }
  }

  /** The lists may be readable now that were not before. */
  async listsChanged(): Promise<void> {
    await Promise.all([...this.#live.values()].map(({ relay }) => relay.listsChanged()));
  }

  /** How many sessions send their requests to this account now. */
  countOn(account: Account): number {
    return this.list().filter((view) => view.account === account.id).length;
  }

  #identity(reach: Reach): string | undefined {
    const binding = bind(reach, this.#parts.accounts());
    return binding.kind === 'bound' ? identityOf(binding.account) : undefined;
  }

  #route(reach: Reach): Route {
    const binding = bind(reach, this.#parts.accounts());
    if (binding.kind === 'unbound') return binding;
    const obstacle = this.#parts.health.obstacle(binding.account, new Date());
    return obstacle ? { kind: 'unbound', error: obstacle } : this.#bound(binding.account);
  }

  #bound(account: Account): Bound {
    return { kind: 'bound', identity: identityOf(account), workspace: workspaceOf(account, this.#parts) };
  }

  async #close(live: Live): Promise<void> {
    if (!this.#live.delete(live.relay.id)) return;
    this.changed.announce();
    await live.relay.close();
  }

  /** Ends every conversation; running requests are answered that Gangway is stopping. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    const all = [...this.#live.values()];
    this.#live.clear();
    await Promise.all(all.map(({ relay }) => relay.close('Gangway is stopping. Start it again.')));
  }
}
