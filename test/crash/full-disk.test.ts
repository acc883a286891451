import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import type { FullDiskReport, FullDiskSecrets } from './full-disk-program.ts';

const program = fileURLToPath(new URL('./full-disk-program.ts', import.meta.url));

/** The program on a disk of its own, which takes a mount namespace where this user is root. */
async function onSmallDisk(disk: string, secrets: FullDiskSecrets): Promise<FullDiskReport> {
  const script = 'mount -t tmpfs -o size=1m none "$0" && exec "$1" "$2" "$0"';
  const words = ['-rm', 'sh', '-c', script, disk, process.execPath, program];
  const child = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  watchProcess(child, 'the program on the full disk');
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text) => {
      texts[name] += String(text);
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(secrets)}\n`);
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject).once('close', () => resolve());
  await ended;
  if (!texts.stdout.startsWith('{')) {
    throw new Error(
      `This test needs a disk of its own (unshare and mount), or the program failed: ${texts.stderr}`,
    );
  }
  return JSON.parse(texts.stdout) as FullDiskReport;
}

test.runIf(process.platform === 'linux')(
  'FS-04 on a full disk nothing is lost, calls go on, a start works, and all is saved once there is room',
  { timeout: 90_000 },
  async () => {
    await using home = await temporaryHome();
    const disk = join(home.path, 'disk');
    mkdirSync(disk);
    const report = await onSmallDisk(disk, {
      passphrase: canary('generic'),
      first: canary('bearer'),
      second: canary('bearer'),
      third: canary('bearer'),
    });
    const full = (what: RegExp) =>
      expect.stringMatching(
        new RegExp(`^storage: The disk is full: ${what.source} could not be saved\\. Nothing was lost\\.$`),
      );
    expect(report.full).toEqual({
      rotate: full(/acc_[0-9a-f]{16}\.sealed/),
      add: full(/acc_[0-9a-f]{16}\.sealed/),
      switch: full(/accounts\.json/),
      setting: full(/settings\.json/),
      token: full(/clients\.json/),
    });
    expect(report.standingWhileFull).toBe(report.standingBefore);
    expect(report.callsWhileFull).toHaveLength(10);
    for (const answer of [...report.callsWhileFull, report.callAfterStart]) expect(answer).toContain('first');
    expect(report.startedAgainWhileFull).toBe('done');
    expect(report.well).toEqual({
      rotate: 'done',
      add: 'done',
      switch: 'done',
      setting: 'done',
      token: 'done',
    });
    expect(report.callWhenWell).toContain('first');
    // Those of the owner that was killed while it could write nothing are gone with it.
    expect(report.entries).toBeGreaterThanOrEqual(3);
    expect(report.strays).toEqual([]);
  },
);
