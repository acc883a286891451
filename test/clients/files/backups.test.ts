import { readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Backups, toDrop } from '#bridge/clients/files/backups.ts';
import type { ConfigFile } from '#bridge/clients/files/config-file.ts';
import { readConfigFile } from '#bridge/clients/files/config-file.ts';
import { ClientBackup } from '#contract/clients.ts';
import { canary } from '../../canary/canary.ts';
import { allowSecrets } from '../../canary/collect.ts';
import { temporaryHome } from '../../canary/home.ts';
import { failure } from '../../vault/expectations.ts';

let home: string;
let folder: string;
let path: string;
let time: Date;
let backups: Backups;

beforeEach(async () => {
  home = (await temporaryHome()).path;
  folder = join(home, 'backups');
  path = join(home, 'mcp.json');
  time = new Date('2026-03-01T12:00:00.000Z');
  backups = new Backups(folder, () => time);
});

async function fileWith(text: string, at = path): Promise<ConfigFile> {
  await writeFile(at, text);
  return readConfigFile(at, home);
}

/** Keeps a copy of the file with this content, a minute later than the last one. */
async function keep(text: string, pinned: readonly string[] = [], at = path): Promise<ClientBackup> {
  time = new Date(time.getTime() + 60_000);
  return (await backups.keep('cursor', await fileWith(text, at), pinned))!;
}

async function texts(at = path): Promise<string[]> {
  const kept = (await backups.list('cursor')).filter((backup) => backup.path === at);
  return Promise.all(kept.map(async ({ id }) => `${(await backups.read('cursor', id)).bytes}`));
}

test('a copy holds the file byte for byte, and says of which file, when and how large', async () => {
  const file = await fileWith('\ufeff{\r\n}');
  const backup = await backups.keep('cursor', file);
  expect(ClientBackup.parse(backup)).toEqual({
    id: expect.stringMatching(/^20260301T120000000Z-[0-9a-f]{8}$/),
    path,
    at: '2026-03-01T12:00:00.000Z',
    bytes: 7,
  });
  expect(await backups.list('cursor')).toEqual([backup]);
  expect(await backups.read('cursor', backup!.id)).toEqual({ path, bytes: file.bytes });
  expect(readdirSync(join(folder, 'cursor')).sort()).toEqual([`${backup!.id}.bak`, `${backup!.id}.json`]);
});

test('an empty file has a copy, a missing one has none', async () => {
  expect(await backups.keep('cursor', await readConfigFile(path, home))).toBeUndefined();
  expect(readdirSync(home)).toEqual([]);
  expect(await backups.list('cursor')).toEqual([]);
  expect(await keep('')).toMatchObject({ bytes: 0 });
});

test.runIf(process.platform !== 'win32')(
  'CF-14 copies are closed to others, whatever the file was',
  async () => {
    await writeFile(path, '{}');
    await chmod(path, 0o666);
    const { id } = (await backups.keep('cursor', await readConfigFile(path, home)))!;
    for (const place of ['', 'cursor']) expect((await stat(join(folder, place))).mode & 0o777).toBe(0o700);
    for (const name of [`${id}.bak`, `${id}.json`]) {
      expect((await stat(join(folder, 'cursor', name))).mode & 0o777).toBe(0o600);
    }
  },
);

test('CF-14 a secret in the file is in its copy only: not in the list, not in the note beside the copy', async () => {
  const theirs = canary('bearer');
  allowSecrets({ place: `file ${path}`, because: 'another program keeps it there', secret: theirs });
  const backup = await keep(`{"env":{"KEY":"${theirs}"}}`);
  allowSecrets({
    place: `file ${join(folder, 'cursor', `${backup.id}.bak`)}`,
    because: 'a copy is the file, byte for byte',
    secret: theirs,
  });
  expect(JSON.stringify(await backups.list('cursor'))).not.toContain(theirs);
  expect(await readFile(join(folder, 'cursor', `${backup.id}.json`), 'utf8')).not.toContain(theirs);
});

test('CF-14 the list opens no copy', async () => {
  const { id } = await keep('{}');
  // More than Node reads in one go.
  await truncate(join(folder, 'cursor', `${id}.bak`), 3 * 1024 ** 3);
  expect(await backups.list('cursor')).toEqual([expect.objectContaining({ id, bytes: 3 * 1024 ** 3 })]);
});

describe('five copies of a file are kept', () => {
  test('the oldest goes', async () => {
    for (let turn = 1; turn <= 8; turn += 1) await keep(`${turn}`);
    expect(await texts()).toEqual(['8', '7', '6', '5', '4']);
    expect(await readdir(join(folder, 'cursor'))).toHaveLength(10);
  });

  test('each file of a client has its own five, and so has each client', async () => {
    const other = join(home, 'other.json');
    for (let turn = 1; turn <= 6; turn += 1) {
      await keep(`${turn}`);
      await keep(`${turn}`, [], other);
    }
    await backups.keep('zed', await fileWith('z'));
    expect(await texts()).toEqual(['6', '5', '4', '3', '2']);
    expect(await texts(other)).toEqual(['6', '5', '4', '3', '2']);
    expect(await backups.list('zed')).toHaveLength(1);
  });

  test('a pinned one is never dropped', async () => {
    const first = await keep('first');
    for (let turn = 1; turn <= 8; turn += 1) await keep(`${turn}`, [first.id]);
    expect(await texts()).toEqual(['8', '7', '6', '5', 'first']);
    await keep('9');
    expect(await texts()).toEqual(['9', '8', '7', '6', '5']);
  });

  test.for([
    { name: 'four others', older: 4, pinned: [], dropped: [] },
    { name: 'five others', older: 5, pinned: [], dropped: [1] },
    { name: 'more than ever come about', older: 7, pinned: [], dropped: [1, 2, 3] },
    { name: 'the oldest pinned', older: 6, pinned: [1], dropped: [2, 3] },
    { name: 'everything pinned', older: 6, pinned: [1, 2, 3, 4, 5, 6], dropped: [] },
  ])('with $name', ({ older, pinned, dropped }) => {
    const newestFirst = Array.from({ length: older }, (_, index) => ({ id: `${older - index}`, path: 'a' }));
    const others = Array.from({ length: 9 }, (_, index) => ({ id: `b${index}`, path: 'b' }));
    const gone = toDrop({ id: 'new', path: 'a' }, [...others, ...newestFirst], pinned.map(String));
    expect(gone.map(({ id }) => Number(id))).toEqual(dropped);
  });

  test('one that was just made stays, though the clock was put back', async () => {
    for (let turn = 1; turn <= 5; turn += 1) await keep(`${turn}`);
    time = new Date('2020-01-01T00:00:00Z');
    const made = await keep('late');
    expect(await texts()).toContain('late');
    expect((await backups.read('cursor', made.id)).bytes.toString()).toBe('late');
  });

  test('the same content is not kept twice in a row, unless the copy was damaged', async () => {
    const one = await keep('a');
    expect(await keep('a')).toEqual(one);
    await keep('b');
    await keep('a');
    expect(await texts()).toEqual(['a', 'b', 'a']);
    const [latest] = await backups.list('cursor');
    await writeFile(join(folder, 'cursor', `${latest!.id}.bak`), 'x');
    expect((await keep('a')).id).not.toBe(latest!.id);
  });

  test('copies of one moment keep their order', async () => {
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) await backups.keep('cursor', await fileWith(text));
    expect(await texts()).toEqual(['f', 'e', 'd', 'c', 'b']);
  });

  test('copies asked for at once are all kept', async () => {
    const files: ConfigFile[] = [];
    for (const text of ['a', 'b', 'c']) files.push(await fileWith(text));
    await Promise.all(files.map((file) => backups.keep('cursor', file)));
    expect(await texts()).toEqual(['c', 'b', 'a']);
  });
});

describe('what is not whole', () => {
  test('a copy whose content was changed is not given out', async () => {
    const { id } = await keep('{}');
    await writeFile(join(folder, 'cursor', `${id}.bak`), '[]');
    expect((await failure(backups.read('cursor', id), 'storage')).message).toContain('is damaged');
  });

  test.for(['gone', '20260301T120000000Z-00000000', ''])('there is no copy "%s"', async (id) => {
    await keep('{}');
    await failure(backups.read('cursor', id), 'invalid-input');
    await failure(backups.read('zed', id), 'invalid-input');
  });

  test('a copy of another client is not one of this', async () => {
    const other = await backups.keep('zed', await fileWith('{}'));
    await failure(backups.read('cursor', `../zed/${other!.id}`), 'invalid-input');
  });

  test('a copy without its note is not in the list, and goes with the next one', async () => {
    const { id } = await keep('{}');
    await rm(join(folder, 'cursor', `${id}.json`));
    expect(await backups.list('cursor')).toEqual([]);
    const next = await keep('{"a":1}');
    expect((await readdir(join(folder, 'cursor'))).sort()).toEqual([`${next.id}.bak`, `${next.id}.json`]);
  });

  test.for(['', '{', '[]', '{"path":1,"sha256":"x"}'])(
    'a note of "%s" is not taken for one',
    async (note) => {
      const { id } = await keep('{}');
      await writeFile(join(folder, 'cursor', `${id}.json`), note);
      expect(await backups.list('cursor')).toEqual([]);
      await failure(backups.read('cursor', id), 'invalid-input');
    },
  );

  test.runIf(process.platform !== 'win32')('what else lies there is not a copy, and stays', async () => {
    const { id } = await keep('{}');
    await rm(join(folder, 'cursor', `${id}.bak`));
    await symlink('/etc/passwd', join(folder, 'cursor', `${id}.bak`));
    await writeFile(join(folder, 'cursor', 'notes.bak'), '');
    await mkdir(join(folder, 'cursor', 'x.json'));
    expect(await backups.list('cursor')).toEqual([]);
    await failure(backups.read('cursor', id), 'invalid-input');
    await keep('{"a":1}');
    expect(await readdir(join(folder, 'cursor'))).toEqual(expect.arrayContaining(['notes.bak', 'x.json']));
  });

  test('CF-12 when a copy cannot be kept, no older one was dropped', async () => {
    for (let turn = 1; turn <= 5; turn += 1) await keep(`${turn}`);
    const file = await fileWith('new');
    time = new Date('2026-03-01T13:00:00.000Z');
    const reference = new Backups(join(home, 'reference'), () => time);
    const { id } = (await reference.keep('cursor', file))!;
    // The place of the note is taken, so that it cannot be saved.
    await mkdir(join(folder, 'cursor', `${id}.json`));
    await failure(backups.keep('cursor', file), 'storage');
    expect(await texts()).toEqual(['5', '4', '3', '2', '1']);
  });
});
