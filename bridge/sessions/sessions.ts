import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
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
import type { Gate } from './gate.ts';
import type { AccountHealth } from './health.ts';
import { restOf } from './idle.ts';
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
  /** On the monotonic clock, in milliseconds. */
  lastUsedMs: number;
  /** Its workspace sessions were let go; its next request opens them again. */
  isAsleep: boolean;
}

/**
 * All live conversations. Each asks anew, for every request, which account its address leads to; a switch only moves
 * that pointer and tells the sessions that follow it.
 */
export class LiveSessions implements Sessions, AsyncDisposable {
  readonly changed = new Signal<void>();
  readonly #parts: LiveSessionsParts;
  readonly #live = new Map<string, Live>();
  readonly #tending: NodeJS.Timeout;
  #closing = false;

  constructor(parts: LiveSessionsParts) {
    this.#parts = parts;
    this.#tending = setInterval(() => this.tend(performance.now()), limits.sessionTendMs).unref();
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
      gate: (request, account) => this.#parts.gate.refusal(request, this.#asOfNow(account)),
      visibleTools: (account) => this.#parts.gate.visibleTools(account),
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
    const live: Live = {
      caller,
      address,
      reach,
      relay,
      identity: this.#identity(reach),
      lastUsedMs: performance.now(),
      isAsleep: false,
    };
    this.#makeRoomFor(caller);
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
        wake(live);
        await relay.receive(message, reply);
        wake(live);
        if (message.kind === 'request') this.changed.announce();
      },
      attach: (outlet, lastEventId) => {
        wake(live);
        return relay.attach(outlet, lastEventId);
      },
      // Silence counts from the end of a stream, which may have been open for days.
      detach: (outlet) => {
        wake(live);
        relay.detach(outlet);
      },
      close: () => this.#close(live),
    };
  }

  /** A request stays with the account it was bound to, but the rules are those of now. */
  #asOfNow(bound: Account): Account {
    return this.#parts.accounts().accounts.find(({ id }) => id === bound.id) ?? bound;
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
   * @returns the sessions that would change their account, those that are pinned elsewhere, and whether anything had
   * to be opened, which proves that the account can be used.
   * @throws BridgeError when an account cannot be used; whatever was opened is closed again.
   */
  async warm(next: AccountList): Promise<{ following: string[]; notAffected: string[]; isProven: boolean }> {
    const moving: { relay: RelaySession; route: Bound }[] = [];
    const following: string[] = [];
    const notAffected: string[] = [];
    for (const live of this.#live.values()) {
      if (live.isAsleep) continue;
      const binding = bind(live.reach, next);
      const name = `${live.relay.greeting?.program ?? live.caller.label} (${live.address.text})`;
      const moves = binding.kind === 'bound' && this.#identityOf(binding.account) !== live.identity;
      (moves ? following : notAffected).push(name);
      if (moves) moving.push({ relay: live.relay, route: this.#bound(binding.account) });
    }
    // All of them, also when one has failed: what opens later than that must be let go too.
    const opened = await Promise.allSettled(moving.map(({ relay, route }) => relay.warm(route)));
    const failed = opened.find((one) => one.status === 'rejected');
    if (failed) {
      for (const { relay } of moving) relay.settle();
      throw failed.reason;
    }
    const isProven = opened.some((one) => one.status === 'fulfilled' && one.value);
    return { following, notAffected, isProven };
  }

  /** The accounts or a credential changed: sessions whose account, user or epoch is another one now are told. */
  rebind(): void {
    for (const live of this.#live.values()) {
      const identity = this.#identity(live.reach);
      const isMoved = identity !== live.identity;
      live.identity = identity;
      if (isMoved) live.relay.switched();
      else live.relay.settle();
    }
    this.changed.announce();
  }

  /** The lists of this account may look different now: its rules changed, or it can be used again. */
  listsChangedOf(account: Account): void {
    for (const { reach, relay } of this.#live.values()) {
      const binding = bind(reach, this.#parts.accounts());
      if (binding.kind === 'bound' && binding.account.id === account.id) relay.listsChanged();
    }
  }

  /** The lists may be readable now that were not before. */
  listsChanged(): void {
    for (const { relay } of this.#live.values()) relay.listsChanged();
  }

  /** How many sessions send their requests to this account now. */
  countOn(account: Account): number {
    return this.list().filter((view) => view.account === account.id).length;
  }

  #identity(reach: Reach): string | undefined {
    const binding = bind(reach, this.#parts.accounts());
    if (binding.kind !== 'bound' || isSignedOut(binding.account)) return undefined;
    return this.#identityOf(binding.account);
  }

  #route(reach: Reach): Route {
    const binding = bind(reach, this.#parts.accounts());
    if (binding.kind === 'unbound') return { ...binding, identity: undefined };
    const bound = this.#bound(binding.account);
    const obstacle = this.#parts.health.obstacle(binding.account, new Date());
    if (!obstacle) return bound;
    const identity = isSignedOut(binding.account) ? undefined : bound.identity;
    return { kind: 'unbound', error: obstacle, identity };
  }

  #bound(account: Account): Bound {
    return {
      kind: 'bound',
      identity: this.#identityOf(account),
      workspace: workspaceOf(account, this.#parts),
    };
  }

  #identityOf(account: Account): string {
    return identityOf(account, this.#parts.epochs.of(account.id));
  }

  /** Lets go of what quiet HTTP clients left behind. `nowMs` is on the monotonic clock. */
  tend(nowMs: number): void {
    for (const live of this.#live.values()) {
      const { door } = live.caller;
      const rest = restOf({ door, isBusy: live.relay.isBusy, quietMs: nowMs - live.lastUsedMs });
      if (rest === 'over') this.#end(live);
      else if (rest === 'asleep' && !live.isAsleep) {
        live.isAsleep = true;
        live.relay
          .sleep()
          .catch((error: unknown) => this.#parts.log.error('session not put to sleep', error));
      }
    }
  }

  /** A client that forgets to end its conversations keeps a bounded number of them. */
  #makeRoomFor(caller: Caller): void {
    if (caller.door === 'stdio') return;
    const others = [...this.#live.values()].filter(({ caller: other }) => other.id === caller.id);
    if (others.length < limits.sessionsPerClient) return;
    const quiet = others.filter(({ relay }) => !relay.isBusy).sort((a, b) => a.lastUsedMs - b.lastUsedMs);
    const [quietest] = quiet;
    if (quietest) this.#end(quietest);
  }

  #end(live: Live): void {
    this.#close(live).catch((error: unknown) => this.#parts.log.error('session not closed', error));
  }

  /** A client whose token was revoked can never come back for its conversations. */
  dismiss(caller: string): void {
    for (const live of this.#live.values()) {
      if (live.caller.id === caller) this.#end(live);
    }
  }

  async #close(live: Live): Promise<void> {
    if (!this.#live.delete(live.relay.id)) return;
    this.changed.announce();
    await live.relay.close();
  }

  /** Ends every conversation; running requests are answered that Gangway is stopping. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    clearInterval(this.#tending);
    const all = [...this.#live.values()];
    this.#live.clear();
    await Promise.all(all.map(({ relay }) => relay.close('Gangway is stopping. Start it again.')));
  }
}

function wake(live: Live): void {
  live.lastUsedMs = performance.now();
  live.isAsleep = false;
}

/** By a person's own wish, so nothing that was opened before goes on. */
function isSignedOut({ state, signInReason }: Account): boolean {
  return state === 'sign-in-needed' && signInReason === 'signed-out';
}
