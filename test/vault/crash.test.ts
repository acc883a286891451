import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { watch as watchFolder } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { privateFolder, sweepTemporary } from '#bridge/base/json-file.ts';
import { silentLog } from '#bridge/base/log.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import { watchProcess } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountNamed } from './accounts.ts';

const KILLS = 25;
const program = fileURLToPath(new URL('./saving-program.ts', import.meta.url));
const ann = accountNamed('ann');

interface Saver extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Numbers of the saves it said were done. */
  readonly done: AsyncIterator<string>;
}

function startSaving(folder: string, master: Buffer, first: number): Saver {
  const child = spawn(process.execPath, [program, folder, `${first}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  watchProcess(child, 'the saving program');
  child.stdin.write(`${master.toString('hex')}\n`);
  const done = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    done,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('FS-05 a writer killed at any moment leaves the old or the new value, and nothing it said was saved is lost', async () => {
  await using home = await temporaryHome();
  const folder = join(home.path, 'vault');
  await privateFolder(folder);
  const master = randomBytes(32);
  const key = sealingKey(master);
  let saved = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using saver = startSaving(folder, master, saved + 1);
    for (let wanted = randomInt(1, 4); wanted > 0; wanted -= 1) {
      saved = Number((await saver.done.next()).value);
    }
    // Something happens in the folder a few times per save, so this lands in the middle of one.
    const watch = watchFolder(folder);
    for (let changes = randomInt(1, 10); changes > 0; changes -= 1) await once(watch, 'change');
    watch.close();
    const ended = once(saver.child, 'exit');
    saver.child.kill('SIGKILL');
    await ended;
    for (let rest = await saver.done.next(); !rest.done; rest = await saver.done.next())
      saved = Number(rest.value);
    const value = await new SealedFiles(folder, silentLog).load(key, ann);
    const turn = value?.turn;
    expect([saved, saved + 1]).toContain(turn);
    saved = Number(turn);
  }
  await sweepTemporary(folder, 0);
  expect(await readdir(folder)).toEqual([`${ann}.sealed`]);
});

test('FS-08 two writers at once leave one whole value', async () => {
  await using home = await temporaryHome();
  const folder = join(home.path, 'vault');
  await privateFolder(folder);
  const master = randomBytes(32);
  const key = sealingKey(master);
  await using one = startSaving(folder, master, 1);
  await using two = startSaving(folder, master, 1_000_001);
  for (let round = 0; round < 30; round += 1) {
    await Promise.all([one.done.next(), two.done.next()]);
    const value = await new SealedFiles(folder, silentLog).load(key, ann);
    expect(value).toEqual({ turn: expect.any(Number), padding: 'p'.repeat(1_000_000) });
  }
});
