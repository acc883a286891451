import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { shakesHands, startScripted } from '../relay/scripted.ts';
import { accountFor, Room, Seat } from '../relay/seat.ts';
import { answerJson } from '../workspaces/arrival.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';

const TOOLS_CHANGED = 'notifications/tools/list_changed';
const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'seat', version: '1' } };

let a: PlainWorkspace;
let b: PlainWorkspace;
let room: Room;

beforeEach(async () => {
  a = await startPlain({ name: 'a' });
  b = await startPlain({ name: 'b' });
  room = new Room([accountFor(a.url, 'account-a'), accountFor(b.url, 'account-b')]);
});

afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

describe('a switch', () => {
  test('is not held up by a client that does not read', async () => {
    const session = room.sessions.open({ id: 'stuck', label: 'stuck', door: 'stdio' }, { text: 'current' });
    await new Seat(session).greet();
    const waiting = vi.fn(() => new Promise<void>(() => undefined));
    session.attach({ event: waiting, end: () => undefined });
    const other = room.seat();
    await other.greet();
    room.use(room.list.accounts[1]);
    expect(waiting).toHaveBeenCalledTimes(3);
    expect(other.pushed.map(({ method }) => method)).toContain(TOOLS_CHANGED);
  });

  test('does not fail because a client leaves meanwhile', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    await using silent = await startScripted((_, response) => asked.resolve(response));
    const next = accountFor(silent.url, 'silent');
    const leaving = room.seat();
    await leaving.greet();
    const accounts = [...room.list.accounts, next];
    const warming = room.sessions.warm({ ...room.list, current: next.id, accounts });
    await asked.promise;
    await leaving.session.close();
    expect(await warming).toMatchObject({ isProven: false });
  });

  test('that fails for one client lets go of what it opened for the others', async () => {
    const held: ServerResponse[] = [];
    const both = Promise.withResolvers<void>();
    await using slow = await startScripted((arrival, response) => {
      if (arrival.rpc?.method !== 'initialize') return void shakesHands(arrival, response);
      held.push(response);
      if (held.length === 2) both.resolve();
    });
    const next = accountFor(slow.url, 'slow');
    await room.seat().greet();
    await room.seat().greet();
    const accounts = [...room.list.accounts, next];
    const warming = room.sessions.warm({ ...room.list, current: next.id, accounts });
    await both.promise;
    held[0]?.writeHead(403).end();
    const serverInfo = { name: 'slow', version: '1' };
    const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo };
    const id = slow.requests.withMethod('initialize')[1]?.rpc?.id;
    answerJson(
      held[1] as ServerResponse,
      200,
      { jsonrpc: '2.0', id, result },
      { 'mcp-session-id': 'second' },
    );
    await expect(warming).rejects.toMatchObject({ code: 'refused' });
    await slow.requests.until(({ method, session }) => method === 'DELETE' && session === 'second');
  });

  test('that fails while the account in use has to wait costs that account nothing', async () => {
    const [account] = room.list.accounts;
    if (!account) throw new Error('There is an account.');
    const seat = room.seat();
    await seat.greet();
    room.health.observe(account.id, 429, 600, new Date());
    const nowhere = accountFor('http://127.0.0.1:1/mcp', 'nowhere');
    const accounts = [...room.list.accounts, nowhere];
    await expect(room.sessions.warm({ ...room.list, current: nowhere.id, accounts })).rejects.toMatchObject({
      code: 'unreachable',
    });
    room.health.forget(account.id);
    for (let round = 0; round < 3; round += 1) expect(await seat.call('echo', { text: 'x' })).toBe('a: x');
    expect(a.openedSessions).toBe(1);
    await a.changeTools();
    await seat.heard(({ method }) => method === TOOLS_CHANGED);
  });
});

describe('what a client hears of its lists', () => {
  test('a pinned client hears of the lists only that its workspace has', async () => {
    await using workspace = await startScripted((arrival, response) => void shakesHands(arrival, response));
    await using other = new Room([accountFor(workspace.url, 'pinned')]);
    const seat = other.seat('pinned');
    await seat.greet();
    other.sessions.listsChanged();
    expect(seat.pushed.map(({ method }) => method)).toEqual([TOOLS_CHANGED]);
  });

  test('a client that is not ready yet hears nothing', async () => {
    const seat = room.seat();
    await seat.ask('initialize', HELLO);
    room.use(room.list.accounts[1]);
    expect(seat.pushed).toEqual([]);
    await seat.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await seat.call('echo', { text: 'x' })).toBe('b: x');
  });

  test('AC-05 a client that has read its lists since the switch is not told a second time', async () => {
    await using empty = new Room([]);
    const [reading, waiting] = [empty.seat(), empty.seat()];
    await reading.greet();
    await waiting.greet();
    empty.list = { ...empty.list, accounts: room.list.accounts };
    empty.use(room.list.accounts[0]);
    await reading.ask('tools/list');
    let times = 0;
    await waiting.heard(({ method }) => {
      if (method === TOOLS_CHANGED) times += 1;
      return times === 2;
    });
    expect(reading.pushed.filter(({ method }) => method === TOOLS_CHANGED)).toHaveLength(1);
  });
});

test('the conversations of a revoked client end', async () => {
  const seat = room.seat();
  await seat.greet();
  const ended = a.requests.until(({ method }) => method === 'DELETE');
  room.sessions.dismiss('test');
  await ended;
  expect(room.sessions.list()).toEqual([]);
});

test('the silence of a client counts from the end of its stream, however long that was open', async () => {
  const seat = room.seat('current', 'http');
  const outlet = { event: () => undefined, end: () => undefined };
  seat.session.attach(outlet);
  await seat.greet();
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(2 * limits.sessionEndMs);
  seat.session.detach(outlet);
  room.sessions.tend(performance.now() + 1000);
  expect(room.sessions.list()).toHaveLength(1);
  room.sessions.tend(performance.now() + limits.sessionEndMs);
  expect(room.sessions.list()).toEqual([]);
});
