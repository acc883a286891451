import { limits } from '../base/limits.ts';

const WINDOW_MS = 60_000;

/**
 * Counts unknown tokens. All local programs come from one address, so no program can be locked out by itself; after
 * too many in a minute every unknown token is refused without being looked at again, while known ones still pass.
 */
export class TokenLock {
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #count = 0;
  #lockedUntilMs = Number.NEGATIVE_INFINITY;

  /** Counts one more at `nowMs`; true when this one began a lock. */
  count(nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count < limits.badTokensPerMinute || this.isLocked(nowMs)) return false;
    this.#lockedUntilMs = nowMs + limits.badTokenLockMs;
    return true;
  }

  isLocked(nowMs: number): boolean {
    return nowMs < this.#lockedUntilMs;
  }
}
