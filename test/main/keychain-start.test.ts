import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keychainAccount } from '#bridge/vault/keychain.ts';
import type { KeychainProcess, StartKeychainProcess } from '#bridge/vault/keychain-process.ts';
import { keychainIn } from '#main/keychain-start.ts';
import { adoptSecret } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { failure, never } from '../vault/expectations.ts';
import { ann, becomes, lives, usedBefore, vaultAt } from '../vault/keychain-vault.ts';
import { type SessionBus, startBus } from '../vault/session-bus.ts';

const CHILD = fileURLToPath(new URL('../../main/keychain-child.ts', import.meta.url));
const start = keychainIn(CHILD);
const question = { service: 'gangway', account: 'vault-of-a-test', create: true, prompt: true };

describe.runIf(process.platform === 'linux')('the keychain, asked through a utility process,', () => {
  let bus: SessionBus;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    bus = await startBus();
    environment = bus.environment;
    await bus.startKeyring();
  });
  afterAll(() => bus[Symbol.asyncDispose]());
  beforeEach(() => {
    newDesktop({ isReady: true });
    bus.thaw();
  });
  afterEach(() => {
    for (const child of desktop().children) child.end();
  });

  test('keeps a key and hands out the same one', async () => {
    const made = await start(question, environment).answer;
    const found = await start({ ...question, create: false }, environment).answer;
    if (made.kind !== 'key' || found.kind !== 'key') throw new Error(`${made.kind}, ${found.kind}`);
    adoptSecret('generic', Buffer.from(made.key).toString('base64url'));
    expect([made.made, found.made]).toEqual([true, false]);
    expect(Buffer.from(found.key).equals(made.key)).toBe(true);
    expect(made.key).toHaveLength(32);
  });

  test('opens a vault that the command line sealed, and the other way round', async () => {
    await using home = await temporaryHome();
    const key = await usedBefore(home.path, environment);
    await using vault = vaultAt(home.path, { environment, start });
    await vault.open(never);
    expect(await vault.load(ann, never)).toEqual({ key });
  });

  test('is the program of the app and nothing else: no argument, no variable of ours', async () => {
    const asking = start(question, {
      ...environment,
      GANGWAY_PASSPHRASE_FILE: '/x',
      NODE_OPTIONS: '--inspect',
    });
    const [child] = desktop().children;
    expect(child?.modulePath).toBe(CHILD);
    expect(child?.args).toEqual([]);
    expect(child?.options).toMatchObject({ stdio: 'ignore', serviceName: 'Gangway keychain' });
    expect(Object.keys(child?.options.env ?? {})).not.toEqual(
      expect.arrayContaining(['GANGWAY_PASSPHRASE_FILE']),
    );
    expect(Object.keys(child?.options.env ?? {})).not.toContain('NODE_OPTIONS');
    await asking.answer;
    await asking.kill();
  });

  test('leaves no process behind once it has answered', async () => {
    const asking = start(question, environment);
    const gone = Promise.withResolvers<void>();
    const spawned = Promise.withResolvers<void>();
    const [child] = desktop().children;
    child?.once('exit', () => gone.resolve());
    child?.once('spawn', () => spawned.resolve());
    expect(asking.pid).toBeUndefined();
    await spawned.promise;
    const { pid } = asking;
    expect(lives(pid)).toBe(true);
    await asking.answer;
    await gone.promise;
    expect(lives(pid)).toBe(false);
    await asking.kill();
  });

  test('KC-09 that does not answer holds the caller for the limit only, and its process can be ended', async () => {
    await using home = await temporaryHome();
    await usedBefore(home.path, environment);
    bus.freeze();
    const processes: KeychainProcess[] = [];
    const watched: StartKeychainProcess = (...given) => {
      const asking = start(...given);
      processes.push(asking);
      return asking;
    };
    await using vault = vaultAt(home.path, { environment, start: watched, waitMs: 50 });
    await failure(vault.open(never), 'vault-locked');
    expect(lives(processes[0]?.pid)).toBe(true);
    const ready = becomes(vault, 'ready');
    bus.thaw();
    await ready;
    expect(processes).toHaveLength(1);
  });

  test('that hangs is ended at once when nobody waits any more', async () => {
    bus.freeze();
    const asking = start({ ...question, account: await keychainAccount('/') }, environment);
    await asking.kill();
    expect(await asking.answer).toEqual({ kind: 'trouble', because: 'unrecognised' });
    expect(lives(asking.pid)).toBe(false);
  });
});

test('a process that V8 gives up is no fault of the app, and counts as trouble', async () => {
  newDesktop({ isReady: true });
  const asking = keychainIn('/nonexistent/keychain-child.js')(question, {});
  desktop().children[0]?.announce('error', 'FatalError', 'v8::ToLocalChecked', '{}');
  expect(await asking.answer).toEqual({ kind: 'trouble', because: 'unrecognised' });
  await asking.kill();
});

test('a program that is not there counts as trouble', async () => {
  newDesktop({ isReady: true });
  const asking = keychainIn('/nonexistent/keychain-child.js')(question, {});
  expect(await asking.answer).toEqual({ kind: 'trouble', because: 'unrecognised' });
  await asking.kill();
});
