import { bitOf } from './accounts.ts';

interface Chosen {
  readonly account: number;
  /** When another account had certainly taken over. */
  until: number;
}

/** How many past choices are kept; far more than any call can outlive. */
const KEPT = 400;

/**
 * Which accounts may have been selected at an address. A switch is told before it is asked for and after it was
 * answered; meanwhile both accounts count.
 */
export class Selection {
  #chosen: Chosen[] = [];
  #tick = 0;

  /** A mark for `since`, taken when a call is sent. */
  get now(): number {
    return this.#tick;
  }

  /** From now on this account may be the selected one. */
  begin(account: number): void {
    this.#tick += 1;
    if (this.#chosen.some((one) => one.account === account && one.until === Number.POSITIVE_INFINITY)) return;
    this.#chosen.push({ account, until: Number.POSITIVE_INFINITY });
    if (this.#chosen.length > KEPT) this.#chosen = this.#chosen.slice(-KEPT / 2);
  }

  /** From now on it is the only one. */
  settle(account: number): void {
    this.begin(account);
    this.#tick += 1;
    for (const one of this.#chosen) {
      if (one.account !== account && one.until === Number.POSITIVE_INFINITY) one.until = this.#tick;
    }
  }

  /** The accounts that may have been selected at any moment since then, as bits. */
  since(tick: number): number {
    let bits = 0;
    for (const { account, until } of this.#chosen) if (until > tick) bits |= bitOf(account);
    return bits;
  }
}
