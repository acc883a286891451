import { limits } from '../base/limits.ts';
import { type Account, hostOf, type SignInReason } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { fitted, signInNeededText } from '../contract/sign-in-text.ts';
import { codeOfTrouble, type OAuthTrouble } from '../oauth/trouble.ts';
import { Backoff, Lately } from './breaker.ts';
import type { Grant } from './grant.ts';
import {
  type Anchor,
  anchorAtReceipt,
  anchorByWall,
  type Clock,
  leftOf,
  lifeOf,
  type Phase,
  phaseOf,
} from './lifetime.ts';

const HOUR_MS = 60 * 60_000;
/** Waits after a renewal that failed for a passing reason. */
const LEAST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 5 * 60_000;
/** Refusals without OAuth's words in an hour, after which a firewall is taken for the cause. */
const SUSPICIOUS_MOST = 5;
/** Renewals because of a 401: one a minute, three in ten minutes. */
const REFUSED_SPAN_MS = 10 * 60_000;
const REFUSED_MOST = 3;
const REFUSED_REST_MS = 60_000;
/** Renewals ahead of need: one a minute, whatever lifetimes a server names. */
const AHEAD_REST_MS = 60_000;
/** How much earlier than here a token may be over at the server. */
const END_TOLERANCE_MS = 2_000;
/** How long an account that nobody uses is still renewed ahead. */
const DEMAND_MS = 24 * HOUR_MS;

/** How it stands with the renewal of an account's sign-in. `wider`: scopes that a call was refused for. */
export interface Standing {
  readonly state: 'ready' | 'offline' | 'blocked' | 'misconfigured' | 'unsaved';
  /** One sentence; empty when ready. */
  readonly text: string;
  /** It does not pass by itself: the people who run the server have to do something. */
  readonly needsPeople?: true;
  readonly wider?: string;
}

/** Everything that is remembered of one account between renewals, for the life of the process. No I/O. */
export class Upkeep {
  /** Grows with each sign-in and sign-out, so that what was begun before counts no more. */
  epoch = 0;
  /** Why a person must sign in, as found out since the start. */
  over: SignInReason | undefined;
  /** When that was told last; monotonic. */
  toldAt = Number.NEGATIVE_INFINITY;
  underWay: Promise<void> | undefined;
  timer: Disposable | undefined;
  /** Generation that a 401 led to and that has not worked yet; `isSecond`: the refused token should have been valid. */
  unproven: { readonly generation: number; readonly isSecond: boolean } | undefined;
  wider: string | undefined;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #refusals = new Lately(REFUSED_SPAN_MS);
  readonly #suspicious = new Lately(HOUR_MS);
  #anchor: Anchor | undefined;
  #demandAt = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Generation that the server does not want to renew before its end. */
  #postponed: number | undefined;
  #trouble:
    | { readonly state: Exclude<Standing['state'], 'ready' | 'unsaved'>; readonly is: OAuthTrouble }
    | undefined;
  #refusesAll: string | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#backoff = new Backoff(LEAST_WAIT_MS, MOST_WAIT_MS, random);
  }

  demanded(): void {
    this.#demandAt = this.#clock.monotonic();
  }

  get isInDemand(): boolean {
    return this.#clock.monotonic() - this.#demandAt < DEMAND_MS;
  }

  /** Milliseconds the access token has left; undefined when its end is unknown. */
  leftOf(grant: Grant): number | undefined {
    if (this.#anchor?.generation !== grant.generation) this.#anchor = anchorByWall(grant, this.#clock);
    return leftOf(grant, this.#clock, this.#anchor);
  }

  phaseOf(grant: Grant): Phase {
    return phaseOf(grant, this.leftOf(grant));
  }

  /**
   * Whether a 401 to this token is news. One that ends about now may be over at the server already, which counts whole
   * seconds; but not when it is young and came of a 401 itself.
   */
  believes(grant: Grant): boolean {
    const left = this.leftOf(grant);
    if (left === undefined) return true;
    const isYoung = left > (lifeOf(grant) ?? 0) / 2;
    return left > END_TOLERANCE_MS || (isYoung && this.unproven?.generation === grant.generation);
  }

  /** Milliseconds until it may be renewed ahead of need; 0 for now. */
  restMs(grant: Grant): number {
    const now = this.#clock.monotonic();
    const untilEnd = this.#postponed === grant.generation ? (this.leftOf(grant) ?? 0) : 0;
    return Math.max(untilEnd, this.#backoff.leftMs(now), this.#renewedAt + AHEAD_REST_MS - now, 0);
  }

  /**
   * Why a person must sign in before anything is renewed; undefined when nothing says so. The list of accounts counts
   * only until the first sign-in or sign-out since the start, because it changes a moment later. Of accounts it marks
   * refused only a person's check comes so far as to ask, and a fresh token may help it.
   */
  whySignIn({ state, signInReason }: Account): SignInReason | undefined {
    const marked = state === 'ready' ? undefined : signInReason;
    const reason = this.over ?? (this.epoch === 0 ? marked : undefined);
    return reason === 'refused' && marked === 'refused' ? undefined : reason;
  }

  /** Why it cannot be renewed right now; undefined when it may be tried. */
  obstacle(account: Account): BridgeError | undefined {
    const reason = this.whySignIn(account);
    if (reason) return signInError(account, reason);
    const waitMs = this.#backoff.leftMs(this.#clock.monotonic());
    if (!this.#trouble || waitMs === 0) return undefined;
    const { kind, facts, message } = this.#trouble.is;
    return new BridgeError(codeOfTrouble[kind], message, {
      account: account.label,
      host: facts.host,
      retryAfterSeconds: Math.ceil(waitMs / 1000),
      mayHaveRun: false,
    });
  }

  /** The same for a token that is refused although it should be valid. @returns whether one more renewal may help. */
  mayRenewRefused(grant: Grant, account: Account): 'yes' | 'not-now' | 'never' {
    const now = this.#clock.monotonic();
    if (this.unproven?.isSecond && this.unproven.generation === grant.generation) {
      this.#refusesAll = refusedText(account);
      return 'never';
    }
    if (now - this.#refusedAt < REFUSED_REST_MS) return 'not-now';
    if (this.#refusals.count(now) >= REFUSED_MOST) {
      this.#refusesAll = refusedText(account);
      return 'not-now';
    }
    this.#refusedAt = now;
    this.#refusals.add(now);
    return 'yes';
  }

  /** Said while a token was refused and it is too early to try another. */
  resting(account: Account): BridgeError {
    const host = hostOf(account);
    const restMs = Math.max(this.#refusedAt + REFUSED_REST_MS - this.#clock.monotonic(), 1_000);
    const seconds = Math.ceil(restMs / 1000);
    const text = fitted([account.label, host], (label, at) => {
      const soon = `${at} refused a freshly renewed sign-in. Gangway tries again in ${seconds} s.`;
      return `${label}: ${this.#refusesAll ?? soon}`;
    });
    return new BridgeError('wait', text, {
      account: account.label,
      host,
      retryAfterSeconds: seconds,
      mayHaveRun: false,
    });
  }

  /** A request was accepted. @returns whether that changes how it stands. */
  worked(): boolean {
    if (this.unproven === undefined && this.#refusesAll === undefined && this.over !== 'refused')
      return false;
    this.unproven = undefined;
    this.#refusesAll = undefined;
    if (this.over === 'refused') this.over = undefined;
    return true;
  }

  began(): void {
    this.#renewedAt = this.#clock.monotonic();
  }

  renewed(grant: Grant): void {
    this.#anchor = anchorAtReceipt(grant, this.#clock);
    this.eased();
  }

  /** Nothing stands in the way any more. */
  eased(): void {
    this.#trouble = undefined;
    this.#postponed = undefined;
    this.#backoff.clear();
    this.#suspicious.clear();
  }

  postpone(grant: Grant): void {
    this.#postponed = grant.generation;
    this.#trouble = undefined;
  }

  /** A renewal failed, and a person need not sign in for it. */
  failed(trouble: OAuthTrouble): void {
    const now = this.#clock.monotonic();
    switch (trouble.kind) {
      case 'transient':
      case 'ambiguous': {
        this.#trouble = { state: 'offline', is: trouble };
        this.#backoff.failed(now, askedMs(trouble));
        return;
      }
      case 'suspicious': {
        this.#suspicious.add(now);
        const isBlocked = this.#suspicious.count(now) >= SUSPICIOUS_MOST;
        this.#trouble = { state: isBlocked ? 'blocked' : 'offline', is: trouble };
        if (isBlocked) this.#backoff.rest(now, HOUR_MS);
        else this.#backoff.failed(now, askedMs(trouble));
        return;
      }
      default: {
        this.#trouble = { state: 'misconfigured', is: trouble };
        this.#backoff.rest(now, HOUR_MS);
      }
    }
  }

  /** The computer woke up, or the network may be back: waits that only we chose are over. */
  woke(): void {
    if (this.#trouble?.state === 'offline' && askedMs(this.#trouble.is) === undefined) this.#backoff.clear();
  }

  /** A sign-in or a sign-out begins anew. */
  reset(over: SignInReason | undefined): void {
    this.epoch += 1;
    this.over = over;
    this.timer?.[Symbol.dispose]();
    this.timer = undefined;
    this.unproven = undefined;
    this.#anchor = undefined;
    this.#refusesAll = undefined;
    this.#refusedAt = Number.NEGATIVE_INFINITY;
    this.#refusals.clear();
    this.eased();
  }

  standing(unsaved: string | undefined): Standing {
    const wider = this.wider === undefined ? {} : { wider: this.wider };
    if (unsaved !== undefined) {
      return {
        state: 'unsaved',
        text: `Signed in, but saving failed: ${unsaved} It works until you quit.`,
        ...wider,
      };
    }
    if (this.#refusesAll !== undefined) {
      return { state: 'blocked', text: this.#refusesAll, needsPeople: true, ...wider };
    }
    if (this.#trouble) {
      const { state, is } = this.#trouble;
      const help = state === 'misconfigured' ? ({ needsPeople: true } as const) : {};
      return { state, text: is.message, ...help, ...wider };
    }
    return { state: 'ready', text: '', ...wider };
  }
}

/** `sign-in-needed`, with the reason and the one thing to do. */
export function signInError(account: Account, reason: SignInReason | undefined): BridgeError {
  const host = hostOf(account);
  const known = reason === undefined ? account : { ...account, signInReason: reason };
  return new BridgeError('sign-in-needed', signInNeededText(known, host), { account: account.label, host });
}

/** The request waited as long as it may; the renewal goes on. */
export function waitedTooLong(account: Account): BridgeError {
  return new BridgeError(
    'timeout',
    `${account.label}: renewing the sign-in took longer than ${limits.renewalWaitMs / 1000} s. Nothing was sent. Try again in a moment.`,
    { account: account.label, host: hostOf(account), mayHaveRun: false },
  );
}

/** It failed in a way that is over by now. */
export function notRenewed(account: Account): BridgeError {
  return new BridgeError(
    'unreachable',
    `${account.label}: the sign-in could not be renewed just now. Nothing was sent. Try again in a moment.`,
    { account: account.label, host: hostOf(account), mayHaveRun: false },
  );
}

function refusedText(account: Account): string {
  return `${hostOf(account).slice(0, 100)} refuses every sign-in, even freshly renewed ones. Ask the people who run it.`;
}

function askedMs({ facts }: OAuthTrouble): number | undefined {
  return facts.retryAfterSeconds === undefined
    ? undefined
    : Math.min(facts.retryAfterSeconds * 1000, HOUR_MS);
}
