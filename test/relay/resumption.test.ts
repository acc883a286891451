import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import type { DoorSession } from '#bridge/sessions/door.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { beginStream, hangUpOn, Rest, shakesHands, startScripted, turns } from './scripted.ts';
import { accountFor, Room, Seat } from './seat.ts';

const SLOW =
  '{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"slow","arguments":{"gate":"g"}}}';
const ECHO =
  '{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}';

let a: PlainWorkspace;
let b: PlainWorkspace;
let room: Room;
let session: DoorSession;
let seat: Seat;

beforeEach(async () => {
  a = await startPlain({ name: 'a', resumable: true, retryMs: 500 });
  b = await startPlain({ name: 'b' });
  room = new Room([accountFor(a.url, 'account-a'), accountFor(b.url, 'account-b')]);
  session = room.sessions.open({ id: 'client', label: 'client', door: 'http' }, { text: 'current' });
  seat = new Seat(session);
  await seat.greet();
});

afterEach(async () => {
  vi.useRealTimers();
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

/** Switches to the other account and waits until the workspace session of the first has ended. */
async function leaveA(): Promise<void> {
  const ended = a.requests.until(({ method }) => method === 'DELETE');
  room.use(room.list.accounts[1]);
  await ended;
}

test('SS-03 a client that comes back hears the rest, and the call is over', async () => {
  const { lastEventId } = await hangUpOn(session, SLOW);
  await a.gates.reached('g');
  const rest = new Rest();
  expect(session.attach(rest, lastEventId)).toBe(true);
  a.gates.release('g');
  await rest.ended;
  expect(rest.heard).toEqual([expect.stringContaining('done waiting')]);
  expect(room.activity.map(({ outcome }) => outcome)).toEqual(['ok']);
  expect(await seat.send(ECHO)).toContain('a: x');
  await leaveA();
});

test('the answer waits for a client that hung up a second time before it came', async () => {
  const { lastEventId } = await hangUpOn(session, SLOW);
  await a.gates.reached('g');
  const first = new Rest();
  const resumed = a.requests.next(({ method, headers }) => method === 'GET' && 'last-event-id' in headers);
  session.attach(first, lastEventId);
  await resumed;
  session.detach(first);
  await first.ended;
  a.gates.release('g');
  const second = new Rest();
  session.attach(second, lastEventId);
  await second.ended;
  expect(first.heard).toEqual([]);
  expect(second.heard).toEqual([expect.stringContaining('done waiting')]);
});

test('after the answer a continued stream ends, even if the workspace leaves it open', async () => {
  const result = { jsonrpc: '2.0', id: 77, result: { content: [] } };
  await using workspace = await startScripted(
    (arrival, response) => {
      if (shakesHands(arrival, response, 'session-1')) return;
      beginStream(response);
      response.write('id: first\ndata:\n\n');
    },
    ({ headers }, response) => {
      if ('last-event-id' in headers) beginStream(response, [result]);
      else response.writeHead(405).end();
    },
  );
  await using other = new Room([accountFor(workspace.url, 'open')]);
  const conversation = other.sessions.open(
    { id: 'client', label: 'client', door: 'http' },
    { text: 'current' },
  );
  await new Seat(conversation).greet();
  const { lastEventId } = await hangUpOn(conversation, SLOW);
  const rest = new Rest();
  conversation.attach(rest, lastEventId);
  await rest.ended;
  expect(rest.heard).toEqual([JSON.stringify(result)]);
});

test('a stream that cannot be continued costs only the call it belongs to', async () => {
  await using workspace = await startScripted(
    (arrival, response) => {
      if (shakesHands(arrival, response, 'session-1')) return;
      beginStream(response);
      response.write(`id: stream-${arrival.rpc?.id}\ndata:\n\n`);
    },
    ({ headers }, response) => {
      if (headers['last-event-id'] === 'stream-2')
        beginStream(response, [{ jsonrpc: '2.0', id: 2, result: {} }]);
      else response.writeHead(headers['last-event-id'] === undefined ? 405 : 400).end();
    },
  );
  await using other = new Room([accountFor(workspace.url, 'two-calls')]);
  const conversation = other.sessions.open(
    { id: 'client', label: 'client', door: 'http' },
    { text: 'current' },
  );
  await new Seat(conversation).greet();
  const calls = [];
  for (const id of [1, 2]) calls.push(await hangUpOn(conversation, SLOW.replace('77', String(id))));
  const rests = [new Rest(), new Rest()];
  for (const [index, rest] of rests.entries()) {
    conversation.attach(rest, calls[index]?.lastEventId);
    await rest.ended;
  }
  expect(rests.map(({ heard }) => heard)).toEqual([
    [expect.stringMatching(/"id":1,"error":\{"code":-31012/)],
    ['{"jsonrpc":"2.0","id":2,"result":{}}'],
  ]);
});

test('cancelling a call whose client hung up ends it: its id is free, and its session can end', async () => {
  await hangUpOn(session, SLOW);
  await a.gates.reached('g');
  await seat.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77 } });
  await a.gates.cancelled('g');
  expect(room.activity.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  expect(await seat.send(ECHO)).toContain('a: x');
  await leaveA();
});

test('JR-46 initialize again gives up calls whose client hung up', async () => {
  await hangUpOn(session, SLOW);
  await seat.greet();
  expect(room.activity.map(({ outcome }) => outcome)).toEqual(['unknown']);
  expect(await seat.send(ECHO)).toContain('a: x');
});

test('a client that never comes back holds its id and its session for a while only', async () => {
  await hangUpOn(session, SLOW, () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  vi.advanceTimersByTime(limits.drainMs);
  vi.useRealTimers();
  expect(room.activity.map(({ outcome }) => outcome)).toEqual(['unknown']);
  expect(await seat.send(ECHO)).toContain('a: x');
  await leaveA();
});

test('a call that the bridge was about to resume is told why it is given up', async () => {
  const hungUp = seat.ask('tools/call', { name: 'slow', arguments: { gate: 'g', hangUp: true } });
  await a.gates.reached('g');
  await turns(50);
  await session.close();
  expect((await hungUp).error).toMatchObject({ code: -31010, data: { mayHaveRun: true } });
});
