import {
  closeSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { openLog } from '#bridge/base/log.ts';
import { LogFile } from '#bridge/base/log-file.ts';
import { temporaryHome } from '../canary/home.ts';

/** The events of all lines of a file, each of which must be whole. */
function eventsIn(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}

function isLinkTo(link: string, target: string): boolean {
  try {
    return readlinkSync(link) === target;
  } catch {
    // That of the folder that is being read is gone by now.
    return false;
  }
}

describe('FS-12: the log', () => {
  test('on a full disk throws nothing at whoever logs', () => {
    // Every write to this device fails with ENOSPC, as on a full disk.
    using log = openLog({ file: '/dev/full', redact: (text) => text });
    for (let line = 0; line < 3; line += 1) log.info('one');
    log.error('two', new Error('three'));
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  test('in a folder that cannot be written throws nothing, and says what waited once it can', async () => {
    await using home = await temporaryHome();
    const file = join(home.path, 'logs', 'gangway.log');
    using log = openLog({ file, redact: (text) => text });
    log.info('before');
    mkdirSync(join(home.path, 'logs'));
    log.info('after');
    expect(eventsIn(file)).toEqual(['before', 'after']);
  });

  test.runIf(process.platform === 'linux')(
    'whose descriptor serves no more, as after a share went away, opens the file anew and loses no line',
    async () => {
      await using home = await temporaryHome();
      const file = join(home.path, 'gangway.log');
      using log = openLog({ file, redact: (text) => text });
      log.info('before');
      const own = readdirSync('/proc/self/fd').find((name) => isLinkTo(`/proc/self/fd/${name}`, file));
      closeSync(Number(own));
      log.info('while it is away');
      log.info('after');
      expect(eventsIn(file)).toEqual(['before', 'while it is away', 'after']);
    },
  );

  test('keeps no more than its limit in memory while it cannot write', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'logs', 'gangway.log');
    using log = new LogFile({ path });
    const line = `${'x'.repeat(64 * 1024 - 1)}\n`;
    for (let count = 0; count < 40; count += 1) log.write(line);
    mkdirSync(join(home.path, 'logs'));
    log.write('last\n');
    const { size } = statSync(path);
    expect(size).toBe(limits.logWaitingBytes);
  });

  test('that is deleted or emptied while it is open is begun anew', async () => {
    await using home = await temporaryHome();
    const file = join(home.path, 'gangway.log');
    using log = openLog({ file, redact: (text) => text });
    log.info('one');
    rmSync(file);
    log.info('two');
    expect(eventsIn(file)).toEqual(['two']);
    truncateSync(file);
    log.info('three');
    expect(eventsIn(file)).toEqual(['three']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('never grows beyond five files, the newest lines kept, and one line is never cut in two', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'gangway.log');
    using log = new LogFile({ path, mostBytes: 100 });
    for (let number = 0; number < 100; number += 1) log.write(`{"msg":${number}}\n`);
    const names = readdirSync(home.path).sort();
    expect(names).toEqual(['gangway.log', ...[1, 2, 3, 4].map((number) => `gangway.log.${number}`)]);
    const kept = [...names.slice(1).reverse(), 'gangway.log'].flatMap((name) => {
      expect(statSync(join(home.path, name)).size).toBeLessThanOrEqual(100);
      return eventsIn(join(home.path, name));
    });
    expect(kept).toEqual(kept.map((_, index) => 100 - kept.length + index));
    expect(kept.length).toBeGreaterThan(35);
    expect(limits.logFileBytes * limits.logFiles).toBe(25 * 1024 * 1024);
  });

  test('that an earlier version let grow to any size is put aside at the first line', async () => {
    await using home = await temporaryHome();
    const file = join(home.path, 'gangway.log');
    writeFileSync(file, '');
    // Ten gigabytes that take no place on the disk.
    truncateSync(file, 10 * 1024 ** 3);
    using log = openLog({ file, redact: (text) => text });
    log.info('one');
    expect(eventsIn(file)).toEqual(['one']);
    expect(statSync(`${file}.1`).size).toBe(10 * 1024 ** 3);
    rmSync(`${file}.1`);
  });

  test('of two processes goes to one file when one of them puts it aside', async () => {
    await using home = await temporaryHome();
    const path = join(home.path, 'gangway.log');
    using one = new LogFile({ path, mostBytes: 30 });
    using other = new LogFile({ path, mostBytes: 30 });
    other.write('{"msg":"a"}\n');
    one.write('{"msg":"b"}\n');
    one.write('{"msg":"c"}\n');
    other.write('{"msg":"d"}\n');
    expect(eventsIn(path)).toEqual(['c', 'd']);
    expect(eventsIn(`${path}.1`)).toEqual(['a', 'b']);
  });

  test('is silent after it was closed', async () => {
    await using home = await temporaryHome();
    const file = join(home.path, 'gangway.log');
    const log = openLog({ file, redact: (text) => text });
    log.info('one');
    log[Symbol.dispose]();
    log.info('two');
    expect(eventsIn(file)).toEqual(['one']);
  });
});
