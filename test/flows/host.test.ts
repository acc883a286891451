import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { KeychainQuestion } from '#bridge/vault/keychain-process.ts';
import type { BridgeError } from '#contract/errors.ts';
import { freshPaths, startOwner } from '../control/an-owner.ts';
import { PATHS } from '../oauth/hostile.ts';
import { signInAs } from '../sign-in/person.ts';
import { startStage } from '../sign-in/stage.ts';
import { startConnectProxy } from '../upstream/connect-proxy.ts';
import { startFaultProxy } from '../upstream/fault-proxy.ts';
import { startPlain } from '../workspaces/plain.ts';
import { startWorld } from './world.ts';

afterEach(() => vi.useRealTimers());

const failed = (running: Promise<unknown>): Promise<BridgeError> =>
  running.then(
    () => Promise.reject(new Error('It was expected to fail.')),
    (error: unknown) => error as BridgeError,
  );

test('a host brings its own way to the keychain', async () => {
  const questions: KeychainQuestion[] = [];
  const start = (question: KeychainQuestion) => {
    questions.push(question);
    const answer = Promise.resolve({ kind: 'key', key: new Uint8Array(32), made: true } as const);
    return { pid: undefined, answer, kill: async () => undefined };
  };
  await using bridge = await startOwner(await freshPaths(), { vault: 'keychain', keychain: { start } });
  expect(await bridge.control.vault.open()).toMatchObject({ vault: { kind: 'keychain', state: 'ready' } });
  expect(questions).toMatchObject([{ service: 'gangway', create: true, prompt: true }]);
});

test('workspaces and their sign-ins are reached through the proxy of the desktop, or the one of the settings', async () => {
  await using proxy = await startConnectProxy(1);
  const asked: string[] = [];
  const systemProxy = async (url: string): Promise<string> => {
    asked.push(url);
    return 'SOCKS5 127.0.0.1:1';
  };
  await using bridge = await startOwner(await freshPaths(), { systemProxy });
  const { control } = bridge;
  const add = (label: string, signIn: 'none' | 'oauth') =>
    control.accounts.add({ connector: 'custom', url: 'https://workspace.test/mcp', label, signIn });
  expect((await failed(add('Acme', 'none'))).message).toContain('such as SOCKS');
  await add('Beta', 'oauth');
  const { last } = await signInAs(control, 'beta');
  expect(last).toMatchObject({ step: 'failed', message: expect.stringContaining('such as SOCKS') });
  expect(new Set(asked)).toEqual(new Set(['https://workspace.test/']));
  const before = asked.length;
  await control.settings.set({ proxy: { mode: 'manual', url: proxy.origin } });
  await failed(add('Acme', 'none'));
  const tunnels = proxy.connects.length;
  expect(tunnels).toBeGreaterThan(0);
  expect((await signInAs(control, 'beta')).last.step).toBe('failed');
  expect(proxy.connects.length).toBeGreaterThan(tunnels);
  expect(new Set(proxy.connects)).toEqual(new Set(['workspace.test:443']));
  expect(asked).toHaveLength(before);
});

test('a pause that ended while Gangway was not running is over at the start', async () => {
  const paths = await freshPaths();
  await mkdir(dirname(paths.settings), { recursive: true, mode: 0o700 });
  const pausedUntil = new Date(Date.now() - 1).toISOString();
  await writeFile(paths.settings, JSON.stringify({ version: 1, paused: true, pausedUntil }));
  await using bridge = await startOwner(paths);
  expect(await bridge.control.status()).toMatchObject({ paused: false, pausedUntil: null });
});

test('a pause that ended while the computer slept is over when it wakes', async () => {
  await using bridge = await startOwner(await freshPaths());
  await bridge.control.pause({ minutes: 60 });
  const leaving = new AbortController();
  const changes = await bridge.control.watch(undefined, { signal: leaving.signal });
  expect((await changes.next()).value).toMatchObject({ status: { paused: true } });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61 * 60_000 });
  bridge.wake();
  expect((await changes.next()).value).toMatchObject({ status: { paused: false, pausedUntil: null } });
  leaving.abort();
});

test('waking tells a server at once of a sign-out that it did not hear', async () => {
  await using stage = await startStage();
  const { server, control, world } = stage;
  await stage.add();
  await signInAs(control, 'acme');
  server.on(PATHS.revoke, (_, response) => void response.writeHead(503).end());
  expect(await control.signIn.signOut({ account: 'acme' })).toMatchObject({ revocation: 'queued' });
  const told = server.asked(PATHS.revoke).length;
  const heard = Promise.withResolvers<void>();
  server.on(PATHS.revoke, (_, response) => {
    response.writeHead(200).end();
    heard.resolve();
  });
  world.bridge.wake();
  await heard.promise;
  expect(server.asked(PATHS.revoke).length).toBeGreaterThan(told);
});

test('after waking, calls use connections that were not open before', async () => {
  await using workspace = await startPlain();
  await using proxy = await startFaultProxy(Number(new URL(workspace.url).port));
  await using world = await startWorld();
  await world.add({ connector: 'custom', label: 'A', url: proxy.origin + new URL(workspace.url).pathname });
  const client = await world.connect('http', 'a');
  for (let count = 0; count < 4; count += 1) await client.listTools();
  const before = proxy.connections;
  world.bridge.wake();
  await client.listTools();
  expect(proxy.connections).toBeGreaterThan(before);
});
