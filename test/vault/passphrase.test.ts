import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '#bridge/base/secret.ts';
import type { KeyAnswer, KeySource } from '#bridge/vault/key-source.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import { SealedVault } from '#bridge/vault/sealed-vault.ts';
import type { Vault } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountNamed } from './accounts.ts';
import { failure, never } from './expectations.ts';
import { recordingLog } from './recording-log.ts';
import { startBus } from './session-bus.ts';

const ann = accountNamed('ann');

function vaultAt(home: string, passphrase: string | undefined): Vault {
  return openVault({
    kind: 'passphrase',
    folder: join(home, 'vault'),
    passphrase: passphrase === undefined ? undefined : new Secret(passphrase),
    log: recordingLog(),
  });
}

async function usedBefore(home: string, passphrase: string): Promise<string> {
  const key = canary('allv');
  await using vault = vaultAt(home, passphrase);
  await vault.save(ann, { key }, never);
  return key;
}

async function snapshot(home: string): Promise<Record<string, string>> {
  const folder = join(home, 'vault');
  const names = (await readdir(folder)).sort();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'hex')));
  return Object.fromEntries(names.map((name, index) => [name, contents[index]!]));
}

test('the wrong passphrase is denied and changes nothing', async () => {
  await using home = await temporaryHome();
  const right = canary('generic');
  const key = await usedBefore(home.path, right);
  const before = await snapshot(home.path);
  await using wrong = vaultAt(home.path, canary('generic'));
  const error = await failure(wrong.open(never), 'vault-denied');
  expect(error.message).toContain('right one');
  expect(wrong.state).toBe('denied');
  await failure(wrong.load(ann, never), 'vault-denied');
  await failure(wrong.save(ann, { key: 'other' }, never), 'vault-denied');
  expect(await wrong.list()).toEqual([ann]);
  expect(await snapshot(home.path)).toEqual(before);
  await using again = vaultAt(home.path, right);
  await again.open(never);
  expect(await again.load(ann, never)).toEqual({ key });
});

test('without a passphrase it is locked, not empty', async () => {
  await using home = await temporaryHome();
  await using vault = vaultAt(home.path, undefined);
  const error = await failure(vault.open(never), 'vault-locked');
  expect(error.message).toContain('GANGWAY_PASSPHRASE_FILE');
  expect(await readdir(join(home.path, 'vault'))).toEqual([]);
});

describe('a passphrase that is given later', () => {
  test('opens the vault, and says so', async () => {
    await using home = await temporaryHome();
    const passphrase = canary('generic');
    const key = await usedBefore(home.path, passphrase);
    await using vault = vaultAt(home.path, undefined);
    await failure(vault.open(never), 'vault-locked');
    const states: string[] = [];
    using _watch = vault.changed.on((state) => states.push(state));
    await vault.open(never, new Secret(passphrase));
    expect(await vault.load(ann, never)).toEqual({ key });
    expect(states).toEqual(['ready']);
  });

  test('makes a new vault, which opens with it the next time', async () => {
    await using home = await temporaryHome();
    const passphrase = canary('generic');
    {
      await using vault = vaultAt(home.path, undefined);
      await failure(vault.open(never), 'vault-locked');
      await vault.open(never, new Secret(passphrase));
      await vault.save(ann, { key: 'kept' }, never);
    }
    await using again = vaultAt(home.path, passphrase);
    await again.open(never);
    expect(await again.load(ann, never)).toEqual({ key: 'kept' });
  });

  test('that is wrong changes nothing, and the right one still opens it', async () => {
    await using home = await temporaryHome();
    const passphrase = canary('generic');
    await usedBefore(home.path, passphrase);
    const before = await snapshot(home.path);
    await using vault = vaultAt(home.path, undefined);
    await failure(vault.open(never, new Secret(canary('generic'))), 'vault-denied');
    expect(vault.state).toBe('denied');
    expect(await snapshot(home.path)).toEqual(before);
    await vault.open(never, new Secret(passphrase));
    expect(vault.state).toBe('ready');
  });

  test('is tried although another one is being tried just then', async () => {
    await using home = await temporaryHome();
    const first = Promise.withResolvers<KeyAnswer>();
    const asked = Promise.withResolvers<void>();
    const given: Secret[] = [];
    const answers = [first.promise, Promise.resolve({ kind: 'key', master: new Uint8Array(32) } as const)];
    const source: KeySource = {
      kind: 'passphrase',
      waitMs: 10_000,
      key: async () => {
        asked.resolve();
        return answers.shift() ?? { kind: 'trouble', because: 'no-passphrase' };
      },
      take: (passphrase) => void given.push(passphrase),
      [Symbol.asyncDispose]: async () => undefined,
    };
    await using vault = new SealedVault(join(home.path, 'vault'), source, recordingLog());
    const wrong = failure(vault.open(never), 'vault-denied');
    await asked.promise;
    const right = new Secret(canary('generic'));
    const opened = vault.open(never, right);
    first.resolve({ kind: 'trouble', because: 'wrong-passphrase' });
    await wrong;
    await opened;
    expect(vault.state).toBe('ready');
    expect(given).toEqual([right]);
  });

  test('is tried by itself when two are given at once, so each hears of its own', async () => {
    await using home = await temporaryHome();
    const right = canary('generic');
    await using made = vaultAt(home.path, undefined);
    const making = made.open(never, new Secret(right));
    const other = made.open(never, new Secret(canary('generic')));
    await making;
    await other;
    await made.save(ann, { key: canary('allv') }, never);
    await using later = vaultAt(home.path, undefined);
    const wrong = failure(later.open(never, new Secret(canary('generic'))), 'vault-denied');
    const opened = later.open(never, new Secret(right));
    await wrong;
    await opened;
    await using again = vaultAt(home.path, undefined);
    await Promise.all([right, canary('generic')].map((each) => again.open(never, new Secret(each))));
    expect(again.state).toBe('ready');
  });

  test('does not matter to a vault that is open', async () => {
    await using home = await temporaryHome();
    const passphrase = canary('generic');
    const key = await usedBefore(home.path, passphrase);
    await using vault = vaultAt(home.path, passphrase);
    await vault.open(never);
    await vault.open(never, new Secret(canary('generic')));
    expect(await vault.load(ann, never)).toEqual({ key });
  });
});

test.for(['memory', 'keychain'] as const)('a %s vault takes no passphrase', async (kind) => {
  await using home = await temporaryHome();
  const start = (): never => {
    throw new Error('The keychain was asked.');
  };
  const folder = join(home.path, 'vault');
  await using vault = openVault({ kind, folder, log: recordingLog(), keychain: { start } });
  const error = await failure(vault.open(never, new Secret(canary('generic'))), 'invalid-input');
  expect(error.message).toContain('not sealed with a passphrase');
});

test('too short a passphrase makes no vault', async () => {
  await using home = await temporaryHome();
  await using vault = vaultAt(home.path, 'seven77');
  await failure(vault.open(never), 'invalid-input');
  expect(await readdir(join(home.path, 'vault'))).toEqual([]);
});

test('the same letters typed on another keyboard open it', async () => {
  await using home = await temporaryHome();
  await usedBefore(home.path, 'caf\u00e9 au lait');
  await using vault = vaultAt(home.path, 'cafe\u0301 au lait');
  await vault.open(never);
  expect(vault.state).toBe('ready');
});

test('without its header it is empty, and no new header is made', async () => {
  await using home = await temporaryHome();
  const passphrase = canary('generic');
  await usedBefore(home.path, passphrase);
  const folder = join(home.path, 'vault');
  await rm(join(folder, 'passphrase.json'));
  await using vault = vaultAt(home.path, passphrase);
  await failure(vault.open(never), 'vault-empty');
  expect(await readdir(folder)).toEqual([`${ann}.sealed`]);
});

test.for([
  ['empty', ''],
  ['not JSON', 'scrypt'],
  ['an array', '[]'],
  ['null', 'null'],
  ['without a salt', '{"version":1,"kdf":"scrypt","n":131072,"r":8,"p":1}'],
  ['cheaper than ours', undefined],
] as const)('FS-01 a header that is %s is damaged, and it stays', async ([, content]) => {
  await using home = await temporaryHome();
  const passphrase = canary('generic');
  await usedBefore(home.path, passphrase);
  const path = join(home.path, 'vault', 'passphrase.json');
  const text = content ?? (await readFile(path, 'utf8')).replace('131072', '2');
  await writeFile(path, text);
  await using vault = vaultAt(home.path, passphrase);
  const error = await failure(vault.open(never), 'vault-damaged');
  expect(error.message).toContain(path);
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a header of a newer version is left untouched', async () => {
  await using home = await temporaryHome();
  const passphrase = canary('generic');
  await usedBefore(home.path, passphrase);
  const path = join(home.path, 'vault', 'passphrase.json');
  await writeFile(path, '{"version":2,"kdf":"new"}');
  await using vault = vaultAt(home.path, passphrase);
  await failure(vault.open(never), 'newer-file');
  expect(await readFile(path, 'utf8')).toBe('{"version":2,"kdf":"new"}');
});

test.runIf(process.platform === 'linux')(
  'choosing another kind of vault for old files is empty, not a new key',
  async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, canary('generic'));
    const before = await snapshot(home.path);
    await using bus = await startBus();
    await bus.startKeyring();
    await using vault = openVault({
      kind: 'keychain',
      folder: join(home.path, 'vault'),
      log: recordingLog(),
      keychain: { environment: bus.environment },
    });
    await failure(vault.open(never), 'vault-empty');
    expect(await snapshot(home.path)).toEqual(before);
  },
);
