import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import type { Account } from '#contract/account.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { type PlainWorkspace, startPlain } from '../../workspaces/plain.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient, textOf } from './client.ts';

let a: ModernWorkspace;
let legacy: PlainWorkspace;
let accountA: Account;
let accountL: Account;
let room: Room;
let client: ModernClient;

beforeEach(async () => {
  a = await startModern({ name: 'a' });
  legacy = await startPlain({ name: 'l' });
  accountA = accountFor(a.url, 'account-a');
  accountL = accountFor(legacy.url, 'account-l');
  room = new Room([accountA, accountL]);
  client = new ModernClient(room);
});

afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await legacy[Symbol.asyncDispose]();
});

describe('calls that go on after a switch', () => {
  test('are given up in the end, and the client is told', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = client.call('slow', { gate: 'g' });
    await a.gates.reached('g');
    room.use(accountL);
    vi.advanceTimersByTime(limits.drainMs);
    await a.gates.cancelled('g');
    expect((await running).error).toMatchObject({ code: -31010, data: { mayHaveRun: true } });
    expect(room.activity.at(-1)).toMatchObject({ accountLabel: 'account-a', outcome: 'error' });
  });

  test('are not, when the switch was taken back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const running = client.call('slow', { gate: 'g' });
    await a.gates.reached('g');
    room.use(accountL);
    room.use(accountA);
    vi.advanceTimersByTime(limits.drainMs);
    a.gates.release('g');
    expect(textOf(await running)).toBe('a: done waiting');
  });
});

describe('the workspace session of an account of the older era', () => {
  beforeEach(async () => {
    room.use(accountL);
  });

  test('ends with its last call after a switch', async () => {
    const running = client.call('slow', { gate: 'g' });
    await legacy.gates.reached('g');
    room.use(accountA);
    expect(legacy.requests.deletes()).toHaveLength(0);
    legacy.gates.release('g');
    await running;
    await legacy.requests.until(({ method }) => method === 'DELETE');
    expect(legacy.openSessions).toBe(0);
  });

  test('goes on when the switch was taken back meanwhile', async () => {
    const running = client.call('slow', { gate: 'g' });
    await legacy.gates.reached('g');
    room.use(accountA);
    room.use(accountL);
    legacy.gates.release('g');
    await running;
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('l: x');
    expect(legacy.openedSessions).toBe(1);
  });

  test('ends when the client was quiet for long, and begins again with its next call', async () => {
    await client.call('echo', { text: 'x' });
    room.sessions.tend(performance.now() + limits.sessionQuietMs);
    await legacy.requests.until(({ method }) => method === 'DELETE');
    expect((await room.sessions.warm({ ...room.list, current: accountA.id })).isProven).toBe(false);
    expect(textOf(await client.call('echo', { text: 'y' }))).toBe('l: y');
    expect(legacy.openedSessions).toBe(2);
  });

  test('stays open for a client that listens', async () => {
    await client.call('echo', { text: 'x' });
    await client.listen({ toolsListChanged: true });
    room.sessions.tend(performance.now() + 2 * limits.sessionQuietMs);
    expect((await room.sessions.warm({ ...room.list, current: accountA.id })).isProven).toBe(true);
    expect(legacy.requests.deletes()).toHaveLength(0);
  });

  test('ends with the client', async () => {
    await client.call('echo', { text: 'x' });
    await client.session.close();
    await legacy.requests.until(({ method }) => method === 'DELETE');
    expect((await client.call('echo', { text: 'x' })).error?.code).toBe(-31010);
    expect(legacy.openedSessions).toBe(1);
  });
});

describe('a client that knows only the newer era, at an account of the older', () => {
  const later = (): void => {
    vi.advanceTimersByTime(1_000);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    room.use(accountL);
  });

  test('is steered first; when it comes back without a handshake it is served', async () => {
    expect((await client.ask('server/discover')).error?.code).toBe(-32601);
    later();
    const found = await client.ask('server/discover');
    expect(found.result).toMatchObject({ supportedVersions: ['2026-07-28'], ttlMs: 0 });
    expect(found.result?.capabilities).toMatchObject({ tools: { listChanged: true } });
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('l: x');
  });

  test('is not confused with one that shook hands meanwhile', async () => {
    expect((await client.ask('server/discover')).error?.code).toBe(-32601);
    await room.seat('current', 'http').greet();
    later();
    expect((await client.ask('server/discover')).error?.code).toBe(-32601);
  });

  test('is welcomed by the bridge itself while there is no account', async () => {
    room.use(undefined);
    await client.ask('server/discover');
    later();
    const found = await client.ask('server/discover');
    expect(found.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true },
      },
      ttlMs: 0,
      cacheScope: 'private',
    });
  });
});

test('a probe is welcomed in its own era while a workspace that speaks it cannot be reached', async () => {
  room.use(accountA);
  expect((await client.ask('server/discover')).error).toBeUndefined();
  await a[Symbol.asyncDispose]();
  const found = await client.ask('server/discover');
  expect(found.result).toMatchObject({ supportedVersions: ['2026-07-28'], ttlMs: 0 });
  expect((await client.call('echo', { text: 'x' })).error?.code).toBeLessThan(-31000);
});
