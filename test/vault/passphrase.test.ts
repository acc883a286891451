import { chmod, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '#bridge/base/secret.ts';
import { openVault } from '#bridge/vault/open-vault.ts';
import { readPassphraseFile } from '#bridge/vault/passphrase.ts';
import type { Vault } from '#bridge/vault/vault.ts';
import { canary } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
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

describe('the passphrase file', () => {
  async function fileWith(content: string | Uint8Array, mode = 0o600): Promise<string> {
    const home = await temporaryHome();
    const path = join(home.path, 'passphrase');
    await writeFile(path, content, { mode });
    await chmod(path, mode);
    return path;
  }

  test.for([
    ['as it is', ''],
    ['with a line end', '\n'],
    ['with a Windows line end', '\r\n'],
  ] as const)('is read %s', async ([, end]) => {
    const passphrase = canary('generic');
    allowSecrets({ place: /passphrase$/, because: 'the person put it there', secret: passphrase });
    const path = await fileWith(`${passphrase}${end}`);
    const read = await readPassphraseFile(path);
    expect(read.reveal() === passphrase).toBe(true);
    expect(`${read}`).toBe('[secret]');
  });

  test('keeps spaces and every letter', async () => {
    const read = await readPassphraseFile(await fileWith('  Füße 鍵 \n'));
    expect(read.reveal()).toBe('  Füße 鍵 ');
  });

  test.for([
    ['empty', ''],
    ['only a line end', '\n'],
    ['two lines', 'one\ntwo\n'],
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0x41])],
    ['too large', 'x'.repeat(5000)],
  ] as const)('is refused when it is %s', async ([, content]) => {
    const path = await fileWith(content);
    const error = await failure(readPassphraseFile(path), 'invalid-input');
    expect(error.message).toContain(path);
  });

  test('is refused when it does not exist', async () => {
    await using home = await temporaryHome();
    const error = await failure(readPassphraseFile(join(home.path, 'none')), 'invalid-input');
    expect(error.message).toContain('mode 600');
  });

  test.runIf(process.platform !== 'win32').for([0o644, 0o640, 0o666, 0o604])(
    'FS-09 is refused with mode %o and not repaired, for it may have been read',
    async (mode) => {
      const path = await fileWith('a passphrase', mode);
      const error = await failure(readPassphraseFile(path), 'storage');
      expect(error.message).toContain('chmod 600');
    },
  );

  test.runIf(process.platform !== 'win32')('FS-02 is refused when it is a link or a folder', async () => {
    await using home = await temporaryHome();
    const target = await fileWith('a passphrase');
    const path = join(home.path, 'link');
    await symlink(target, path);
    await failure(readPassphraseFile(path), 'storage');
    await failure(readPassphraseFile(home.path), 'storage');
  });
});
