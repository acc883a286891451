import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEYCHAIN_SERVICE, keychainAccount } from '#bridge/vault/keychain.ts';
import { forkKeychain } from '#bridge/vault/keychain-process.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { failure, never } from './expectations.ts';
import { ann, becomes, bob, filesIn, usedBefore, vaultAt } from './keychain-vault.ts';
import { recordingLog } from './recording-log.ts';
import { type SessionBus, startBus } from './session-bus.ts';

describe.runIf(process.platform === 'linux')('a real Secret Service', () => {
  let bus: SessionBus;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    bus = await startBus();
    environment = bus.environment;
    await bus.startKeyring();
  });
  afterAll(() => bus[Symbol.asyncDispose]());
  beforeEach(() => bus.unlock());

  test('the first start makes one key and the keychain keeps it', async () => {
    await using home = await temporaryHome();
    const before = await bus.entries(KEYCHAIN_SERVICE);
    const log = recordingLog();
    await using vault = vaultAt(home.path, { environment }, log);
    expect(vault.state).toBe('locked');
    await vault.open(never);
    expect(vault.state).toBe('ready');
    expect(log.events).toEqual(['keychain-key-made', 'vault-ready']);
    expect(await bus.entries(KEYCHAIN_SERVICE)).toHaveLength(before.length + 1);
  });

  test('two data folders have two keys', async () => {
    await using one = await temporaryHome();
    await using two = await temporaryHome();
    await usedBefore(one.path, environment);
    await usedBefore(two.path, environment);
    expect(await keychainAccount(one.path)).not.toBe(await keychainAccount(two.path));
    await using again = vaultAt(one.path, { environment });
    await again.open(never);
    expect(await again.load(ann, never)).toBeDefined();
  });

  test('KC-01 locked: nothing is read or saved, and it is not mistaken for signed out', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    await bus.lock();
    await using vault = vaultAt(home.path, { environment });
    const error = await failure(vault.open(never), 'vault-locked');
    expect(error.message).toContain('Unlock it');
    expect(vault.state).toBe('locked');
    await failure(vault.load(ann, never), 'vault-locked');
    await failure(vault.save(ann, { key: 'other' }, never), 'vault-locked');
    expect(await vault.list()).toEqual([ann]);
    await bus.unlock();
    await vault.open(never);
    expect(await vault.load(ann, never)).toEqual({ key });
  });

  test('KC-02 once unlocked it goes on by itself and says so', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    await bus.lock();
    await using vault = vaultAt(home.path, { environment, retryMs: 20 });
    await failure(vault.open(never), 'vault-locked');
    const ready = becomes(vault, 'ready');
    await bus.unlock();
    await ready;
    expect(await vault.load(ann, never)).toEqual({ key });
  });

  test('trying again by itself never puts up a prompt', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    await bus.lock();
    const questions: boolean[] = [];
    const { promise: several, resolve } = Promise.withResolvers<void>();
    const start: typeof forkKeychain = (question, env) => {
      questions.push(question.prompt);
      if (questions.length === 4) resolve();
      return forkKeychain(question, env);
    };
    const before = bus.prompts;
    await using vault = vaultAt(home.path, { environment, start, retryMs: 10 });
    await failure(vault.open(never), 'vault-locked');
    await several;
    expect(questions).toEqual([true, false, false, false]);
    await expect.poll(() => bus.prompts).toBe(before + 1);
  });

  test('KC-03 flapping between locked and unlocked loses nothing', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    for (let turn = 0; turn < 5; turn += 1) {
      await bus.lock();
      await using vault = vaultAt(home.path, { environment });
      await failure(vault.open(never), 'vault-locked');
      await bus.unlock();
      await vault.open(never);
      expect(await vault.load(ann, never)).toEqual({ key });
    }
  });

  test('a keychain locked later does not stop a vault that is ready', async () => {
    await using home = await temporaryHome();
    await using vault = vaultAt(home.path, { environment });
    await vault.open(never);
    await bus.lock();
    await vault.save(bob, { key: canary('allv') }, never);
    expect(await vault.load(bob, never)).toBeDefined();
  });

  test('KC-04 a keychain locked at the very first start makes no key and no file', async () => {
    await using home = await temporaryHome();
    const before = await bus.entries(KEYCHAIN_SERVICE);
    await bus.lock();
    await using vault = vaultAt(home.path, { environment });
    await failure(vault.open(never), 'vault-locked');
    expect(await filesIn(home.path)).toEqual([]);
    await bus.unlock();
    expect(await bus.entries(KEYCHAIN_SERVICE)).toHaveLength(before.length);
    await vault.save(ann, { key: 'first' }, never);
    expect(vault.state).toBe('ready');
  });

  test('KC-05 vanished entry: empty, nothing overwritten, and no new key', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    await bus.removeEntries(KEYCHAIN_SERVICE);
    await using vault = vaultAt(home.path, { environment });
    const error = await failure(vault.open(never), 'vault-empty');
    expect(error.message).toContain('Restore the keychain');
    expect(vault.state).toBe('empty');
    await failure(vault.load(ann, never), 'vault-empty');
    await failure(vault.save(ann, { key: 'other' }, never), 'vault-empty');
    await failure(vault.save(bob, { key: 'other' }, never), 'vault-empty');
    expect(await vault.list()).toEqual([ann]);
    expect(await bus.entries(KEYCHAIN_SERVICE)).toEqual([]);
    expect(await filesIn(home.path)).toEqual([`${ann}.sealed`]);
  });

  test('a person who removes every account gets a fresh start from empty', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    await bus.removeEntries(KEYCHAIN_SERVICE);
    await using vault = vaultAt(home.path, { environment });
    await failure(vault.open(never), 'vault-empty');
    await vault.forget(ann, never);
    await vault.save(bob, { key: 'fresh' }, never);
    expect(await vault.load(bob, never)).toEqual({ key: 'fresh' });
  });

  for (const [what, content] of [
    ['KC-06 garbage', 'not a key at all'],
    ['KC-07 an empty string', ''],
  ] as const) {
    test(`${what} in place of the key is neither used nor overwritten`, async () => {
      await using home = await temporaryHome();
      await usedBefore(home.path, environment);
      await bus.removeEntries(KEYCHAIN_SERVICE);
      await bus.storeEntry(KEYCHAIN_SERVICE, await keychainAccount(join(home.path, 'vault')), content);
      await using vault = vaultAt(home.path, { environment });
      const error = await failure(vault.open(never), 'vault-empty');
      expect(error.message).toContain('does not hold a key');
      await bus.removeEntries(KEYCHAIN_SERVICE);
    });
  }

  test("KC-08 another vault's key does not open the files and seals nothing", async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    await bus.removeEntries(KEYCHAIN_SERVICE);
    const account = await keychainAccount(join(home.path, 'vault'));
    await bus.storeEntry(KEYCHAIN_SERVICE, account, 'k'.repeat(32));
    await using vault = vaultAt(home.path, { environment });
    const error = await failure(vault.open(never), 'vault-empty');
    expect(error.message).toContain('another key');
    await failure(vault.save(ann, { key: 'other' }, never), 'vault-empty');
    expect(await filesIn(home.path)).toEqual([`${ann}.sealed`]);
    await bus.removeEntries(KEYCHAIN_SERVICE);
  });
});
