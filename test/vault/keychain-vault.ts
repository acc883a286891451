import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeychainOptions } from '#bridge/vault/keychain.ts';
import { forkKeychain, type KeychainProcess } from '#bridge/vault/keychain-process.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import type { Vault, VaultState } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import { accountNamed } from './accounts.ts';
import { never } from './expectations.ts';
import { recordingLog } from './recording-log.ts';

export const ann = accountNamed('ann');
export const bob = accountNamed('bob');
/** Retries that must not happen within a test. */
const NOT_SOON_MS = 600_000;

type Keychain = Required<Pick<KeychainOptions, 'environment'>> & KeychainOptions;

export function vaultAt(home: string, keychain: Keychain, log = recordingLog()): Vault {
  return openVault({
    kind: 'keychain',
    folder: join(home, 'vault'),
    log,
    keychain: { retryMs: NOT_SOON_MS, ...keychain },
  });
}

/** Saves one key and goes away, as a day of use before the trouble begins. */
export async function usedBefore(home: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const key = canary('sanctum');
  await using vault = vaultAt(home, { environment });
  await vault.save(ann, { key }, never);
  return key;
}

/** The state as announced, once it is this one. */
export async function becomes(vault: Vault, state: VaultState): Promise<void> {
  for await (const announced of vault.changed.stream(never)) if (announced === state) return;
}

export async function filesIn(home: string): Promise<string[]> {
  return (await readdir(join(home, 'vault'))).sort();
}

/** Runs the child as usual and keeps hold of it. */
export function watched(): { start: typeof forkKeychain; processes: KeychainProcess[] } {
  const processes: KeychainProcess[] = [];
  return {
    processes,
    start: (question, environment) => {
      const process = forkKeychain(question, environment);
      processes.push(process);
      return process;
    },
  };
}

export function lives(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
