import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import { KeyedQueue } from '../base/tasks.ts';
import type { Account, AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SignInChoice, SignInView } from '../contract/sign-in.ts';
import { OAuthTrouble } from '../oauth/trouble.ts';
import { Attempt } from './attempt.ts';
import { SignInFailed } from './failure.ts';
import { type SignInParts, signIn } from './flow.ts';

/** Attempts that stay visible after their end. */
const MOST_SHOWN = 20;

/** All sign-ins under way. Several may run at once; for one account the newest replaces the one before. */
export class SignIns implements AsyncDisposable {
  /** A sign-in went on, began or ended. */
  readonly changed = new Signal<void>();
  readonly #parts: SignInParts;
  readonly #attempts = new Map<string, { readonly attempt: Attempt; readonly run: Promise<void> }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onePerAccount = new KeyedQueue<AccountId>();
  readonly #following: Disposable;
  #closing = false;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#following = parts.registry.changed.on(({ after }) => {
      for (const { attempt } of this.#attempts.values()) {
        if (!after.accounts.some(({ id }) => id === attempt.account)) attempt.cancel();
      }
    });
  }

  /** Newest first. */
  list(): SignInView[] {
    return [...this.#attempts.values()].map(({ attempt }) => attempt.view).reverse();
  }

  isUnderWay(account: AccountId): boolean {
    for (const { attempt } of this.#attempts.values()) {
      if (attempt.account === account && !attempt.hasEnded) return true;
    }
    return false;
  }

  /**
   * Begins a sign-in; it goes on by itself and shows where it is.
   * @throws BridgeError `account-unknown`; `invalid-input` for an account that signs in otherwise.
   */
  async start(name: string, wider: string | undefined): Promise<SignInView> {
    this.#refuseIfClosing();
    const account = this.#parts.registry.find(name);
    if (account.signIn.kind !== 'oauth') {
      const way =
        account.signIn.kind === 'key'
          ? 'signs in with a key. Replace it'
          : 'needs no sign-in. Use it as it is';
      throw new BridgeError('invalid-input', `${account.label} ${way}.`);
    }
    return this.#onePerAccount.run(account.id, async () => {
      await this.end(account.id);
      this.#refuseIfClosing();
      return this.#begin(this.#parts.registry.find(account.id), wider);
    });
  }

  /** @throws BridgeError `account-unknown` when there is no such sign-in. */
  async cancel(id: string): Promise<SignInView> {
    const { attempt, run } = this.#find(id);
    attempt.cancel();
    await run;
    return attempt.view;
  }

  /** @throws BridgeError `account-unknown`, `invalid-input`. */
  answer(id: string, choice: SignInChoice): SignInView {
    const { attempt } = this.#find(id);
    attempt.answer(choice);
    return attempt.view;
  }

  /** Ends the sign-in of an account that is under way, if there is one. */
  async end(account: AccountId): Promise<void> {
    for (const { attempt, run } of this.#attempts.values()) {
      if (attempt.account !== account || attempt.hasEnded) continue;
      attempt.cancel();
      await run;
    }
  }

  #begin(account: Account, wider: string | undefined): SignInView {
    const attempt = new Attempt(account, this.#parts.now(), () => this.changed.announce());
    const run = attempt
      .run((desk) => signIn(desk, account, wider, this.#parts).catch((error) => this.#note(error, account)))
      .then(() => this.#ended(attempt));
    this.#attempts.set(attempt.id, { attempt, run });
    this.changed.announce();
    return attempt.view;
  }

  /** What nobody foresaw is told to the person without its text; the log has the place. */
  #note(error: unknown, account: Account): never {
    const isForeseen = [BridgeError, OAuthTrouble, SignInFailed, DOMException].some(
      (kind) => error instanceof kind,
    );
    if (!isForeseen) this.#parts.log.error('sign-in.fault', error, { account: account.id });
    throw error;
  }

  #ended({ id, account, view }: Attempt): void {
    this.#parts.log.info('sign-in.ended', { account, step: view.state.step });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#attempts.delete(id)) this.changed.announce();
    }, limits.signInShownMs).unref();
    this.#timers.add(timer);
    const ended = [...this.#attempts.values()].filter(({ attempt }) => attempt.hasEnded);
    for (const { attempt } of ended.slice(0, Math.max(0, ended.length - MOST_SHOWN))) {
      this.#attempts.delete(attempt.id);
    }
  }

  #refuseIfClosing(): void {
    if (this.#closing) throw new BridgeError('stopping', 'Gangway is stopping. Start it again.');
  }

  #find(id: string): { readonly attempt: Attempt; readonly run: Promise<void> } {
    const found = this.#attempts.get(id);
    if (!found)
      throw new BridgeError('account-unknown', 'There is no such sign-in any more. Start a new one.');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#following[Symbol.dispose]();
    for (const { attempt } of this.#attempts.values()) attempt.cancel();
    await Promise.all([...this.#attempts.values()].map(({ run }) => run));
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
