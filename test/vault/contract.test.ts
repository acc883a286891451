import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Secret } from '#bridge/base/secret.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import type { Vault } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountNamed } from './accounts.ts';
import { failure, never } from './expectations.ts';
import { recordingLog } from './recording-log.ts';
import { type SessionBus, startBus } from './session-bus.ts';

interface Backend {
  readonly name: string;
  readonly keeps: 'files' | 'nothing';
  readonly make: (folder: string) => Vault;
}

const passphrase = new Secret(canary('generic'));
let bus: SessionBus | undefined;

const memory: Backend = {
  name: 'memory',
  keeps: 'nothing',
  make: (folder) => openVault({ kind: 'memory', folder, log: recordingLog() }),
};
const sealedByPassphrase: Backend = {
  name: 'passphrase',
  keeps: 'files',
  make: (folder) => openVault({ kind: 'passphrase', folder, passphrase, log: recordingLog() }),
};
const secretService: Backend = {
  name: 'keychain (gnome-keyring, unlocked)',
  keeps: 'files',
  make: (folder) =>
    openVault({
      kind: 'keychain',
      folder,
      log: recordingLog(),
      keychain: { environment: bus!.environment },
    }),
};

const ann = accountNamed('ann');
const bob = accountNamed('bob');

function keepsTheContract({ keeps, make }: Backend): void {
  async function vaultIn(folder: string): Promise<Vault> {
    const vault = make(join(folder, 'vault'));
    await vault.open(never);
    return vault;
  }

  test('gives back what was saved, for each account its own', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    const keys = [canary('sanctum'), canary('allv')];
    await vault.save(ann, { key: keys[0], headers: { 'x-extra': keys[1] }, list: [1, null, true] }, never);
    await vault.save(bob, { key: 'other' }, never);
    expect(await vault.load(ann, never)).toEqual({
      key: keys[0],
      headers: { 'x-extra': keys[1] },
      list: [1, null, true],
    });
    expect(await vault.load(bob, never)).toEqual({ key: 'other' });
    expect(await vault.list()).toEqual([ann, bob]);
    expect(vault.state).toBe('ready');
  });

  test('knows nothing of an account that was never saved', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    expect(await vault.load(ann, never)).toBeUndefined();
    expect(await vault.list()).toEqual([]);
    await vault.forget(ann, never);
  });

  test('replaces a value as a whole', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    await vault.save(ann, { key: canary('aly'), note: 'old' }, never);
    await vault.save(ann, { key: 'new' }, never);
    expect(await vault.load(ann, never)).toEqual({ key: 'new' });
  });

  test('forgets one account and leaves the others', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    await vault.save(ann, { key: canary('bearer') }, never);
    await vault.save(bob, { key: 'kept' }, never);
    await vault.forget(ann, never);
    expect(await vault.load(ann, never)).toBeUndefined();
    expect(await vault.list()).toEqual([bob]);
    expect(await vault.load(bob, never)).toEqual({ key: 'kept' });
  });

  test('a saved value shares no object with the caller', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    const headers: Record<string, string> = { a: 'first' };
    await vault.save(ann, { headers }, never);
    headers.a = 'changed later';
    expect(await vault.load(ann, never)).toEqual({ headers: { a: 'first' } });
  });

  test('KC-11 secrets of every length come back unchanged', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    for (const units of [0, 1, 1279, 1280, 1281, 2560, 5000, 100_000]) {
      const key = 'k'.repeat(units);
      await vault.save(ann, { key }, never);
      expect(await vault.load(ann, never)).toEqual({ key });
    }
  });

  test('unicode comes back unchanged', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    const texts = ['ключ', '鍵🔑'.repeat(700), 'e\u0301', '\u0000\u001f', '\ud83d', '__proto__', ''];
    const value = Object.fromEntries(texts.map((text, index) => [`${index}${text}`, text]));
    await vault.save(ann, value, never);
    expect(await vault.load(ann, never)).toEqual(value);
  });

  test('fifty accounts saved at once are all there', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    const accounts = Array.from({ length: 50 }, (_, index) => accountNamed(`many${index}x`));
    await Promise.all(accounts.map((account, index) => vault.save(account, { index }, never)));
    const loaded = await Promise.all(accounts.map((account) => vault.load(account, never)));
    expect(loaded).toEqual(accounts.map((_, index) => ({ index })));
    expect(await vault.list()).toHaveLength(50);
  });

  test('fifty saves of one account at once leave the last', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    await Promise.all(Array.from({ length: 50 }, (_, turn) => vault.save(ann, { turn }, never)));
    expect(await vault.load(ann, never)).toEqual({ turn: 49 });
  });

  test('opening again, also many times at once, changes nothing', async () => {
    await using home = await temporaryHome();
    await using vault = make(join(home.path, 'vault'));
    const states: string[] = [];
    using _watch = vault.changed.on((state) => states.push(state));
    await Promise.all(Array.from({ length: 20 }, () => vault.open(never)));
    await vault.save(ann, { key: 'kept' }, never);
    await vault.open(never);
    expect(await vault.load(ann, never)).toEqual({ key: 'kept' });
    expect(states).toEqual(keeps === 'files' ? ['ready'] : []);
  });

  test('an aborted call does nothing', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    const reason = new Error('no longer wanted');
    const aborted = AbortSignal.abort(reason);
    await expect(vault.save(ann, { key: 'x' }, aborted)).rejects.toBe(reason);
    await expect(vault.load(ann, aborted)).rejects.toBe(reason);
    await expect(vault.forget(ann, aborted)).rejects.toBe(reason);
    await expect(vault.open(aborted)).rejects.toBe(reason);
    expect(await vault.list()).toEqual([]);
  });

  test('a value beyond the limit is refused and the old one stays', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    await vault.save(ann, { key: 'old' }, never);
    const error = await failure(vault.save(ann, { key: 'k'.repeat(limits.sealedBytes) }, never), 'too-large');
    expect(error.details).toEqual({ account: ann });
    expect(await vault.load(ann, never)).toEqual({ key: 'old' });
  });

  if (keeps === 'nothing') {
    test('leaves nothing on disk', async () => {
      await using home = await temporaryHome();
      await using vault = await vaultIn(home.path);
      await vault.save(ann, { key: canary('generic') }, never);
      expect(await readdir(home.path)).toEqual([]);
    });
    return;
  }

  test('the next start finds everything', async () => {
    await using home = await temporaryHome();
    const key = canary('sanctum');
    {
      await using vault = await vaultIn(home.path);
      await vault.save(ann, { key }, never);
    }
    await using again = await vaultIn(home.path);
    expect(await again.load(ann, never)).toEqual({ key });
  });

  test.runIf(process.platform !== 'win32')('FS-09 the folder is 0700 and the files 0600', async () => {
    await using home = await temporaryHome();
    await using vault = await vaultIn(home.path);
    await vault.save(ann, { key: canary('generic') }, never);
    const folder = join(home.path, 'vault');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test('FS-10 a long path with spaces and other alphabets works', async () => {
    await using home = await temporaryHome();
    const folder = join(home.path, 'My Dokumente ключи 鍵', 'x'.repeat(150), 'y'.repeat(150));
    await using vault = make(folder);
    await vault.open(never);
    await vault.save(ann, { key: 'kept' }, never);
    expect(await vault.load(ann, never)).toEqual({ key: 'kept' });
  });

  test('after the end it refuses instead of working half', async () => {
    await using home = await temporaryHome();
    const vault = await vaultIn(home.path);
    await vault[Symbol.asyncDispose]();
    await failure(vault.load(ann, never), 'stopping');
    await failure(vault.save(ann, {}, never), 'stopping');
    await failure(vault.open(never), 'stopping');
  });
}

describe('memory', () => keepsTheContract(memory));

describe('passphrase', () => keepsTheContract(sealedByPassphrase));

describe.runIf(process.platform === 'linux')(secretService.name, () => {
  beforeAll(async () => {
    bus = await startBus();
    await bus.startKeyring();
  });
  afterAll(() => bus?.[Symbol.asyncDispose]());

  keepsTheContract(secretService);
});
