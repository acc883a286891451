import type { Account, AccountId } from '../contract/account.ts';
import { hostOf } from '../contract/account.ts';
import type { BridgeError } from '../contract/errors.ts';
import { signInNeededText } from '../contract/sign-in-text.ts';
import { troubleOf } from '../upstream/workspace.ts';

interface Standing {
  refusals: number;
  /** Until then the account rests after a refused credential. */
  restsUntil: number;
  /** Until then the workspace asked to wait. */
  waitsUntil: number;
}

const REST_MS = 60_000;
const REFUSALS_UNTIL_SIGN_IN = 2;

/**
 * What the bridge learned about each account from the workspace's own answers, for the life of the process. It keeps a
 * bad key from being sent over and over, which would drain a workspace's per-address budget for the good accounts too,
 * and it keeps to the waiting time a workspace asked for.
 */
export class AccountHealth {
  readonly #standing = new Map<AccountId, Standing>();
  readonly #signInNeeded: (account: AccountId) => void;

  constructor(signInNeeded: (account: AccountId) => void) {
    this.#signInNeeded = signInNeeded;
  }

  /** Hears the status of every response to this account. */
  observe(account: AccountId, status: number, waitSeconds: number | undefined, now: Date): void {
    const before = this.#standing.get(account);
    if (status === 401) {
      // Sent before the first refusal came back: one refusal of several requests at once.
      if (before && before.restsUntil > now.getTime()) return;
      const refusals = (before?.refusals ?? 0) + 1;
      this.#standing.set(account, {
        refusals,
        restsUntil: now.getTime() + REST_MS,
        waitsUntil: before?.waitsUntil ?? 0,
      });
      if (refusals >= REFUSALS_UNTIL_SIGN_IN) this.#signInNeeded(account);
    } else if (waitSeconds !== undefined) {
      this.#standing.set(account, {
        refusals: 0,
        restsUntil: 0,
        waitsUntil: now.getTime() + waitSeconds * 1000,
      });
    } else if (status < 300 && before) {
      this.#standing.delete(account);
    }
  }

  /** Why nothing is sent to this account now; undefined when it is well. */
  obstacle(account: Account, now: Date): BridgeError | undefined {
    const standing = this.#standing.get(account.id);
    const rests = standing !== undefined && standing.restsUntil > now.getTime();
    if (account.state === 'sign-in-needed' || rests) {
      return troubleOf(account, 'sign-in-needed', signInNeededText(account, hostOf(account)));
    }
    const waitMs = (standing?.waitsUntil ?? 0) - now.getTime();
    if (waitMs <= 0) return undefined;
    const seconds = Math.ceil(waitMs / 1000);
    return troubleOf(account, 'wait', `${hostOf(account)} asks to wait ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }

  /** The credential was replaced or the account checked again; the past does not count. */
  forget(account: AccountId): void {
    this.#standing.delete(account);
  }
}
