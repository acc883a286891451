import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { privateFolder, sweepTemporary } from '#bridge/base/json-file.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { excuse } from '../invariants/broken.ts';
import { accountNamed } from './accounts.ts';
import { failure } from './expectations.ts';
import { recordingLog } from './recording-log.ts';

excuse(
  'INV-5',
  /^(?:damaged|half-written): /,
  'Sealed files are damaged here, and left behind as by a killed writer.',
);

const ann = accountNamed('ann');
const bob = accountNamed('bob');
const key = sealingKey(new Uint8Array(32).fill(1));
const otherKey = sealingKey(new Uint8Array(32).fill(2));
const VERSION_AT = 8;

let folder: string;
let path: string;
let log: ReturnType<typeof recordingLog>;
let files: SealedFiles;

beforeEach(async () => {
  const home = await temporaryHome();
  folder = join(home.path, 'vault');
  path = join(folder, `${ann}.sealed`);
  await privateFolder(folder);
  log = recordingLog();
  files = new SealedFiles(folder, log);
});

async function content(): Promise<Buffer> {
  return readFile(path);
}

describe('a file that is not as it was saved', () => {
  test('FS-01 any changed byte makes it damaged, and it stays', async () => {
    await files.save(key, ann, { key: canary('sanctum') });
    const good = await content();
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at]! ^= 0x01;
      await writeFile(path, bad);
      const newer = at === VERSION_AT || at === VERSION_AT + 1;
      const error = await failure(
        files.load(key, ann),
        newer && at === VERSION_AT ? 'newer-file' : 'vault-damaged',
      );
      expect(error.details).toEqual({ account: ann });
      expect(await content()).toEqual(bad);
    }
  });

  test.for([
    ['empty', Buffer.alloc(0)],
    ['one byte', Buffer.from('G')],
    ['random bytes', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 7919) % 251))],
    ['a signature only', Buffer.from('GWSEAL\r\n\0\x01')],
    ['JSON', Buffer.from('{"version":1}')],
    ['an empty array', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    [
      'text with changed line ends',
      Buffer.from('GWSEAL\n\0\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
    ],
  ] as const)('FS-01 %s is damaged, and it stays', async ([, bytes]) => {
    await writeFile(path, bytes, { mode: 0o600 });
    const error = await failure(files.load(key, ann), 'vault-damaged');
    expect(error.message).toContain(ann);
    expect(error.message).toContain('Sign in again');
    expect(await content()).toEqual(bytes);
  });

  test('FS-01 every shortened file is damaged', async () => {
    await files.save(key, ann, { key: canary('allv') });
    const good = await content();
    for (let length = 0; length < good.length; length += 1) {
      await writeFile(path, good.subarray(0, length));
      await failure(files.load(key, ann), 'vault-damaged');
    }
  });

  test('KC-12 a file put together of an older and a newer one, cut anywhere, gives no part of a secret', async () => {
    await files.save(key, ann, { key: canary('allv'), more: 'x'.repeat(200) });
    const older = await content();
    await files.save(key, ann, { key: canary('allv'), more: 'y'.repeat(200) });
    const newer = await content();
    expect(newer).toHaveLength(older.length);
    const isSame = (at: number): boolean => older.subarray(at).equals(newer.subarray(at));
    for (let at = 1; at < older.length && !isSame(at); at += 1) {
      const cut = older.subarray(0, at).equals(newer.subarray(0, at));
      if (cut) continue;
      await writeFile(path, Buffer.concat([older.subarray(0, at), newer.subarray(at)]));
      const error = await failure(files.load(key, ann), 'vault-damaged');
      expect(error.message).toContain('Sign in again');
    }
    await rm(path);
    expect(await files.load(key, ann)).toBeUndefined();
  });

  test('KC-15 an older copy that was put back is read as what it is, and the next save is newer than both', async () => {
    const [first, second] = [canary('allv'), canary('allv')];
    await files.save(key, ann, { key: first });
    const older = await content();
    await files.save(key, ann, { key: second });
    await writeFile(path, older);
    expect((await files.load(key, ann))?.key === first).toBe(true);
    await files.save(key, ann, { key: second });
    // Head: signature, version, id of the key, generation.
    expect((await content()).readBigUInt64BE(18)).toBe(3n);
  });

  test('FS-01 a file of 100 MB is not even read', async () => {
    const handle = await open(path, 'w', 0o600);
    await handle.truncate(100 * 1024 * 1024);
    await handle.close();
    await failure(files.load(key, ann), 'vault-damaged');
    // Not left for the search for secrets, which would read all of it.
    await rm(path);
  });

  test('FS-01 a newer version is refused and never overwritten', async () => {
    await files.save(key, ann, { key: 'x' });
    const newer = await content();
    newer.writeUInt16BE(2, VERSION_AT);
    await writeFile(path, newer);
    const error = await failure(files.load(key, ann), 'newer-file');
    expect(error.message).toContain('Update Gangway');
    await failure(files.save(key, ann, { key: 'y' }), 'newer-file');
    expect(await content()).toEqual(newer);
  });

  test("another account's file is refused, though the key fits", async () => {
    await files.save(key, ann, { key: canary('aly') });
    await files.save(key, bob, { key: canary('aly') });
    const swapped = join(folder, 'swap');
    await rename(path, swapped);
    await rename(join(folder, `${bob}.sealed`), path);
    await rename(swapped, join(folder, `${bob}.sealed`));
    await failure(files.load(key, ann), 'vault-damaged');
    await failure(files.load(key, bob), 'vault-damaged');
  });

  test('a file sealed with another key says so', async () => {
    await files.save(otherKey, ann, { key: 'x' });
    const error = await failure(files.load(key, ann), 'vault-damaged');
    expect(error.message).toContain('another key');
  });

  test('signing in again sets the damaged file aside instead of losing it', async () => {
    const bad = Buffer.from('damaged');
    await writeFile(path, bad, { mode: 0o600 });
    await files.save(key, ann, { key: 'new' });
    expect(await files.load(key, ann)).toEqual({ key: 'new' });
    const aside = (await readdir(folder)).filter((name) => name.startsWith(`${ann}.sealed.corrupt-`));
    expect(aside).toHaveLength(1);
    expect(await readFile(join(folder, aside[0]!))).toEqual(bad);
    expect(log.events).toEqual(['sealed-file-set-aside']);
    expect(await files.list()).toEqual([ann]);
    await files.forget(ann);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what is sealed', () => {
  test('the same value is sealed differently each time', async () => {
    await files.save(key, ann, { key: 'same' });
    const first = await content();
    await files.save(key, ann, { key: 'same' });
    const nonceAndRest = (bytes: Buffer): string => bytes.subarray(26).toString('hex');
    expect(nonceAndRest(await content())).not.toBe(nonceAndRest(first));
  });

  test('the generation grows with each save, over restarts, and while the file is away', async () => {
    const generation = async (): Promise<bigint> => (await content()).readBigUInt64BE(18);
    await files.save(key, ann, { turn: 1 });
    await files.save(key, ann, { turn: 2 });
    expect(await generation()).toBe(2n);
    const restarted = new SealedFiles(folder, log);
    await restarted.save(key, ann, { turn: 3 });
    expect(await generation()).toBe(3n);
    await rm(path);
    await restarted.save(key, ann, { turn: 4 });
    expect(await generation()).toBe(4n);
  });

  test('only whole account ids name files of ours', async () => {
    await files.save(key, ann, {});
    for (const name of [
      'notes.txt',
      'acc_short.sealed',
      '.acc_bob00000.sealed.1.abc.tmp',
      `${bob}.sealed.corrupt-1`,
    ]) {
      await writeFile(join(folder, name), '');
    }
    expect(await files.list()).toEqual([ann]);
  });
});

describe('a path that is no plain file of ours', () => {
  async function refused(): Promise<void> {
    const before = await lstat(path);
    const error = await failure(files.load(key, ann), 'storage');
    expect(error.message).toContain(path);
    await failure(files.save(key, ann, { key: 'x' }), 'storage');
    expect((await lstat(path)).ino).toBe(before.ino);
  }

  test('FS-02 a folder is refused', async () => {
    await mkdir(path);
    await refused();
  });

  test.runIf(process.platform !== 'win32')(
    'FS-02 a symbolic link is refused, wherever it leads',
    async () => {
      await files.save(key, bob, { key: 'x' });
      for (const target of [join(folder, `${bob}.sealed`), '/etc/passwd', '/nonexistent', path]) {
        await symlink(target, path);
        await refused();
        await rm(path);
      }
    },
  );

  test.runIf(process.platform !== 'win32')(
    'FS-02 a pipe is refused without waiting for a writer',
    async () => {
      execFileSync('mkfifo', [path]);
      await refused();
    },
  );

  test.runIf(process.platform !== 'win32')('FS-02 a socket is refused', async () => {
    const short = join(folder, 's');
    const server = createServer().listen(short);
    await once(server, 'listening');
    await rename(short, path);
    await refused();
    server.close();
    await once(server, 'close');
  });

  test.runIf(process.platform !== 'win32')(
    'FS-02 a hard link keeps the old content, ours becomes a file of its own',
    async () => {
      await files.save(key, ann, { key: 'old' });
      const elsewhere = join(folder, 'snapshot');
      await link(path, elsewhere);
      const before = await readFile(elsewhere);
      await files.save(key, ann, { key: 'new' });
      expect(await files.load(key, ann)).toEqual({ key: 'new' });
      expect(await readFile(elsewhere)).toEqual(before);
    },
  );

  test.runIf(process.getuid?.() === 0)('FS-09 a file of another user is refused', async () => {
    await files.save(key, ann, { key: 'x' });
    execFileSync('chown', ['65534', path]);
    await refused();
  });
});

describe.runIf(process.platform !== 'win32')('permissions', () => {
  test.for([0o644, 0o777, 0o660])('FS-09 mode %o is closed to others and noted', async (mode) => {
    await files.save(key, ann, { key: 'x' });
    await chmod(path, mode);
    expect(await files.load(key, ann)).toEqual({ key: 'x' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(log.events).toEqual(['sealed-file-was-open-to-others']);
  });

  test('a copy made under another name gets no wider access', async () => {
    await files.save(key, ann, { key: 'x' });
    await copyFile(path, join(folder, `${bob}.sealed`));
    await files.save(key, bob, { key: 'y' });
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  });
});

test('FS-05 what a killed writer left behind goes at a later start', async () => {
  await files.save(key, ann, { key: 'x' });
  const left = join(folder, `.${ann}.sealed.4242.0123456789ab.tmp`);
  await writeFile(left, 'half');
  expect(await files.any()).toBe(true);
  await sweepTemporary(folder);
  expect(await readdir(folder)).toHaveLength(2);
  // Nobody can set the time of a change of state, so its age is what is asked for less of.
  await sweepTemporary(folder, 0);
  expect(await readdir(folder)).toEqual([`${ann}.sealed`]);
});
