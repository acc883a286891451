import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Reply } from '#bridge/relay/channel.ts';
import type { Account } from '#contract/account.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { beginStream, shakesHands, startScripted, until } from './scripted.ts';
import { accountFor, Room, type Seat } from './seat.ts';

let a: PlainWorkspace;
let b: PlainWorkspace;
let accountA: Account;
let accountB: Account;
let room: Room;
let seat: Seat;

beforeEach(async () => {
  a = await startPlain({ name: 'a' });
  b = await startPlain({ name: 'b' });
  accountA = accountFor(a.url, 'account-a');
  accountB = accountFor(b.url, 'account-b');
  room = new Room([accountA, accountB]);
  seat = room.seat();
  await seat.greet();
});

afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

/** Calls that use up every turn of the session. */
async function fill(): Promise<Promise<string>[]> {
  const calls = Array.from({ length: limits.inFlightPerClient }, () => seat.call('slow', { gate: 'g' }));
  await until(() => a.requests.calls('slow').length === calls.length);
  return calls;
}

test('calls that still wait for their turn when the session ends open no workspace session', async () => {
  const running = await fill();
  const waiting = Array.from({ length: 5 }, () => seat.call('echo', { text: 'late' }));
  await seat.session.close();
  for (const answer of await Promise.all([...running, ...waiting])) expect(answer).toContain('error -31010');
  expect(a.requests.calls('echo')).toEqual([]);
  expect(a.requests.withMethod('initialize')).toHaveLength(1);
});

test('a call whose client left while it waited is not sent', async () => {
  const running = await fill();
  const left = new AbortController();
  const ended = vi.fn<() => void>();
  const reply: Reply = {
    resumable: true,
    gone: left.signal,
    event: () => undefined,
    answer: () => undefined,
    end: ended,
  };
  const echo = '{"jsonrpc":"2.0","id":"late","method":"tools/call","params":{"name":"echo"}}';
  const late = seat.session.receive(readMessage(Buffer.from(echo)), reply);
  left.abort();
  await until(() => a.gates.waiting('g') === running.length);
  a.gates.release('g');
  await Promise.all([...running, late]);
  expect(ended).toHaveBeenCalledTimes(1);
  expect(a.requests.calls('echo')).toEqual([]);
});

test('a call that is cancelled while its session opens is logged as cancelled', async () => {
  const heard = Promise.withResolvers<() => void>();
  await using slow = await startScripted((_, response) =>
    heard.resolve(() => void response.writeHead(403).end()),
  );
  const account = accountFor(slow.url, 'slow');
  room.list = { ...room.list, accounts: [...room.list.accounts, account] };
  room.use(account);
  const call = seat.send('{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"x"}}');
  const refuse = await heard.promise;
  await seat.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } });
  refuse();
  expect(await call).toBeUndefined();
  expect(room.activity.map(({ outcome }) => outcome)).toEqual(['cancelled']);
});

test('an activity log that fails does not cost the answer', async () => {
  room.activity.push = () => {
    throw new Error('full');
  };
  expect(await seat.call('echo', { text: 'x' })).toBe('a: x');
});

test('an answer without an id gets the id of its request, whatever is in it', async () => {
  await using workspace = await startScripted((arrival, response) => {
    if (shakesHands(arrival, response)) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"jsonrpc":"2.0","error":{"code":-32050,"message":"no"}}');
  });
  await using other = new Room([accountFor(workspace.url, 'account')]);
  const client = other.seat();
  await client.greet();
  const answer = await client.send('{"jsonrpc":"2.0","id":"$&$1","method":"foo/bar"}');
  expect(JSON.parse(answer ?? '')).toMatchObject({ id: '$&$1', error: { code: -32050 } });
});

test('a call that outlives a switch by too long is answered', async () => {
  await using workspace = await startScripted((arrival, response) => {
    if (!shakesHands(arrival, response)) beginStream(response);
  });
  const endless = accountFor(workspace.url, 'endless');
  await using other = new Room([endless, accountB]);
  const client = other.seat();
  await client.greet();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const call = client.ask('tools/call', { name: 'x' });
  await until(() => workspace.requests.calls('x').length > 0);
  other.use(accountB);
  vi.advanceTimersByTime(limits.drainMs);
  expect((await call).error).toMatchObject({ code: -31010, data: { mayHaveRun: true } });
});

test('the time limit of a switch that was taken back does not end the calls that follow', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const first = seat.call('slow', { gate: 'g' });
  await a.gates.reached('g');
  room.use(accountB);
  a.gates.release('g');
  await first;
  room.use(accountA);
  const second = seat.call('slow', { gate: 'h' });
  await a.gates.reached('h');
  vi.advanceTimersByTime(limits.drainMs);
  a.gates.release('h');
  expect(await second).toBe('a: done waiting');
  expect(await seat.call('echo', { text: 'x' })).toBe('a: x');
  expect(a.openedSessions).toBe(2);
});
