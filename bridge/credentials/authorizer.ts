import { Signal } from '../base/events.ts';
import type { Redactor } from '../base/redactor.ts';
import type { Secret } from '../base/secret.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { connectorOf } from '../connectors/catalog.ts';
import { type Account, type AccountId, effectiveUser } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { howToSignIn } from '../contract/sign-in-text.ts';
import { type Credential, openCredential, type StoredCredential, sealable } from './credential.ts';
import { KnownSecrets } from './known-secrets.ts';

/** What the authorizer needs of the vault, and the redactor that must know every live secret. */
export interface AuthorizerParts {
  /** What was saved for the account, or undefined when nothing was. @throws BridgeError `vault-*`. */
  readonly load: (account: AccountId, signal: AbortSignal) => Promise<unknown>;
  readonly save: (account: AccountId, record: StoredCredential, signal: AbortSignal) => Promise<void>;
  readonly forget: (account: AccountId, signal: AbortSignal) => Promise<void>;
  /** A valid access token of an account that signs in by OAuth; the stored one as it is when absent. */
  readonly accessToken?: (account: Account, signal: AbortSignal) => Promise<Secret>;
  readonly redactor: Redactor;
}

/**
 * Turns an account into headers that are valid right now. Secrets are read from the vault once and then kept in
 * memory for the life of the process, so that a keychain that locks later does not stop running work.
 */
export class Authorizer {
  /** The account's secrets were replaced; requests use them from now on. Renewed tokens are no such news. */
  readonly stored = new Signal<AccountId>();
  readonly #parts: AuthorizerParts;
  readonly #held = new Map<AccountId, Credential>();
  readonly #known: KnownSecrets<AccountId>;
  readonly #saved = new WeakSet<Credential>();
  readonly #oneAtATime = new KeyedQueue<AccountId>();

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
    this.#known = new KnownSecrets(parts.redactor);
  }

  /**
   * All headers the account adds to a request, by lower-case name: extra headers, secret headers, the selected user,
   * the key or the access token. Nothing a client sent is among them.
   * @throws BridgeError `sign-in-needed` when the key, the sign-in or a secret header is not stored; `vault-*` when the
   * vault cannot be read now; for OAuth also `unreachable`, `refused` or `timeout` when it cannot be renewed.
   */
  async headers(account: Account, signal: AbortSignal): Promise<Record<string, string>> {
    const headers: Record<string, string> = { ...account.headers };
    const user = effectiveUser(account);
    const userHeaders = connectorOf(account.connector).user;
    if (user && userHeaders) headers[userHeaders[user.by]] = user.value;
    if (account.signIn.kind === 'none' && account.secretHeaders.length === 0) return headers;
    const credential = await this.credential(account.id, signal);
    for (const name of account.secretHeaders) {
      const value = credential?.headers.get(name);
      if (!value) throw notStoredError(account);
      headers[name] = value.reveal();
    }
    if (account.signIn.kind === 'key') {
      if (!credential?.key) throw notStoredError(account);
      const key = credential.key.reveal();
      headers[account.signIn.header] = account.signIn.header === 'authorization' ? `Bearer ${key}` : key;
    }
    if (account.signIn.kind === 'oauth') {
      const stored = credential?.grant?.accessToken;
      const token = this.#parts.accessToken ? await this.#parts.accessToken(account, signal) : stored;
      if (!token) throw notStoredError(account);
      headers.authorization = `Bearer ${token.reveal()}`;
    }
    return headers;
  }

  /** The account's secrets, or undefined when none are stored. @throws BridgeError `vault-*`. */
  async credential(account: AccountId, signal: AbortSignal): Promise<Credential | undefined> {
    const held = this.#held.get(account);
    if (held) return held;
    return this.#oneAtATime.run(account, async () => {
      const meanwhile = this.#held.get(account);
      if (meanwhile) return meanwhile;
      const read = await this.#load(account, signal);
      if (read) this.keep(account, read);
      return read;
    });
  }

  /** What the vault holds now, whatever is in memory; memory stays as it is. @throws BridgeError `vault-*`. */
  async reload(account: AccountId, signal: AbortSignal): Promise<Credential | undefined> {
    return this.#oneAtATime.run(account, async () => {
      const read = await this.#load(account, signal);
      if (read) this.#known.learn(account, read);
      return read;
    });
  }

  /** Saves the account's secrets in place of earlier ones; requests that start afterwards use them. */
  async store(account: AccountId, credential: Credential, signal: AbortSignal): Promise<void> {
    await this.renew(account, credential, signal);
    this.stored.announce(account);
  }

  /** The same without announcing it, for what a person did not replace. */
  async renew(account: AccountId, credential: Credential, signal: AbortSignal): Promise<void> {
    await this.#oneAtATime.run(account, async () => {
      signal.throwIfAborted();
      this.#known.learn(account, credential);
      await this.#parts.save(account, sealable(credential), signal);
      this.#saved.add(credential);
      this.#held.set(account, credential);
    });
  }

  /** Uses these secrets from now on without saving them. */
  keep(account: AccountId, credential: Credential): void {
    this.#known.learn(account, credential);
    this.#held.set(account, credential);
  }

  /** Removes the account's secrets from the vault and from memory. */
  async forget(account: AccountId, signal: AbortSignal): Promise<void> {
    await this.#oneAtATime.run(account, async () => {
      signal.throwIfAborted();
      await this.#parts.forget(account, signal);
      this.#held.delete(account);
    });
  }

  /**
   * Lets an account that is only being tried use secrets that are not saved yet. Disposing takes them back, unless
   * they were stored meanwhile.
   */
  hold(account: AccountId, credential: Credential): Disposable {
    this.keep(account, credential);
    return {
      [Symbol.dispose]: () => {
        if (this.#held.get(account) !== credential || this.#saved.has(credential)) return;
        this.#held.delete(account);
        this.#known.drop(account);
      },
    };
  }

  /**
   * The text without this account's own secrets, should a workspace echo them; other text stays as it is. Replaced and
   * forgotten secrets are taken out too: they may still be valid there and come back in a late answer.
   */
  withoutSecrets(account: AccountId, text: string): string {
    return this.#known.clean(account, text);
  }

  async #load(account: AccountId, signal: AbortSignal): Promise<Credential | undefined> {
    signal.throwIfAborted();
    const record = await this.#parts.load(account, signal);
    return record === undefined || record === null ? undefined : openCredential(record);
  }
}

function notStoredError(account: Account): BridgeError {
  return new BridgeError(
    'sign-in-needed',
    account.signIn.kind === 'oauth'
      ? `${account.label}: sign-in needed. Nothing is stored for it. ${howToSignIn(account)}`
      : `${account.label}: sign-in needed. No key is stored for it. Enter its key again.`,
    { account: account.label },
  );
}
