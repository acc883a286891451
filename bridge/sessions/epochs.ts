import type { Signal } from '../base/events.ts';
import type { AccountId } from '../contract/account.ts';

/**
 * Counts how often the credential of each account was replaced, by a sign-in or another key. Where a workspace names
 * nobody, the new credential may be somebody else's, so what was opened with the old one is not gone on with. Renewed
 * tokens do not count: they are the same person's.
 */
export class Epochs implements Disposable {
  readonly #of = new Map<AccountId, number>();
  readonly #listening: Disposable;

  constructor(replaced: Signal<AccountId>) {
    this.#listening = replaced.on((account) => void this.#of.set(account, this.of(account) + 1));
  }

  of(account: AccountId): number {
    return this.#of.get(account) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
