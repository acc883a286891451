import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Account } from '../contract/account.ts';
import type { NewActivity } from '../contract/activity.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SessionView } from '../contract/session.ts';
import type { Caller } from '../relay/channel.ts';
import { Conversation } from '../relay/conversation.ts';
import { RequestStates } from '../relay/modern/request-state.ts';
import { Steering } from '../relay/modern/steering.ts';
import { connectAnyEra } from '../upstream/any-era.ts';
import type { Eras } from '../upstream/eras.ts';
import type { WorkspaceHttp } from '../upstream/http.ts';
import { openWorkspace } from '../upstream/modern/open.ts';
import { activityOf } from './activity-entry.ts';
import { type AccountList, bind, type Reach, reachOf } from './binding.ts';
import type { Address, DoorSession, Sessions } from './door.ts';
import type { Gate } from './gate.ts';
import { restOf } from './idle.ts';
import { type Bound, Routes, type RoutesParts } from './routes.ts';

export interface LiveSessionsParts extends RoutesParts {
  readonly gate: Gate;
  readonly http: WorkspaceHttp;
  readonly eras: Eras;
  /** Keeps one finished request. */
  record(entry: NewActivity): void;
  /** Also keep arguments and results. */
  keepsBodies(): boolean;
  readonly version: string;
  readonly log: Log;
}

/** What a switch would mean for the conversations there are. */
export interface Warmed {
  /** Names of those that would change their account. */
  readonly following: string[];
  /** Names of those that are pinned elsewhere. */
  readonly notAffected: string[];
  /** Of those that follow: the ones in use that have no way open by which they could be told. */
  readonly mayNeedReload: string[];
  /** Something had to be opened, which proves that the account can be used. */
  readonly isProven: boolean;
}

interface Live {
  readonly caller: Caller;
  readonly address: Address;
  readonly reach: Reach;
  readonly relay: Conversation;
  /** Without a handshake, over HTTP: found by caller and address, not by an id. */
  readonly isStanding: boolean;
  identity: string | undefined;
  /** On the monotonic clock, in milliseconds. */
  lastUsedMs: number;
  /** Its workspace sessions were let go; its next request opens them again. */
  isAsleep: boolean;
  /** As its door sees it. */
  door?: DoorSession;
}

/**
 * All live conversations. Each asks anew, for every request, which account its address leads to; a switch only moves
 * that pointer and tells the sessions that follow it.
 */
export class LiveSessions implements Sessions, AsyncDisposable {
  readonly changed = new Signal<void>();
  readonly #parts: LiveSessionsParts;
  readonly #routes: Routes;
  readonly #live = new Map<string, Live>();
  readonly #tending: NodeJS.Timeout;
  readonly #states = new RequestStates();
  readonly #steering = new Steering();
  #closing = false;

  constructor(parts: LiveSessionsParts) {
    this.#parts = parts;
    this.#routes = new Routes(parts);
    this.#tending = setInterval(() => this.tend(performance.now()), limits.sessionTendMs).unref();
  }

  open(caller: Caller, address: Address): DoorSession {
    return this.#doorSession(this.#begin(caller, address, false));
  }

  standing(caller: Caller, address: Address): DoorSession {
    for (const live of this.#live.values()) {
      if (live.isStanding && belongs(live, caller, address)) return this.#doorSession(live);
    }
    return this.#doorSession(this.#begin(caller, address, true));
  }

  #begin(caller: Caller, address: Address, isStanding: boolean): Live {
    if (this.#closing) throw new BridgeError('stopping', 'Gangway is stopping. Start it again.');
    const reach = reachOf(address.text);
    if (reach.kind === 'pinned' && !this.#parts.accounts().accounts.some(({ slug }) => slug === reach.slug)) {
      const message = `Nothing in Gangway is called ${address.text.slice(0, 63)}. Run "gangway accounts" for the names.`;
      throw new BridgeError('account-unknown', message);
    }
    const { http, eras } = this.#parts;
    const relay: Conversation = new Conversation({
      caller,
      address: address.text,
      follows: reach.kind !== 'pinned',
      bridgeVersion: this.#parts.version,
      route: () => this.#routes.of(reach),
      routeTo: (matches) => this.#routes.back(reach, matches),
      connect: (workspace) => connectAnyEra(workspace, http, eras),
      openWorkspace: (workspace, signal) => openWorkspace(workspace, http, eras, signal),
      states: this.#states,
      steering: this.#steering,
      steeringKey: JSON.stringify([caller.door === 'http' ? caller.id : caller.label, address.text]),
      gate: (request, account) => this.#parts.gate.refusal(request, this.#asOfNow(account)),
      visibleTools: (account) => this.#parts.gate.visibleTools(account),
      sawTools: (account, tools) => this.#parts.gate.sawTools(account, tools),
      record: (call) =>
        this.#parts.record(
          activityOf(call, {
            caller,
            // Several programs may share one token, and each says in its requests which it is.
            program: call.program ?? relay.program,
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
      isStanding,
      identity: this.#routes.identity(reach),
      lastUsedMs: performance.now(),
      isAsleep: false,
    };
    if (!isStanding) this.#makeRoomFor(caller);
    this.#live.set(relay.id, live);
    this.changed.announce();
    return live;
  }

  find(id: string, caller: Caller, address: Address): DoorSession | undefined {
    const live = this.#live.get(id);
    if (!live || live.isStanding || !belongs(live, caller, address)) return undefined;
    return this.#doorSession(live);
  }

  #doorSession(live: Live): DoorSession {
    live.door ??= this.#newDoorSession(live);
    return live.door;
  }

  #newDoorSession(live: Live): DoorSession {
    const { relay } = live;
    return {
      id: relay.id,
      get greeted() {
        return relay.greeted;
      },
      receive: async (message, reply, headers) => {
        wake(live);
        await relay.receive(message, reply, headers);
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
    return [...this.#live.values()].filter(isVisible).map(({ caller, address, reach, relay }) => {
      const binding = bind(reach, this.#parts.accounts());
      return {
        id: relay.id,
        client: caller.label,
        program: relay.program,
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
   * @throws BridgeError when an account cannot be used; whatever was opened is closed again.
   */
  async warm(next: AccountList): Promise<Warmed> {
    const moving: { relay: Conversation; route: Bound }[] = [];
    const following: string[] = [];
    const notAffected: string[] = [];
    const unaware = new Set<string>();
    for (const live of this.#live.values()) {
      const { relay } = live;
      if (live.isAsleep || !isVisible(live)) continue;
      const binding = bind(live.reach, next);
      const name = `${relay.program ?? live.caller.label} (${live.address.text})`;
      const moves = binding.kind === 'bound' && this.#routes.identityOf(binding.account) !== live.identity;
      (moves ? following : notAffected).push(name);
      if (!moves) continue;
      moving.push({ relay, route: this.#routes.to(binding.account) });
      if (!relay.hears && relay.calls > 0) unaware.add(name);
    }
    // All of them, also when one has failed: what opens later than that must be let go too.
    const opened = await Promise.allSettled(moving.map(({ relay, route }) => relay.warm(route)));
    const failed = opened.find((one) => one.status === 'rejected');
    if (failed) {
      for (const { relay } of moving) {
        relay.settle();
        relay.decided();
      }
      throw failed.reason;
    }
    const isProven = opened.some((one) => one.status === 'fulfilled' && one.value);
    return { following, notAffected, mayNeedReload: [...unaware], isProven };
  }

  /** The accounts or a credential changed: sessions whose account, user or epoch is another one now are told. */
  follow(): void {
    for (const live of this.#live.values()) {
      const identity = this.#routes.identity(live.reach);
      const isMoved = identity !== live.identity;
      live.identity = identity;
      if (isMoved) live.relay.switched();
      else live.relay.settle();
    }
    this.changed.announce();
  }

  /** As `follow`, when a switch is decided: what was opened for it is let go where it is not used. */
  rebind(): void {
    this.follow();
    for (const { relay } of this.#live.values()) relay.decided();
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

  /** A client that forgets to end its conversations keeps a bounded number of them, and always its only standing one. */
  #makeRoomFor(caller: Caller): void {
    if (caller.door === 'stdio') return;
    const others = [...this.#live.values()].filter(
      (live) => live.caller.id === caller.id && !live.isStanding,
    );
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

function belongs({ caller, address }: Live, to: Caller, at: Address): boolean {
  return caller.id === to.id && address.text === at.text;
}

/** A client of both eras that only asked which one to speak has its conversation elsewhere. */
function isVisible({ isStanding, relay }: Live): boolean {
  return !isStanding || relay.calls > 0 || relay.hears;
}
