import type { Log } from '../base/log.ts';
import { LONGEST_TIMER_MS } from '../base/tasks.ts';
import type { Account, AccountGrant, AccountId, SignInReason } from '../contract/account.ts';
import type { Grant } from './grant.ts';
import type { GrantStore } from './grant-store.ts';
import { type Clock, marginOf, type Pause, type Schedule } from './lifetime.ts';
import { type Refresh, type Renewed, renewGrant } from './renewal.ts';
import { Upkeep } from './upkeep.ts';

/** Between two looks at the clocks, and how far they may drift apart until the computer must have slept. */
const TICK_MS = 60_000;
const JUMP_MS = 30_000;

/**
 * Why a renewal starts: ahead of need, for a request that waits, or because the workspace refused the token - `ended`
 * when that was to be expected about then, else `refused`.
 */
export type Cause = 'ahead' | 'expired' | 'ended' | 'refused';

/** What a renewal may change of what the list of accounts says of a grant. */
export type GrantChange = Pick<AccountGrant, 'scope' | 'renewable'>;

export interface RenewalsParts {
  readonly store: GrantStore;
  readonly refresh: Refresh;
  readonly accounts: () => readonly Account[];
  /** A person must sign in; told once, and again only while the list of accounts says otherwise. */
  readonly signInNeeded: (account: AccountId, reason: SignInReason) => void;
  /** Tokens that came for a sign-in that is over by now. */
  readonly discard: (account: Account, grant: Grant) => Promise<void>;
  readonly onChange: () => void;
  readonly onGrantChanged: (account: AccountId, change: GrantChange) => void;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly instance: string;
  readonly deadBefore: number;
  readonly log: Log;
}

/** When access tokens are renewed and what follows from each outcome. One renewal at a time per account. */
export class Renewals implements Disposable {
  readonly #parts: RenewalsParts;
  readonly #upkeeps = new Map<AccountId, Upkeep>();
  readonly #stopping = new AbortController();
  #tick: Disposable | undefined;
  #isStopped = false;

  constructor(parts: RenewalsParts) {
    this.#parts = parts;
  }

  /** The account as it is in the list now; undefined for trials and removed ones. */
  listed(id: AccountId): Account | undefined {
    return this.#parts.accounts().find((account) => account.id === id);
  }

  of(id: AccountId): Upkeep {
    const known = this.#upkeeps.get(id);
    if (known) return known;
    const upkeep = new Upkeep(this.#parts.clock, this.#parts.random);
    this.#upkeeps.set(id, upkeep);
    return upkeep;
  }

  known(id: AccountId): Upkeep | undefined {
    return this.#upkeeps.get(id);
  }

  /** Forgets an account that was removed, once nothing is under way for it. */
  forget(id: AccountId): void {
    if (!this.#upkeeps.get(id)?.underWay) this.#upkeeps.delete(id);
  }

  /**
   * Joins the renewal under way or starts one, unless the account is gone or everything stops. Resolves when it is over,
   * however it went.
   */
  async renew(account: Account, cause: Cause): Promise<void> {
    const { id } = account;
    const underWay = this.#upkeeps.get(id)?.underWay;
    if (underWay !== undefined) return underWay;
    if (this.#isStopped || !this.listed(id)) return;
    const upkeep = this.of(id);
    upkeep.underWay = this.#run(account, upkeep, cause).finally(() => {
      upkeep.underWay = undefined;
      if (!this.listed(id)) this.forget(id);
    });
    return upkeep.underWay;
  }

  /** Renews ahead of need when it is time, else sets a timer for that. */
  async look(id: AccountId): Promise<void> {
    const account = this.listed(id);
    const upkeep = this.#upkeeps.get(id);
    if (this.#isStopped || !account || !upkeep || upkeep.over || upkeep.underWay || !upkeep.isInDemand)
      return;
    const credential = await this.#parts.store.held(id).catch(() => undefined);
    const grant = credential?.grant;
    if (!grant || account.state !== 'ready') return;
    const phase = upkeep.phaseOf(grant);
    if (!grant.refreshToken) {
      if (phase === 'expired') this.needSignIn(id, upkeep, 'not-renewable');
      else this.plan(id, upkeep, grant);
      return;
    }
    const isTime =
      phase === 'expired' || phase === 'due' || (grant.renewal !== undefined && !upkeep.underWay);
    if (isTime && upkeep.restMs(grant) === 0) await this.renew(account, 'ahead');
    else this.plan(id, upkeep, grant);
  }

  /** One timer per account for the next look; none for an account that nobody used for a day. */
  plan(id: AccountId, upkeep: Upkeep, grant: Grant): void {
    upkeep.timer?.[Symbol.dispose]();
    upkeep.timer = undefined;
    if (this.#isStopped || upkeep.over || !upkeep.isInDemand) return;
    const left = upkeep.leftOf(grant);
    if (left === undefined && !grant.renewal) return;
    const ahead = grant.renewal ? 0 : (left ?? 0) - (grant.refreshToken ? marginOf(grant) : 0);
    const wait = Math.max(ahead, grant.refreshToken ? upkeep.restMs(grant) : 0, 0);
    const timer = this.#parts.schedule(Math.min(Math.ceil(wait), LONGEST_TIMER_MS), () => {
      if (upkeep.timer === timer) upkeep.timer = undefined;
      void this.look(id);
    });
    upkeep.timer = timer;
    this.#tick ??= this.#watchClocks();
  }

  /** Looks at all accounts at once: after sleep, or when the network came back. */
  wake(): void {
    for (const [id, upkeep] of this.#upkeeps) {
      upkeep.woke();
      void this.look(id);
    }
  }

  needSignIn(id: AccountId, upkeep: Upkeep, reason: SignInReason): void {
    const now = this.#parts.clock.monotonic();
    const isTold = upkeep.over === reason;
    upkeep.over = reason;
    upkeep.timer?.[Symbol.dispose]();
    upkeep.timer = undefined;
    // Whoever is told changes the list a moment later, and may fail to.
    const isKnown = this.listed(id)?.state !== 'ready' || now - upkeep.toldAt < TICK_MS;
    if (isTold && isKnown) return;
    upkeep.toldAt = now;
    this.#parts.log.warn('grants.sign-in-needed', { account: id, reason });
    this.#parts.signInNeeded(id, reason);
    this.#parts.onChange();
  }

  /** Renewals under way. */
  get running(): Promise<void>[] {
    return [...this.#upkeeps.values()].flatMap(({ underWay }) => underWay ?? []);
  }

  /** No timer fires and no renewal starts from now on; those under way go on until `dispose`. */
  stop(): void {
    this.#isStopped = true;
    this.#tick?.[Symbol.dispose]();
    for (const upkeep of this.#upkeeps.values()) {
      upkeep.timer?.[Symbol.dispose]();
      upkeep.timer = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
    this.stop();
  }

  async #run(account: Account, upkeep: Upkeep, cause: Cause): Promise<void> {
    const { id } = account;
    const { epoch } = upkeep;
    const isWanted = (): boolean => upkeep.epoch === epoch && this.listed(id) !== undefined;
    const task = { account, isUrgent: cause !== 'ahead', isWanted, signal: this.#stopping.signal };
    upkeep.began();
    try {
      const before = (await this.#parts.store.held(id))?.grant;
      const renewed = await renewGrant(task, this.#parts);
      if (renewed.kind === 'gone' && renewed.discarded) await this.#parts.discard(account, renewed.discarded);
      if (isWanted()) this.#settle(account, upkeep, cause, before, renewed);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#parts.log.error('grants.fault', error, { account: id });
    }
    this.#parts.onChange();
    const grant = isWanted() ? (await this.#parts.store.held(id).catch(() => undefined))?.grant : undefined;
    if (grant) this.plan(id, upkeep, grant);
  }

  #settle(account: Account, upkeep: Upkeep, cause: Cause, before: Grant | undefined, renewed: Renewed): void {
    const { id } = account;
    // A token the workspace refused is no reason to wait, whatever the clock says.
    const isRefused = cause === 'ended' || cause === 'refused';
    const isUsable = !isRefused && before !== undefined && upkeep.phaseOf(before) !== 'expired';
    switch (renewed.kind) {
      case 'renewed':
        upkeep.renewed(renewed.grant);
        if (isRefused) {
          upkeep.unproven = { generation: renewed.grant.generation, isSecond: cause === 'refused' };
        }
        if (before) this.#compare(id, before, renewed.grant);
        this.#parts.log.info('grants.renewed', {
          account: id,
          generation: renewed.grant.generation,
          savedMs: renewed.savedMs,
        });
        return;
      case 'newer':
        upkeep.eased();
        if (before) this.#compare(id, before, renewed.grant);
        return;
      case 'spent':
        if (isUsable) upkeep.postpone(before);
        else this.needSignIn(id, upkeep, 'interrupted');
        return;
      case 'no-refresh-token':
        if (!isUsable) this.needSignIn(id, upkeep, cause === 'refused' ? 'refused' : 'not-renewable');
        return;
      case 'failed':
        this.#settleFailure(id, upkeep, isUsable ? before : undefined, renewed);
        return;
      case 'gone':
      case 'not-now':
        return;
      default:
        renewed satisfies never;
    }
  }

  #compare(id: AccountId, before: Grant, after: Grant): void {
    const renewable = after.refreshToken !== undefined;
    if (before.scope === after.scope && (before.refreshToken !== undefined) === renewable) return;
    const { scope = after.requestedScope } = after;
    this.#parts.onGrantChanged(id, { ...(scope === undefined ? {} : { scope }), renewable });
  }

  /** @param usable the grant whose access token still serves, if it does. */
  #settleFailure(
    id: AccountId,
    upkeep: Upkeep,
    usable: Grant | undefined,
    { trouble, doubtful }: Extract<Renewed, { kind: 'failed' }>,
  ): void {
    const { kind, facts } = trouble;
    this.#parts.log.warn('grants.not-renewed', { account: id, kind, status: facts.status, doubtful });
    switch (kind) {
      case 'grant-lost':
        if (doubtful) this.needSignIn(id, upkeep, 'interrupted');
        // Some servers refuse to renew early; the token they gave is good until its end.
        else if (usable) upkeep.postpone(usable);
        else this.needSignIn(id, upkeep, 'ended');
        return;
      case 'client-lost':
        if (usable) upkeep.postpone(usable);
        else this.needSignIn(id, upkeep, 'client-lost');
        return;
      case 'configuration':
      case 'denied':
        if (usable) upkeep.postpone(usable);
        else upkeep.failed(trouble);
        return;
      default:
        upkeep.failed(trouble);
    }
  }

  /** Timers do not run while the computer sleeps, so the clocks are compared once a minute. */
  #watchClocks(): Disposable {
    const { clock, schedule } = this.#parts;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    return schedule(TICK_MS, () => {
      if (this.#isStopped) return;
      const drift = clock.now() - wall - (clock.monotonic() - monotonic);
      this.#tick = this.#watchClocks();
      if (Math.abs(drift) > JUMP_MS) this.wake();
    });
  }
}
