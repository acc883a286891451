import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AsyncEntry } from '@napi-rs/keyring';
import { becauseOf } from './keychain-errors.ts';
import type { KeychainAnswer, KeychainQuestion } from './keychain-process.ts';
import { MASTER_KEY_BYTES } from './seal.ts';

type Keyring = typeof import('@napi-rs/keyring');

/**
 * Asks the OS keychain one question. Never rejects. Only for a process of its own that is killed afterwards: a call that
 * waits for an unlock prompt cannot be cancelled and keeps even `process.exit` waiting.
 */
export async function askKeychain(question: KeychainQuestion): Promise<KeychainAnswer> {
  return ask(question).catch((error: unknown) => ({ kind: 'trouble', because: explain(error) }));
}

async function ask({ service, account, create, prompt }: KeychainQuestion): Promise<KeychainAnswer> {
  let keyring: Keyring;
  try {
    keyring = await import('@napi-rs/keyring');
  } catch {
    return { kind: 'trouble', because: 'no-keychain' };
  }
  if (!prompt && (await wouldPrompt(keyring, service))) return { kind: 'trouble', because: 'locked' };
  // Pinned: without it the package falls back to kernel keyutils, which forgets the key at the next start.
  const entry = new keyring.AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  const found = await read(entry);
  if (found) {
    return found.length === MASTER_KEY_BYTES
      ? { kind: 'key', key: found, made: false }
      : { kind: 'trouble', because: 'not-a-key' };
  }
  return create && prompt ? make(entry) : { kind: 'none' };
}

/** Makes a key, and gives it out only once the keychain has handed back the same bytes. */
async function make(entry: AsyncEntry): Promise<KeychainAnswer> {
  const key = Uint8Array.from(randomBytes(MASTER_KEY_BYTES));
  await entry.setSecret(key);
  const kept = await read(entry);
  if (kept?.length !== key.length || !timingSafeEqual(kept, key)) {
    return { kind: 'trouble', because: 'unrecognised' };
  }
  return { kind: 'key', key, made: true };
}

async function read(entry: AsyncEntry): Promise<Uint8Array | undefined> {
  const bytes = await entry.getSecret();
  return bytes ? Uint8Array.from(bytes) : undefined;
}

/** On Linux searching refuses a locked keyring at once, while reading an entry of it puts up a prompt. */
async function wouldPrompt(keyring: Keyring, service: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    await keyring.findCredentialsAsync(service);
    return false;
  } catch (error) {
    return explain(error) === 'locked';
  }
}

function explain(error: unknown): ReturnType<typeof becauseOf> {
  return becauseOf(error instanceof Error ? error.message : '', process.platform);
}
