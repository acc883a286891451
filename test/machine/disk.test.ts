import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { privateFolder, whileBusy, writeWhole } from '#bridge/base/json-file.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { accountNamed } from '../vault/accounts.ts';
import { recordingLog } from '../vault/recording-log.ts';

describe.runIf(process.platform !== 'win32')('FS-06: what a power cut must not reorder', () => {
  const real = { open: fs.open, rename: fs.rename };
  let steps: string[] = [];

  beforeEach(() => {
    steps = [];
    Reflect.set(fs, 'open', async (...given: Parameters<typeof fs.open>) => {
      const handle = await real.open(...given);
      const sync = handle.sync.bind(handle);
      const writeFile = handle.writeFile.bind(handle);
      const name = basename(String(given[0])).replace(/\.\d+\.[0-9a-f]+\.tmp$/, '.tmp');
      handle.writeFile = async (...content) => {
        steps.push(`write ${name}`);
        return writeFile(...content);
      };
      handle.sync = async () => {
        await sync();
        steps.push(`flushed ${name}`);
      };
      return handle;
    });
    Reflect.set(fs, 'rename', async (...[from, to]: Parameters<typeof fs.rename>) => {
      steps.push(`rename to ${basename(String(to))}`);
      return real.rename(from, to);
    });
    syncBuiltinESMExports();
  });
  afterEach(() => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  });

  test('the new content is flushed before it takes the name, and the folder afterwards', async () => {
    await using home = await temporaryHome();
    const folder = join(home.path, 'data');
    await privateFolder(folder);
    for (const content of ['first', 'second']) {
      steps = [];
      await writeWhole(join(folder, 'file.json'), Buffer.from(content));
      expect(steps).toEqual([
        'write .file.json.tmp',
        'flushed .file.json.tmp',
        'rename to file.json',
        'flushed data',
      ]);
    }
  });

  test('secrets are saved in the same order', async () => {
    await using home = await temporaryHome();
    const folder = join(home.path, 'vault');
    await privateFolder(folder);
    const ann = accountNamed('ann');
    const files = new SealedFiles(folder, recordingLog());
    await files.save(sealingKey(new Uint8Array(32).fill(1)), ann, { key: canary('allv') });
    expect(steps).toEqual([
      `write .${ann}.sealed.tmp`,
      `flushed .${ann}.sealed.tmp`,
      `rename to ${ann}.sealed`,
      'flushed vault',
    ]);
  });
});

describe('FS-07: a file that a virus scanner of Windows holds', () => {
  beforeEach(() => {
    const { platform } = process;
    Object.defineProperty(process, 'platform', { value: 'win32' });
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
      Object.defineProperty(process, 'platform', { value: platform });
    });
  });

  /** A task that fails as Windows does until so much time has passed. */
  function heldFor(ms: number, code: string): () => Promise<string> {
    const free = Date.now() + ms;
    return async () => {
      if (Date.now() < free) throw Object.assign(new Error('held'), { code });
      return 'done';
    };
  }

  test.each(['EPERM', 'EACCES', 'EBUSY'])('for three seconds is waited for (%s)', async (code) => {
    const saving = whileBusy(heldFor(3_000, code));
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(saving).resolves.toBe('done');
  });

  test('for a minute is reported in less', async () => {
    const began = Date.now();
    const saving = whileBusy(heldFor(60_000, 'EBUSY'));
    const reported = expect(saving).rejects.toMatchObject({ code: 'EBUSY' });
    await vi.advanceTimersByTimeAsync(59_000);
    await reported;
    expect(Date.now() - began).toBeLessThan(60_000);
  });

  test('anything else is reported at once', async () => {
    await expect(whileBusy(heldFor(1, 'ENOSPC'))).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
