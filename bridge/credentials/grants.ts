import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { pause as realPause } from '../base/tasks.ts';
import type { Account, AccountId, SignInReason } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import type { Authorizer } from './authorizer.ts';
import { withGrant, withRevocations } from './credential.ts';
import { fingerprint } from './fingerprint.ts';
import { type Grant, isSameClient, type Revocation } from './grant.ts';
import { GrantStore } from './grant-store.ts';
import { atMost, type Clock, type Pause, type Schedule, systemClock, timers } from './lifetime.ts';
import type { Refresh } from './renewal.ts';
import { type Cause, type GrantChange, Renewals } from './renewals.ts';
import { Revocations, type Revoke, revocationsOf } from './revocations.ts';
import { missingScope, widened } from './scopes.ts';
import { SignOuts } from './sign-outs.ts';
import { notRenewed, type Standing, signInError, type Upkeep, waitedTooLong } from './upkeep.ts';

/** A renewal that was under way already may have had less at stake, so one of our own may follow it. */
const ROUNDS = 2;
export interface GrantsParts {
  readonly authorizer: Pick<Authorizer, 'credential' | 'reload' | 'renew' | 'keep' | 'forget' | 'stored'>;
  readonly refresh: Refresh;
  readonly revoke: Revoke;
  readonly accounts: () => readonly Account[];
  /** A person must sign in to this account; nothing is renewed until then. */
  readonly signInNeeded: (account: AccountId, reason: SignInReason) => void;
  /** A renewal changed the scope or whether the sign-in can be renewed. */
  readonly onGrantChanged?: (account: AccountId, change: GrantChange) => void;
  /** A random id of this process. */
  readonly instance: string;
  /** Nobody else uses the vault, so what others began before this process is over. True when absent. */
  readonly ownsFolder?: boolean;
  readonly log: Log;
  readonly clock?: Clock;
  readonly pause?: Pause;
  readonly schedule?: Schedule;
  readonly random?: () => number;
}

/**
 * Keeps OAuth sign-ins alive: hands out access tokens that are valid now and renews them in time, once at a time per
 * account. Nothing here opens a browser or deletes a sign-in because a server failed; when only a person can help, the
 * account is marked so.
 */
export class Grants implements AsyncDisposable {
  /** The standing of some account changed. */
  readonly changed = new Signal<void>();
  readonly #parts: GrantsParts;
  readonly #clock: Clock;
  readonly #pause: Pause;
  readonly #store: GrantStore;
  readonly #renewals: Renewals;
  readonly #revocations: Revocations;
  readonly #signOuts: SignOuts;
  /** Ids are never used again, so what was removed stays so. */
  readonly #removed = new Set<AccountId>();

  constructor(parts: GrantsParts) {
    const { authorizer, refresh, revoke, instance, log, signInNeeded } = parts;
    const { onGrantChanged = () => undefined, ownsFolder = true } = parts;
    const { clock = systemClock, pause = realPause, schedule = timers, random = Math.random } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#pause = pause;
    const onChange = (): void => this.changed.announce();
    const accounts = (): readonly Account[] => parts.accounts().filter(({ id }) => !this.#removed.has(id));
    const waits = { clock, pause, schedule, random, log };
    const store = new GrantStore({ authorizer, clock, schedule, random, onUnsaved: onChange });
    this.#store = store;
    const revocations = new Revocations({ store, revoke, accounts, onChange, ...waits });
    this.#revocations = revocations;
    this.#renewals = new Renewals({
      store,
      refresh,
      accounts,
      signInNeeded,
      discard: ({ id, label }, grant) => this.#signOuts.discard(id, grant, label),
      onChange,
      onGrantChanged,
      instance,
      deadBefore: ownsFolder ? clock.now() : Number.NEGATIVE_INFINITY,
      ...waits,
    });
    this.#signOuts = new SignOuts({ store, renewals: this.#renewals, revocations, onChange, clock });
  }

  /**
   * The access token to send now. One that is due is used on while a renewal runs; one that is over is waited for.
   * @throws BridgeError `sign-in-needed`; `timeout` after `limits.renewalWaitMs`; `unreachable` or `refused` while a
   * renewal fails; `vault-*`.
   */
  async accessToken(account: Account, signal: AbortSignal): Promise<Secret> {
    if (this.#removed.has(account.id)) throw signInError(account, 'signed-out');
    const listed = this.#renewals.listed(account.id);
    if (!listed) return this.#tokenOfTrial(account, signal);
    const { id } = listed;
    const upkeep = this.#renewals.of(id);
    upkeep.demanded();
    for (let round = 0; round < ROUNDS; round += 1) {
      const grant = await this.#grant(listed, upkeep, signal);
      const phase = upkeep.phaseOf(grant);
      if (phase !== 'expired') {
        const isTime = grant.refreshToken && (phase === 'due' || grant.renewal);
        if (isTime && upkeep.restMs(grant) === 0) void this.#renewals.look(id);
        else if (!upkeep.timer) this.#renewals.plan(id, upkeep, grant);
        return grant.accessToken;
      }
      this.#refuseIfOver(listed, upkeep, grant);
      await this.#wait(listed, 'expired', signal);
    }
    const grant = await this.#grant(listed, upkeep, signal);
    if (upkeep.phaseOf(grant) !== 'expired') return grant.accessToken;
    throw upkeep.obstacle(listed) ?? notRenewed(listed);
  }

  /**
   * The workspace answered 401 to a request with this token.
   * @returns true when there is another token to send it with; false when the 401 is the answer.
   * @throws BridgeError as `accessToken` does, when no token can be had for now. Nothing was carried out.
   */
  async refused(account: Account, sent: Secret | string, signal: AbortSignal): Promise<boolean> {
    const listed = this.#renewals.listed(account.id);
    if (listed?.signIn.kind !== 'oauth') return false;
    const upkeep = this.#renewals.of(listed.id);
    const before = (await this.#store.held(listed.id, signal))?.grant;
    if (!before || upkeep.whySignIn(listed) === 'signed-out') return false;
    const isOther = (grant: Grant | undefined): boolean =>
      grant !== undefined && fingerprint(grant.accessToken) !== fingerprint(sent);
    if (isOther(before)) return true;
    if (upkeep.over) return false;
    const phase = upkeep.phaseOf(before);
    if (!before.refreshToken) {
      this.#renewals.needSignIn(listed.id, upkeep, phase === 'expired' ? 'not-renewable' : 'refused');
      return false;
    }
    const isNews = (phase === 'fresh' || phase === 'unknown') && upkeep.believes(before);
    if (!upkeep.underWay) {
      const obstacle = upkeep.obstacle(listed);
      if (obstacle) throw obstacle;
      if (isNews && !this.#mayTry(listed, upkeep, before)) {
        if (upkeep.whySignIn(listed) !== undefined) return false;
        throw upkeep.resting(listed);
      }
    }
    await this.#wait(listed, isNews ? 'refused' : 'ended', signal);
    if (isOther((await this.#store.held(listed.id, signal))?.grant)) return true;
    const obstacle = upkeep.obstacle(listed);
    if (obstacle) throw obstacle;
    return false;
  }

  /** A request to this account was accepted. */
  worked(account: AccountId): void {
    if (this.#renewals.known(account)?.worked()) this.changed.announce();
  }

  /** A request was refused for lack of this scope; the next sign-in asks for it. */
  wanted(account: AccountId, scope: string): void {
    if (!this.#renewals.listed(account)) return;
    const upkeep = this.#renewals.of(account);
    const wider = widened(upkeep.wider, scope);
    if (wider === upkeep.wider) return;
    upkeep.wider = wider;
    this.changed.announce();
  }

  standing(account: AccountId): Standing {
    const upkeep = this.#renewals.known(account);
    return upkeep?.standing(this.#store.unsaved(account)) ?? { state: 'ready', text: '' };
  }

  /**
   * Stores what a sign-in granted. When saving fails it is used from memory and saved later.
   * @throws BridgeError `account-unknown` when the account was removed meanwhile; the tokens are revoked then.
   */
  async signedIn(account: AccountId, grant: Grant, signal: AbortSignal): Promise<{ saved: boolean }> {
    signal.throwIfAborted();
    const listed = this.#renewals.listed(account);
    if (!listed) {
      await this.#signOuts.discard(account, grant, '');
      throw new BridgeError('account-unknown', 'The account was removed. Add it again, then sign in.');
    }
    const upkeep = this.#renewals.of(account);
    let toRevoke: Revocation[] = [];
    const saved = await this.#store.change(account, (now) => {
      const before = now?.grant;
      const next: Grant = {
        ...grant,
        generation: (before?.generation ?? 0) + 1,
        spent: [],
        renewal: undefined,
      };
      // Servers may treat all tokens of one client and person as one grant, so revoking one would end the new ones.
      const isReplaced = before && !isSameClient(before, grant);
      toRevoke = isReplaced ? revocationsOf(before, listed.label, this.#clock.now()) : [];
      upkeep.reset(undefined);
      upkeep.wider = missingScope(upkeep.wider, grant.scope ?? grant.requestedScope);
      // For the same reason those of an earlier sign-out that the server was not told of yet are given up.
      const waiting = (now?.revocations ?? []).filter(
        ({ client }) => client.issuer !== grant.issuer || client.id !== grant.client.id,
      );
      return withRevocations(withGrant(now, next), [...waiting, ...toRevoke]);
    });
    this.#parts.authorizer.stored.announce(account);
    this.changed.announce();
    if (toRevoke.length > 0) void this.#revocations.tell(account, listed);
    return { saved };
  }

  /** Forgets the tokens at once, then tells the authorization server. The rest of the account's secrets stays. */
  async signOut(account: Account, signal: AbortSignal): Promise<SignedOut> {
    signal.throwIfAborted();
    const ended = this.#signOuts.end(account);
    this.#parts.signInNeeded(account.id, 'signed-out');
    return ended;
  }

  /**
   * The same for an account that is being removed: of its secrets only tokens to be revoked stay.
   * @throws BridgeError `storage` when they cannot be removed; then nothing has changed.
   */
  async signOutRemoved(account: Account, signal: AbortSignal): Promise<SignedOut> {
    signal.throwIfAborted();
    this.#removed.add(account.id);
    try {
      const signedOut = await this.#signOuts.endRemoved(account);
      this.#renewals.forget(account.id);
      return signedOut;
    } catch (error) {
      // It was not removed, so a person may sign in again.
      this.#removed.delete(account.id);
      throw error;
    }
  }

  /** The account is still in the list, because its removal failed after `signOutRemoved`. Its tokens are gone. */
  takenBack(account: AccountId): void {
    if (!this.#removed.delete(account)) return;
    this.#renewals.needSignIn(account, this.#renewals.of(account), 'signed-out');
  }

  /** Hosts that have still to be told that tokens of this account are over. */
  pendingRevocations(account: AccountId): readonly string[] {
    return this.#revocations.pending(account);
  }

  /**
   * Takes up sign-outs that servers were not told of before the last stop, or that could not be read then. To be called
   * when the vault is ready.
   * @param kept accounts for which the vault keeps something; `known` are those in the list.
   */
  async resumeRevocations(kept: readonly AccountId[], known: readonly AccountId[]): Promise<void> {
    await this.#signOuts.resume(kept, known);
  }

  /** Looks at all accounts at once: the computer woke up, or the network came back. */
  wake(): void {
    this.#renewals.wake();
    this.#revocations.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#renewals.stop();
    const rest = Promise.all([...this.#renewals.running, this.#store.flush()]);
    const never = new AbortController().signal;
    const late = (): Error => new Error('late');
    await atMost(limits.shutdownMs, rest, late, never, this.#pause).catch(() => undefined);
    this.#revocations[Symbol.dispose]();
    this.#renewals[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }

  async #grant(listed: Account, upkeep: Upkeep, signal: AbortSignal): Promise<Grant> {
    // A vault that was closed at the sign-out may still have the tokens.
    const isSignedOut = upkeep.whySignIn(listed) === 'signed-out';
    const grant = isSignedOut ? undefined : (await this.#store.held(listed.id, signal))?.grant;
    if (grant && upkeep.over !== 'signed-out') return grant;
    throw this.#signInNeeded(listed, upkeep, upkeep.over ?? listed.signInReason ?? 'never');
  }

  /** The error, after the list was told should it say otherwise. */
  #signInNeeded(listed: Account, upkeep: Upkeep, reason: SignInReason): BridgeError {
    if (listed.state === 'ready') this.#renewals.needSignIn(listed.id, upkeep, reason);
    return signInError(listed, reason);
  }

  async #tokenOfTrial(account: Account, signal: AbortSignal): Promise<Secret> {
    const token = (await this.#store.held(account.id, signal))?.grant?.accessToken;
    if (!token) throw signInError(account, account.signInReason ?? 'never');
    return token;
  }

  /** @throws BridgeError when an expired token cannot be renewed now, or not without a person. */
  #refuseIfOver(listed: Account, upkeep: Upkeep, grant: Grant): void {
    const reason = upkeep.whySignIn(listed) ?? (grant.refreshToken ? undefined : 'not-renewable');
    if (reason) throw this.#signInNeeded(listed, upkeep, reason);
    if (upkeep.underWay !== undefined) return;
    const obstacle = upkeep.obstacle(listed);
    if (obstacle) throw obstacle;
  }

  async #wait(listed: Account, cause: Cause, signal: AbortSignal): Promise<void> {
    const renewal = this.#renewals.renew(listed, cause);
    await atMost(limits.renewalWaitMs, renewal, () => waitedTooLong(listed), signal, this.#pause);
  }

  #mayTry(listed: Account, upkeep: Upkeep, grant: Grant): boolean {
    const verdict = upkeep.mayRenewRefused(grant, listed);
    if (verdict === 'never') this.#renewals.needSignIn(listed.id, upkeep, 'refused');
    if (verdict !== 'yes') this.changed.announce();
    return verdict === 'yes';
  }
}
