import { randomBytes } from 'node:crypto';
import type { Account, AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import {
  hasEnded,
  type SignInChoice,
  type SignInQuestion,
  type SignInState,
  type SignInView,
} from '../contract/sign-in.ts';
import { failureOf } from './failure.ts';

/** What the steps of a sign-in see of the person: a place to show where they are, and somebody to ask. */
export interface Desk {
  show(state: SignInState): void;
  /** @throws the signal's reason when the sign-in is cancelled, also by the answer. */
  ask(question: SignInQuestion): Promise<SignInChoice>;
  /** Aborts when the person gives up, the account goes, or Gangway stops. */
  readonly signal: AbortSignal;
}

/** One sign-in from its start to its end. It never leaves the process, so a crash means to start again. */
export class Attempt implements Desk {
  readonly id = `sgn_${randomBytes(8).toString('hex')}`;
  readonly account: AccountId;
  readonly signal: AbortSignal;
  readonly #label: string;
  readonly #startedAt: string;
  readonly #changed: () => void;
  readonly #cancelling = new AbortController();
  #state: SignInState = { step: 'discovering' };
  #asked: { question: SignInQuestion; answer: PromiseWithResolvers<SignInChoice> } | undefined;

  constructor(account: Account, now: Date, changed: () => void) {
    this.account = account.id;
    this.#label = account.label;
    this.#startedAt = now.toISOString();
    this.#changed = changed;
    this.signal = this.#cancelling.signal;
  }

  get view(): SignInView {
    return {
      id: this.id,
      account: this.account,
      label: this.#label,
      startedAt: this.#startedAt,
      state: this.#state,
    };
  }

  get hasEnded(): boolean {
    return hasEnded(this.#state);
  }

  /** Carries the steps out; never throws. What fails after a cancellation is part of the cancellation. */
  async run(steps: (desk: Desk) => Promise<SignInState>): Promise<void> {
    let last: SignInState;
    try {
      last = await steps(this);
    } catch (error) {
      last = this.signal.aborted ? { step: 'cancelled' } : failureOf(error);
    }
    this.show(last);
  }

  show(state: SignInState): void {
    if (this.hasEnded) return;
    // After a cancellation only its end is shown, or that it came too late.
    if (this.signal.aborted && !hasEnded(state)) return;
    this.#state = state;
    this.#changed();
  }

  async ask(question: SignInQuestion): Promise<SignInChoice> {
    this.signal.throwIfAborted();
    const answer = Promise.withResolvers<SignInChoice>();
    const onAbort = (): void => answer.reject(this.signal.reason);
    this.signal.addEventListener('abort', onAbort, { once: true });
    this.#asked = { question, answer };
    this.show({ step: 'asking', question });
    try {
      const choice = await answer.promise;
      if (choice === 'cancel') this.cancel();
      this.signal.throwIfAborted();
      return choice;
    } finally {
      this.#asked = undefined;
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** @throws BridgeError `invalid-input` when nothing is asked, or not this. */
  answer(choice: SignInChoice): void {
    const asked = this.#asked;
    if (!asked) throw new BridgeError('invalid-input', 'This sign-in asks nothing right now.');
    if (!asked.question.choices.some((offered) => offered.choice === choice)) {
      const offered = asked.question.choices.map((one) => one.choice).join(', ');
      throw new BridgeError('invalid-input', `Answer with one of: ${offered}.`);
    }
    asked.answer.resolve(choice);
  }

  /** Ends it wherever it is. The steps notice by the signal; what they were given meanwhile is given back. */
  cancel(): void {
    this.#cancelling.abort(new DOMException('The sign-in was cancelled.', 'AbortError'));
  }
}
