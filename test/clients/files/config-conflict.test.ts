import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { chown, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { removeConfigFile, writeConfigFile } from '#bridge/clients/files/config-file.ts';
import { sweepFolder } from '#bridge/clients/files/config-swap.ts';
import { failure } from '../../vault/expectations.ts';
import { ClientFolder } from './client-folder.ts';

const unix = process.platform !== 'win32';
const root = process.getuid?.() === 0;
const at = new ClientFolder();

describe('CF-11 a file that is not as it was read any more', () => {
  test.for([
    ['rewritten in the same size', async () => writeFile(at.path, '{"b":1}')],
    ['rewritten longer', async () => writeFile(at.path, '{"a":1,"b":2}')],
    ['emptied', async () => writeFile(at.path, '')],
    [
      'replaced by another of its time and size',
      async () => {
        const { atime, mtime } = await stat(at.path);
        await writeFile(`${at.path}.new`, '{"b":1}');
        await utimes(`${at.path}.new`, atime, mtime);
        await rename(`${at.path}.new`, at.path);
      },
    ],
  ] as const)('is kept when it was %s', async ([, act]) => {
    await writeFile(at.path, '{"a":1}');
    const before = await at.read();
    await act();
    await at.untouched(() => at.conflicts(before));
  });

  test('is not made again when it was removed', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await rm(at.path);
    await at.conflicts(before);
    expect(await at.names()).toEqual([]);
  });

  test('is kept when it appeared', async () => {
    const before = await at.read();
    await writeFile(at.path, '{}');
    await at.untouched(() => failure(writeConfigFile(before, 'ours'), 'conflict'));
  });

  test('counts as unchanged when the same content was saved again', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await rm(at.path);
    await writeFile(at.path, '{}');
    await writeConfigFile(before, 'ours');
    expect(await readFile(at.path, 'utf8')).toBe('ours');
  });
});

describe('CF-09 a file that a program is saving right now', () => {
  test('is left alone while there is a fresh lock', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await mkdir(`${at.path}.lock`);
    await at.untouched(async () => {
      for (const { message } of await Promise.all([
        failure(writeConfigFile(before, 'ours'), 'conflict'),
        failure(removeConfigFile(before), 'conflict'),
      ])) {
        expect(message).toContain('is being saved by another program');
      }
    });
  });

  test('is written once the lock is gone', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await mkdir(`${at.path}.lock`);
    const writing = writeConfigFile(before, 'ours');
    await expect.poll(async () => (await at.names()).length).toBe(3);
    expect(await readFile(at.path, 'utf8')).toBe('{}');
    await rm(`${at.path}.lock`, { recursive: true });
    await writing;
    expect(await readFile(at.path, 'utf8')).toBe('ours');
  });

  test('is taken as it is then when a file was just made beside it', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    await writeFile(`${at.path}.tmp.1.2`, 'theirs');
    const writing = failure(writeConfigFile(before, 'ours'), 'conflict');
    await rename(`${at.path}.tmp.1.2`, at.path);
    await writing;
    expect(await readFile(at.path, 'utf8')).toBe('theirs');
    expect(await at.names()).toEqual(['mcp.json']);
  });

  test('an older file beside it does not hold us up', async () => {
    await writeFile(at.path, '{}');
    await writeFile(`${at.path}.backup`, '{}');
    await writeConfigFile(await at.read(), 'ours');
    expect(await readFile(at.path, 'utf8')).toBe('ours');
  });
});

describe('CF-11 a change at the worst moment', () => {
  /** Waits, without giving the event loop a pause, until our own temporary file is there: the last look comes after it. */
  async function onceWeBegan(): Promise<void> {
    while (!readdirSync(at.folder).some((name) => name.includes('.gangway-'))) await setImmediate();
  }

  async function onceReplaced(ino: number): Promise<void> {
    while (statSync(at.path, { throwIfNoEntry: false })?.ino === ino) await setImmediate();
  }

  test.for([
    ['written over', () => writeFileSync(at.path, 'theirs')],
    [
      'replaced',
      () => {
        writeFileSync(join(at.home, 'new'), 'theirs');
        renameSync(join(at.home, 'new'), at.path);
      },
    ],
    [
      'replaced by a link',
      () => {
        writeFileSync(join(at.home, 'new'), 'theirs');
        rmSync(at.path);
        symlinkSync('../new', at.path);
      },
    ],
  ] as const)('the file is %s while ours is being prepared', async ([, act]) => {
    await writeFile(at.path, '{}');
    const writing = failure(writeConfigFile(await at.read(), 'ours'), 'conflict');
    await onceWeBegan();
    act();
    await writing;
    expect(await readFile(at.path, 'utf8')).toBe('theirs');
    expect(await at.names()).toEqual(['mcp.json']);
  });

  test('the file is removed while ours is being prepared', async () => {
    await writeFile(at.path, '{}');
    const writing = failure(writeConfigFile(await at.read(), 'ours'), 'conflict');
    await onceWeBegan();
    rmSync(at.path);
    await writing;
    expect(await at.names()).toEqual([]);
  });

  test('a file appears where we make one', async () => {
    const writing = failure(writeConfigFile(await at.read(), 'ours'), 'conflict');
    await onceWeBegan();
    writeFileSync(at.path, 'theirs');
    await writing;
    expect(await readFile(at.path, 'utf8')).toBe('theirs');
    expect(await at.names()).toEqual(['mcp.json']);
  });

  test.runIf(unix)(
    'a program that has the file open writes into it after we replaced it: it comes back',
    async () => {
      await writeFile(at.path, '{}');
      const before = await at.read();
      const theirs = openSync(at.path, 'r+');
      const { ino } = fstatSync(theirs);
      const writing = failure(writeConfigFile(before, 'ours'), 'conflict');
      await onceReplaced(ino);
      writeSync(theirs, 'theirs');
      await writing;
      expect(await readFile(at.path, 'utf8')).toBe('theirs');
      writeSync(theirs, ' and more');
      closeSync(theirs);
      expect(await readFile(at.path, 'utf8')).toBe('theirs and more');
      expect(await at.names()).toEqual(['mcp.json']);
    },
  );

  test('a program replaces the file after we did: its file stays, and we do not say that ours is there', async () => {
    await writeFile(at.path, '{}');
    await writeFile(join(at.home, 'new'), 'theirs');
    const before = await at.read();
    const { ino } = statSync(at.path);
    const writing = failure(writeConfigFile(before, 'ours'), 'conflict');
    await onceReplaced(ino);
    renameSync(join(at.home, 'new'), at.path);
    await writing;
    expect(await readFile(at.path, 'utf8')).toBe('theirs');
    expect(await at.names()).toEqual(['mcp.json']);
  });

  test.runIf(unix)(
    'a program that has the file open writes into it after we removed it: it comes back',
    async () => {
      await writeFile(at.path, '{}');
      const before = await at.read();
      const theirs = openSync(at.path, 'r+');
      const removing = failure(removeConfigFile(before), 'conflict');
      await onceReplaced(fstatSync(theirs).ino);
      writeSync(theirs, 'theirs');
      closeSync(theirs);
      await removing;
      expect(await readFile(at.path, 'utf8')).toBe('theirs');
      expect(await at.names()).toEqual(['mcp.json']);
    },
  );

  test('a file that appears after we removed ours stays', async () => {
    await writeFile(at.path, '{}');
    const before = await at.read();
    const { ino } = statSync(at.path);
    const removing = removeConfigFile(before);
    await onceReplaced(ino);
    writeFileSync(at.path, 'theirs');
    await removing;
    expect(await readFile(at.path, 'utf8')).toBe('theirs');
    expect(await at.names()).toEqual(['mcp.json']);
  });
});

test('CF-12 what a killed writer left goes after an hour, and nothing else does', async () => {
  const left = '.mcp.json.gangway-4242-0123456789ab.tmp';
  const others = ['.mcp.json.4242.tmp', '.x.gangway-4242-zz.tmp', 'mcp.json.gangway-4242-0123456789ab.tmp'];
  for (const name of [left, ...others]) await writeFile(join(at.folder, name), '');
  await mkdir(join(at.folder, '.folder.gangway-4242-0123456789ab.tmp'));
  await writeConfigFile(await at.read(), '{}');
  const names = await at.names();
  expect(names).toContain(left);
  const hour = 60 * 60_000;
  await sweepFolder(at.folder, Date.now() + hour - 60_000);
  expect(await at.names()).toEqual(names);
  if (root) {
    await chown(join(at.folder, left), 65534, 65534);
    await sweepFolder(at.folder, Date.now() + hour + 60_000);
    expect(await at.names()).toEqual(names);
    await chown(join(at.folder, left), 0, 0);
  }
  await sweepFolder(at.folder, Date.now() + hour + 60_000);
  expect(await at.names()).toEqual(names.filter((name) => name !== left));
});
