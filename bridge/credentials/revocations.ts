import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { LONGEST_TIMER_MS } from '../base/tasks.ts';
import type { Account, AccountId } from '../contract/account.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import { OAuthTrouble } from '../oauth/trouble.ts';
import { Backoff } from './breaker.ts';
import { withRevocations } from './credential.ts';
import { fingerprint } from './fingerprint.ts';
import type { Grant, Revocation } from './grant.ts';
import { type GrantStore, isDamaged } from './grant-store.ts';
import { atMost, type Clock, type Pause, type Schedule } from './lifetime.ts';

const DAY_MS = 24 * 60 * 60_000;
const RETRY_LEAST_MS = 60_000;

/**
 * Tells an authorization server that a token is over (RFC 7009). `account` bounds the addresses that may be reached; it
 * is undefined once the account was removed.
 * @throws OAuthTrouble of the kind that the answer means.
 */
export type Revoke = (
  revocation: Revocation,
  signal: AbortSignal,
  account: Account | undefined,
) => Promise<void>;

export interface RevocationsParts {
  readonly store: GrantStore;
  readonly revoke: Revoke;
  readonly accounts: () => readonly Account[];
  /** What servers have still to be told may have changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly log: Log;
}

/** `later`: the server did not hear it and is told again; `refused`: it will not hear it. */
type Told = 'done' | 'later' | 'refused';

interface Waiting {
  readonly backoff: Backoff;
  timer: Disposable | undefined;
  hosts: readonly string[];
}

/** Sign-outs that servers have still to be told of, kept in the records of their accounts. */
export class Revocations implements Disposable {
  readonly #parts: RevocationsParts;
  readonly #waiting = new Map<AccountId, Waiting>();
  readonly #stopping = new AbortController();

  constructor(parts: RevocationsParts) {
    this.#parts = parts;
  }

  /**
   * Tells the server of everything in the account's record. What was heard, refused for good or became too old leaves
   * the record; the rest is tried again later. Never throws.
   * @returns what became of each token, by fingerprint.
   */
  async tell(id: AccountId, account: Account | undefined): Promise<ReadonlyMap<string, Told>> {
    const { store, clock, log, onChange } = this.#parts;
    const told = new Map<string, Told>();
    this.#waiting.get(id)?.timer?.[Symbol.dispose]();
    try {
      const pending = (await store.held(id))?.revocations ?? [];
      const isFresh = ({ since }: Revocation): boolean =>
        clock.now() - since < limits.revocationDays * DAY_MS;
      const givenUp = pending.filter((one) => !isFresh(one));
      for (const host of hostsOf(givenUp)) log.warn('revocations.given-up', { account: id, host });
      const asked: (number | undefined)[] = await Promise.all(
        pending.filter(isFresh).map(async (revocation) => {
          const [outcome, waitMs] = await this.#tellOne(revocation, account);
          told.set(fingerprint(revocation.token), outcome);
          return waitMs;
        }),
      );
      const tried = new Set(pending);
      const isLeft = (one: Revocation): boolean => {
        const wasTried = tried.has(one) || told.has(fingerprint(one.token));
        return !wasTried || told.get(fingerprint(one.token)) === 'later';
      };
      const left = pending.filter(isLeft);
      if (left.length < pending.length) {
        await store.change(id, (now) => now && withRevocations(now, now.revocations.filter(isLeft)));
      }
      if (left.length === 0) this.#waiting.delete(id);
      else this.#tryLater(id, Math.max(0, ...asked.map((ms) => ms ?? 0)) || undefined, hostsOf(left));
      if (pending.length > 0) onChange();
    } catch (error) {
      if (!this.#stopping.signal.aborted) log.error('revocations.fault', error, { account: id });
      this.#tryLater(id);
    }
    return told;
  }

  /** Hosts that have still to be told of sign-outs of this account. */
  pending(id: AccountId): readonly string[] {
    return this.#waiting.get(id)?.hosts ?? [];
  }

  /** Tries all that wait at once. */
  wake(): void {
    for (const id of [...this.#waiting.keys()]) void this.tell(id, this.#listed(id));
  }

  [Symbol.dispose](): void {
    this.#stopping.abort();
    for (const { timer } of this.#waiting.values()) timer?.[Symbol.dispose]();
    this.#waiting.clear();
  }

  async #tellOne(
    revocation: Revocation,
    account: Account | undefined,
  ): Promise<[told: Told, waitMs: number | undefined]> {
    const { revoke, pause, log } = this.#parts;
    const late = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, late.signal]);
    const host = hostOf(revocation.endpoint);
    const tooLate = (): OAuthTrouble => {
      late.abort();
      return new OAuthTrouble('transient', `${host} did not answer.`, { host });
    };
    try {
      const telling = revoke(revocation, signal, account);
      await atMost(limits.revocationMs, telling, tooLate, this.#stopping.signal, pause);
      return ['done', undefined];
    } catch (error) {
      if (!(error instanceof OAuthTrouble)) {
        if (!this.#stopping.signal.aborted) log.error('revocations.fault', error, { host });
        return ['later', undefined];
      }
      log.warn('revocations.not-told', { host, kind: error.kind, status: error.facts.status });
      const isPassing =
        error.kind === 'transient' || error.kind === 'ambiguous' || error.kind === 'suspicious';
      const wait = error.facts.retryAfterSeconds;
      return [isPassing ? 'later' : 'refused', wait === undefined ? undefined : wait * 1000];
    }
  }

  #tryLater(id: AccountId, askedMs?: number, hosts: readonly string[] = this.pending(id)): void {
    if (this.#stopping.signal.aborted) return;
    const { clock, schedule, random } = this.#parts;
    const waiting = this.#waiting.get(id) ?? {
      backoff: new Backoff(RETRY_LEAST_MS, LONGEST_TIMER_MS, random),
      timer: undefined,
      hosts,
    };
    waiting.hosts = hosts;
    this.#waiting.set(id, waiting);
    waiting.backoff.failed(clock.monotonic(), askedMs);
    waiting.timer?.[Symbol.dispose]();
    waiting.timer = schedule(waiting.backoff.leftMs(clock.monotonic()), () => {
      void this.tell(id, this.#listed(id));
    });
  }

  #listed(id: AccountId): Account | undefined {
    return this.#parts.accounts().find((account) => account.id === id);
  }
}

/** The tokens of a grant as revocations, the refresh token first; none when the server has no place to be told. */
export function revocationsOf(grant: Grant, label: string, now: number): Revocation[] {
  const { revocationEndpoint: endpoint, client, accessToken, refreshToken } = grant;
  if (endpoint === undefined) return [];
  const common = { endpoint, client, since: now, label };
  return [
    ...(refreshToken ? [{ ...common, token: refreshToken, hint: 'refresh_token' as const }] : []),
    { ...common, token: accessToken, hint: 'access_token' as const },
  ];
}

/** What a person hears of a sign-out. */
export function signedOut(grant: Grant | undefined, told: ReadonlyMap<string, Told>): SignedOut {
  if (!grant) return { revocation: 'nothing-to-revoke' };
  const host = hostOf(grant.issuer);
  const byHand = `Signed out here. ${host} could not be told; end the sign-in there too, in your settings at ${host}.`;
  const access = told.get(fingerprint(grant.accessToken));
  const refresh = grant.refreshToken ? told.get(fingerprint(grant.refreshToken)) : access;
  if (refresh === 'later' || access === 'later') {
    return {
      revocation: 'queued',
      note: `Signed out here. ${host} could not be told yet; Gangway tells it again for ${limits.revocationDays} days.`,
    };
  }
  // A refresh token takes its access tokens with it (RFC 7009 section 2.1), and many servers revoke only those.
  return refresh === 'done' ? { revocation: 'done' } : { revocation: 'impossible', note: byHand };
}

/**
 * What a person hears when the saved tokens could not be read.
 * @param unread why, when that may pass and they stayed; they are dealt with once they can be read.
 */
export function signedOutUnread({ label }: Account, unread: unknown): SignedOut {
  const what = `${label} is signed out here. The saved sign-in`;
  if (unread === undefined || isDamaged(unread)) {
    return {
      revocation: 'impossible',
      note: `${what} could not be read, so its server was not told; end it there too, in your settings.`,
    };
  }
  return {
    revocation: 'queued',
    note: `${what} cannot be read now. As soon as it can, Gangway deletes it and tells its server.`,
  };
}

function hostsOf(revocations: readonly Revocation[]): string[] {
  return [...new Set(revocations.map(({ endpoint }) => hostOf(endpoint)))];
}

/** Host of an address that was checked when it was stored, cut for a sentence. */
function hostOf(address: string): string {
  return (URL.parse(address)?.host ?? 'the sign-in server').slice(0, 80);
}
