import { createHash } from 'node:crypto';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import type { UpdateManifest } from '#main/update-manifest.ts';
import { openUpdates, type UpdateParts, type UpdateSource } from '#main/updates.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { current, honest, manifest, now, offerOf, someMakers } from './update-makers.ts';

const makers = someMakers();
const origin = { publicKey: makers.publicKey, feed: 'https://updates.acme.example/' };
const content = 'the next version';
const sha512 = createHash('sha512').update(content).digest('base64');
const signed: UpdateManifest = {
  ...manifest,
  files: [{ name: 'gangway-0.2.0-linux-x64.AppImage', sha512, size: content.length }],
};

/** A server and an installer that do what the test says. */
class ScriptedSource implements UpdateSource {
  offer: Awaited<ReturnType<UpdateSource['look']>> = offerOf(signed);
  evidence = honest(makers, signed);
  trouble: 'look' | 'proof' | 'download' | 'install' | undefined;
  readonly deeds: string[] = [];
  readonly path: string;
  readonly percents = [1, 40, 99];
  /** What a download waits for. */
  gate: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  async look(): Promise<typeof this.offer> {
    this.#do('look');
    return this.offer;
  }

  async proof(): Promise<{ text: string; signature: string }> {
    this.#do('proof');
    return this.evidence;
  }

  async download(onPercent: (percent: number) => void, signal: AbortSignal): Promise<string[]> {
    this.#do('download');
    await Promise.race([this.gate, aborted(signal)]);
    for (const percent of this.percents) onPercent(percent);
    return [this.path];
  }

  install(failed: () => void): void {
    this.deeds.push('install');
    if (this.trouble === 'install') failed();
  }

  #do(deed: 'look' | 'proof' | 'download'): void {
    this.deeds.push(deed);
    if (this.trouble === deed) throw new Error('net::ERR_INTERNET_DISCONNECTED');
  }
}

let source: ScriptedSource;

beforeEach(async () => {
  source = new ScriptedSource(join((await temporaryHome()).path, 'gangway-0.2.0-linux-x64.AppImage'));
  await writeFile(source.path, content);
});

/** Updates of an installed build; the schedule waits until the test lets it pass. */
function started(change: Partial<UpdateParts> = {}) {
  const states: string[] = [];
  const waits: { ms: number; pass: () => void }[] = [];
  let wanted = Promise.withResolvers<void>();
  const updates = openUpdates({
    origin,
    isPackaged: true,
    current,
    load: async () => source,
    log: silentLog,
    now: () => now,
    random: () => 0.5,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push({ ms, pass: resolve });
        signal.addEventListener('abort', () => reject(signal.reason));
        wanted.resolve();
      }),
    ...change,
  });
  onTestFinished(() => updates[Symbol.asyncDispose]());
  updates.changed.on(() => {
    const { state } = updates.state;
    if (states.at(-1) !== state) states.push(state);
    reached.get(state)?.resolve();
  });
  const reached = new Map<string, PromiseWithResolvers<void>>();
  /** When it is in this state. */
  const until = async (state: string): Promise<void> => {
    if (updates.state.state === state) return;
    const promised = Promise.withResolvers<void>();
    reached.set(state, promised);
    await promised.promise;
  };
  /** Lets the schedule go on; resolves when it waits again. */
  const pass = async (): Promise<number> => {
    await wanted.promise;
    wanted = Promise.withResolvers<void>();
    const last = waits.at(-1);
    last?.pass();
    await wanted.promise;
    return last?.ms ?? 0;
  };
  return { updates, states, waits, until, pass };
}

describe('an update', () => {
  test('is checked, downloaded, and installed when the person says so', async () => {
    const { updates, states, until } = started();
    expect((await updates.check()).state).toMatch(/downloading|ready/);
    await until('ready');
    expect(updates.state).toMatchObject({ version: '0.2.0', percent: 100 });
    expect(source.deeds).toEqual(['look', 'proof', 'download']);
    expect(updates.isInstalling).toBe(false);
    await updates.restart();
    expect(source.deeds).toEqual(['look', 'proof', 'download', 'install']);
    expect([updates.isInstalling, states]).toEqual([true, ['checking', 'downloading', 'ready']]);
  });

  test('that is not there is said so', async () => {
    source.offer = undefined;
    const { updates } = started();
    expect(await updates.check()).toMatchObject({ state: 'idle', text: 'Gangway is up to date.' });
    expect(source.deeds).toEqual(['look']);
  });

  test('whose signature is wrong is never downloaded', async () => {
    source.evidence = { ...source.evidence, signature: someMakers().sign(source.evidence.text) };
    const { updates } = started();
    expect(await updates.check()).toMatchObject({
      state: 'failed',
      text: 'The update was refused: it is not signed by the makers of Gangway. Nothing was changed.',
    });
    expect(source.deeds).toEqual(['look', 'proof']);
  });

  test('that arrives as another file than was signed is not kept', async () => {
    await appendFile(source.path, '!');
    const { updates, until } = started();
    await updates.check();
    await until('failed');
    expect(updates.state.text).toContain('not what was signed');
    await laterRefusal(() => updates.restart(), 'conflict');
  });

  test('that was exchanged on the disk after its download is not installed', async () => {
    const { updates, until } = started();
    await updates.check();
    await until('ready');
    await writeFile(source.path, content.toUpperCase());
    expect(await laterRefusal(() => updates.restart(), 'conflict')).toContain('not what was signed');
    expect([updates.state.state, source.deeds.includes('install')]).toEqual(['failed', false]);
  });

  test('that vanished from the disk is not installed', async () => {
    const { updates, until } = started();
    await updates.check();
    await until('ready');
    await rm(source.path);
    await laterRefusal(() => updates.restart(), 'conflict');
    expect(source.deeds).not.toContain('install');
  });

  test('that the system would not install lets the app go on', async () => {
    source.trouble = 'install';
    const { updates, until } = started();
    await updates.check();
    await until('ready');
    await updates.restart();
    expect(updates.isInstalling).toBe(false);
    expect(updates.state).toMatchObject({
      state: 'failed',
      text: expect.stringContaining('could not be installed'),
    });
  });

  test('that is not ready cannot be installed', async () => {
    const { updates } = started();
    expect(await laterRefusal(() => updates.restart(), 'conflict')).toContain('No update is ready');
  });
});

describe('without a network', () => {
  test.each(['look', 'proof', 'download'] as const)('somebody who asked hears so: %s', async (trouble) => {
    source.trouble = trouble;
    const { updates, until } = started();
    await updates.check();
    await until('failed');
    expect(updates.state.text).toContain('Check the network');
    source.trouble = undefined;
    await updates.check();
    await until('ready');
  });

  test('a look of its own says nothing, and the next one comes in its time', async () => {
    source.trouble = 'look';
    const { updates, pass, states } = started();
    await pass();
    expect([updates.state.state, updates.state.text]).toEqual(['idle', '']);
    source.trouble = undefined;
    source.offer = undefined;
    await pass();
    expect([updates.state.text, states]).toEqual([
      'Gangway is up to date.',
      ['checking', 'idle', 'checking', 'idle'],
    ]);
  });
});

test('it looks soon after the start, then every five to six hours', async () => {
  source.offer = undefined;
  const { pass } = started();
  const hour = 60 * 60_000;
  expect([await pass(), await pass(), await pass()]).toEqual([30_000, 5.5 * hour, 5.5 * hour]);
  expect(source.deeds).toEqual(['look', 'look', 'look']);
});

test('whoever asks while it looks gets the end of that look', async () => {
  const { updates } = started();
  await Promise.all([updates.check(), updates.check(), updates.check()]);
  expect(source.deeds.filter((deed) => deed === 'look')).toHaveLength(1);
});

test('while it is downloaded nobody looks again', async () => {
  const gate = Promise.withResolvers<void>();
  source.gate = gate.promise;
  const { updates, until } = started();
  expect((await updates.check()).state).toBe('downloading');
  expect((await updates.check()).state).toBe('downloading');
  gate.resolve();
  await until('ready');
  expect(source.deeds).toEqual(['look', 'proof', 'download']);
});

describe('a build', () => {
  test.each([
    ['without a key', { origin: null }],
    ['that is not installed', { isPackaged: false }],
  ])('%s does not update itself, and loads nothing', async (_what, change) => {
    const { updates, waits } = started({
      ...change,
      load: async () => {
        throw new Error('Loaded.');
      },
    });
    expect(await updates.check()).toEqual({
      state: 'off',
      version: null,
      text: 'This build does not update itself.',
      percent: null,
    });
    expect(waits).toEqual([]);
    await laterRefusal(() => updates.restart(), 'conflict');
  });

  test('that cannot replace itself says so when it finds out', async () => {
    const { updates } = started({ load: async () => undefined });
    expect(await updates.check()).toMatchObject({
      state: 'off',
      text: expect.stringContaining('cannot replace itself'),
    });
  });

  test('whose updater cannot be loaded tries again later', async () => {
    let loads = 0;
    const { updates } = started({
      load: async () => {
        loads += 1;
        if (loads === 1) throw new Error('No such module.');
        return source;
      },
    });
    expect((await updates.check()).state).toBe('failed');
    expect((await updates.check()).state).toMatch(/downloading|ready/);
  });
});

test('when the app ends, a download ends with it', async () => {
  source.gate = new Promise(() => undefined);
  const { updates } = started();
  expect((await updates.check()).state).toBe('downloading');
  await updates[Symbol.asyncDispose]();
  expect(updates.state.state).toBe('failed');
});

test('when the app ends, nobody waits for a server that does not answer', async () => {
  source.look = () => new Promise(() => undefined);
  const { updates } = started();
  const looking = updates.check();
  await updates[Symbol.asyncDispose]();
  expect((await looking).state).not.toBe('checking');
});

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
