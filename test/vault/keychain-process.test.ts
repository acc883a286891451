import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEYCHAIN_SERVICE, keychainAccount } from '#bridge/vault/keychain.ts';
import { forkKeychain, type KeychainProcess } from '#bridge/vault/keychain-process.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { collect } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { failure, never } from './expectations.ts';
import { ann, becomes, filesIn, lives, usedBefore, vaultAt, watched } from './keychain-vault.ts';
import { type SessionBus, startBus } from './session-bus.ts';

async function processFiles(pid: number): Promise<{ cmdline: string; environ: string }> {
  const [cmdline, environ] = await Promise.all(
    ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
  );
  return { cmdline: cmdline!, environ: environ! };
}

describe.runIf(process.platform === 'linux')('the process that talks to the keychain', () => {
  let bus: SessionBus;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    bus = await startBus();
    environment = bus.environment;
    await bus.startKeyring();
  });
  afterAll(() => bus[Symbol.asyncDispose]());
  beforeEach(() => bus.thaw());

  test('KC-09 a slow keychain holds the caller for the limit only and is used when it answers', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    bus.freeze();
    await using vault = vaultAt(home.path, { environment, waitMs: 50 });
    const error = await failure(vault.open(never), 'vault-locked');
    expect(error.message).toContain('does not answer');
    await failure(vault.load(ann, never), 'vault-locked');
    const ready = becomes(vault, 'ready');
    bus.thaw();
    await ready;
    expect(await vault.load(ann, never)).toEqual({ key });
  });

  test('KC-09 ten callers and a slow keychain make one process', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    bus.freeze();
    const { start, processes } = watched();
    await using vault = vaultAt(home.path, { environment, waitMs: 50, start });
    const callers = Array.from({ length: 10 }, () => failure(vault.open(never), 'vault-locked'));
    await Promise.all(callers);
    const ready = becomes(vault, 'ready');
    bus.thaw();
    await ready;
    expect(processes).toHaveLength(1);
  });

  test('a question nobody answers is taken back, and its process is gone', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    bus.freeze();
    const { start, processes } = watched();
    await using vault = vaultAt(home.path, { environment, promptMs: 100, start });
    await failure(vault.open(never), 'vault-locked');
    expect(processes.map(({ pid }) => lives(pid))).toEqual([false]);
    bus.thaw();
    await using patient = vaultAt(home.path, { environment });
    await patient.open(never);
    expect(patient.state).toBe('ready');
  });

  test('a process killed in the middle of a call does no harm', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    bus.freeze();
    const { start, processes } = watched();
    const { promise: started, resolve } = Promise.withResolvers<KeychainProcess>();
    await using vault = vaultAt(home.path, {
      environment,
      start: (...question) => {
        resolve(start(...question));
        return processes[0]!;
      },
    });
    const opening = failure(vault.open(never), 'vault-absent');
    process.kill((await started).pid!, 'SIGKILL');
    await opening;
    expect(await filesIn(home.path)).toEqual([`${ann}.sealed`]);
    bus.thaw();
    await using again = vaultAt(home.path, { environment });
    await again.open(never);
    expect(await again.load(ann, never)).toEqual({ key });
  });

  test('ending the vault ends a process that hangs', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    bus.freeze();
    const { start, processes } = watched();
    const vault = vaultAt(home.path, { environment, waitMs: 20, start });
    await failure(vault.open(never), 'vault-locked');
    expect(lives(processes[0]?.pid)).toBe(true);
    await vault[Symbol.asyncDispose]();
    expect(lives(processes[0]?.pid)).toBe(false);
    bus.thaw();
  });

  test('a caller who gives up is let go at once', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    bus.freeze();
    await using vault = vaultAt(home.path, { environment });
    const impatient = new AbortController();
    const opening = vault.open(impatient.signal);
    const reason = new Error('gave up');
    impatient.abort(reason);
    await expect(opening).rejects.toBe(reason);
    bus.thaw();
  });

  test('the key is in no argument, environment, file or log', async () => {
    await using home = await temporaryHome();
    const { start, processes } = watched();
    await using vault = vaultAt(home.path, { environment: { ...environment, UNRELATED: 'x' }, start });
    await vault.open(never);
    await vault.save(ann, { key: canary('aly') }, never);
    const account = await keychainAccount(join(home.path, 'vault'));
    const question = { service: KEYCHAIN_SERVICE, account, create: false, prompt: true };
    const answer = await forkKeychain(question, environment).answer;
    if (answer.kind !== 'key') throw new Error(`no key but ${answer.kind}`);
    adoptSecret('generic', Buffer.from(answer.key).toString('hex'));
    adoptSecret('generic', Buffer.from(answer.key).toString('base64url'));
    bus.freeze();
    const hanging = forkKeychain(question, { ...environment, UNRELATED: 'x' });
    const { cmdline, environ } = await processFiles(hanging.pid!);
    collect('cmdline of the keychain process', cmdline);
    collect('environ of the keychain process', environ);
    expect(environ).not.toContain('UNRELATED');
    expect(cmdline.split('\0').filter(Boolean)).toHaveLength(2);
    await hanging.kill();
    bus.thaw();
    expect(processes).toHaveLength(1);
  });
});
