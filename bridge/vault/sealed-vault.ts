import { Signal } from '../base/events.ts';
import { privateFolder, sweepTemporary } from '../base/json-file.ts';
import type { Log } from '../base/log.ts';
import type { Secret } from '../base/secret.ts';
import { within } from '../base/tasks.ts';
import type { AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { KeySource } from './key-source.ts';
import { type SealingKey, sealingKey } from './seal.ts';
import { SealedFiles } from './sealed-files.ts';
import { type Because, notReady, takesNoPassphrase, troubles } from './trouble.ts';
import type { StoredSecret, Vault, VaultKind, VaultState } from './vault.ts';

interface Attempt {
  readonly prompt: boolean;
  readonly done: Promise<void>;
}

/**
 * Sealed files and the key to them. The key is fetched once and stays in memory, so a keychain locked later does not
 * stop running sessions. Fetching is single flight.
 */
export class SealedVault implements Vault {
  readonly kind: VaultKind;
  readonly changed = new Signal<VaultState>();
  readonly #folder: string;
  readonly #source: KeySource;
  readonly #files: SealedFiles;
  readonly #log: Log;
  #standing: SealingKey | Because = 'not-opened';
  #attempt: Attempt | undefined;
  #retry: NodeJS.Timeout | undefined;
  #swept = false;
  #disposed = false;

  constructor(folder: string, source: KeySource, log: Log) {
    this.kind = source.kind;
    this.#folder = folder;
    this.#source = source;
    this.#files = new SealedFiles(folder, log);
    this.#log = log;
  }

  get state(): VaultState {
    return stateOf(this.#standing);
  }

  async open(signal: AbortSignal, passphrase?: Secret): Promise<void> {
    this.#check(signal);
    if (passphrase && !this.#source.take) throw takesNoPassphrase();
    if (typeof this.#standing !== 'string') return;
    const late = (): BridgeError => {
      if (typeof this.#standing === 'string') this.#become('not-answering');
      return notReady('not-answering');
    };
    await within(this.#source.waitMs, signal, () => this.#try({ prompt: true, passphrase }), late);
    this.#key();
  }

  async load(account: AccountId, signal: AbortSignal): Promise<StoredSecret | undefined> {
    this.#check(signal);
    return this.#files.load(this.#key(), account);
  }

  async save(account: AccountId, value: StoredSecret, signal: AbortSignal): Promise<void> {
    await this.open(signal);
    await this.#files.save(this.#key(), account, value);
  }

  async forget(account: AccountId, signal: AbortSignal): Promise<void> {
    this.#check(signal);
    await this.#files.forget(account);
  }

  async list(): Promise<AccountId[]> {
    return this.#files.list();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#retry);
    await this.#source[Symbol.asyncDispose]();
    await this.#attempt?.done.catch(() => undefined);
    this.#standing = 'not-opened';
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#disposed) throw new BridgeError('stopping', 'Gangway is stopping. Start it and try again.');
  }

  #key(): SealingKey {
    if (typeof this.#standing === 'string') throw notReady(this.#standing);
    return this.#standing;
  }

  /**
   * Joins the attempt under way, unless that one may not ask the person and this one may. A passphrase has an attempt of
   * its own, so that nobody hears of another one's.
   */
  #try({ prompt, passphrase }: { prompt: boolean; passphrase?: Secret | undefined }): Promise<void> {
    const running = this.#attempt;
    if (running && !passphrase && (running.prompt || !prompt)) return running.done;
    const before = running?.done.catch(() => undefined) ?? Promise.resolve();
    const done = before
      .then(() => this.#fetch(prompt, passphrase))
      .finally(() => {
        if (this.#attempt === attempt) this.#attempt = undefined;
        this.#tryAgainLater();
      });
    const attempt: Attempt = { prompt, done };
    this.#attempt = attempt;
    return done;
  }

  async #fetch(prompt: boolean, passphrase: Secret | undefined): Promise<void> {
    if (typeof this.#standing !== 'string' || this.#disposed) return;
    clearTimeout(this.#retry);
    await privateFolder(this.#folder);
    if (!this.#swept) await sweepTemporary(this.#folder);
    this.#swept = true;
    const create = !(await this.#files.any());
    if (passphrase) this.#source.take?.(passphrase);
    const answer = await this.#source.key({ create, prompt });
    if (answer.kind === 'trouble') return this.#become(answer.because);
    const key = sealingKey(answer.master);
    answer.master.fill(0);
    if (this.#disposed) return;
    this.#become((await this.#files.belongToAnother(key)) ? 'other-key' : key);
  }

  #become(standing: SealingKey | Because): void {
    if (this.#disposed || this.#standing === standing) return;
    const before = this.state;
    this.#standing = standing;
    const facts = { kind: this.kind, state: this.state };
    if (typeof standing === 'string') this.#log.warn('vault-not-ready', { ...facts, because: standing });
    else this.#log.info('vault-ready', facts);
    if (this.state !== before) this.changed.announce(this.state);
  }

  /** A keychain may be unlocked, started or restored at any time. One that was refused is only asked on request. */
  #tryAgainLater(): void {
    const { retryMs } = this.#source;
    clearTimeout(this.#retry);
    if (retryMs === undefined || this.#disposed || this.#attempt) return;
    if (this.state === 'ready' || this.state === 'denied') return;
    this.#retry = setTimeout(() => {
      this.#try({ prompt: false }).catch((error: unknown) => this.#log.error('vault-retry-failed', error));
    }, retryMs).unref();
  }
}

function stateOf(standing: SealingKey | Because): VaultState {
  return typeof standing === 'string' ? troubles[standing].state : 'ready';
}
