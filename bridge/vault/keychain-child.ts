import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AsyncEntry } from '@napi-rs/keyring';
import { becauseOf } from './keychain-errors.ts';
import type { KeychainAnswer, KeychainQuestion } from './keychain-process.ts';
import { MASTER_KEY_BYTES } from './seal.ts';

/*
 * The program of the small process that talks to the OS keychain: one question by IPC, one answer, then it is killed.
 * A call that waits for an unlock prompt cannot be cancelled and keeps even `process.exit` waiting, so nothing else
 * may live in this process.
 */

type Keyring = typeof import('@napi-rs/keyring');

// Without a parent nobody reads the answer; only a signal ends a process that waits for a prompt.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', (question: KeychainQuestion) => void reply(question));

async function reply(question: KeychainQuestion): Promise<void> {
  const answer = await ask(question).catch(
    (error: unknown): KeychainAnswer => ({ kind: 'trouble', because: explain(error) }),
  );
  process.send?.(answer);
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
