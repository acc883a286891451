import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { KeyAnswer, KeySource } from './key-source.ts';
import { forkKeychain, type KeychainAnswer, type StartKeychainProcess } from './keychain-process.ts';
import type { Because } from './trouble.ts';

/** Name of the entry in the keychain, as people see it there. */
export const KEYCHAIN_SERVICE = 'gangway';

export interface KeychainOptions {
  /** How the process that talks to the keychain is run. */
  readonly start?: StartKeychainProcess;
  /** Where that process finds the keychain; our own environment when absent. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly waitMs?: number;
  readonly promptMs?: number;
  readonly retryMs?: number;
}

/**
 * The master key in the OS keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows. One
 * entry per data folder. 32 bytes fit everywhere (Windows takes 2,560 per entry) and cost at most one prompt.
 */
export class KeychainKey implements KeySource {
  readonly kind = 'keychain';
  readonly waitMs: number;
  readonly retryMs: number;
  readonly #folder: string;
  readonly #log: Log;
  readonly #start: StartKeychainProcess;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #promptMs: number;
  readonly #over = new AbortController();
  #last: Because | undefined;

  constructor(folder: string, log: Log, options: KeychainOptions) {
    this.#folder = folder;
    this.#log = log;
    this.#start = options.start ?? forkKeychain;
    this.#environment = options.environment ?? process.env;
    this.#promptMs = options.promptMs ?? limits.keychainPromptMs;
    this.waitMs = options.waitMs ?? limits.keychainMs;
    this.retryMs = options.retryMs ?? limits.keychainRetryMs;
  }

  async key({ create, prompt }: { create: boolean; prompt: boolean }): Promise<KeyAnswer> {
    // Only Linux can tell a locked keychain without a prompt; elsewhere an unanswered one is not put up again unasked.
    if (!prompt && process.platform !== 'linux' && this.#last === 'not-answering') {
      return { kind: 'trouble', because: 'not-answering' };
    }
    const account = await keychainAccount(this.#folder);
    const answer = await this.#ask({ service: KEYCHAIN_SERVICE, account, create, prompt });
    switch (answer.kind) {
      case 'key':
        if (answer.made) this.#log.info('keychain-key-made', { account });
        return { kind: 'key', master: answer.key };
      case 'none':
        return { kind: 'trouble', because: create ? this.#notMade() : 'key-missing' };
      case 'trouble':
        this.#last = answer.because;
        return answer;
      default:
        return answer satisfies never;
    }
  }

  /** Making a key may put up a prompt, so a try that may not prompt makes none; it can only tell what is known. */
  #notMade(): Because {
    return this.#last === undefined || this.#last === 'no-keychain' ? 'not-opened' : this.#last;
  }

  async #ask(question: Parameters<StartKeychainProcess>[0]): Promise<KeychainAnswer> {
    const over = this.#over.signal;
    if (over.aborted) return { kind: 'trouble', because: 'not-opened' };
    const asking = this.#start(question, this.#environment);
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<KeychainAnswer>();
    const late = (): void => giveUp({ kind: 'trouble', because: 'not-answering' });
    const timer = setTimeout(late, this.#promptMs);
    over.addEventListener('abort', late);
    try {
      return await Promise.race([asking.answer, givenUp]);
    } finally {
      clearTimeout(timer);
      over.removeEventListener('abort', late);
      await asking.kill();
    }
  }

  /** Takes back an open question: `key` then answers once the process that asked is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
  }
}

/** Two data folders must not share an entry; the folder's own path never appears in the keychain. */
export async function keychainAccount(folder: string): Promise<string> {
  const path = await realpath(folder);
  return `vault-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}
