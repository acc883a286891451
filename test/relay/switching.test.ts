import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '#contract/account.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { accountFor, type Heard, Room } from './seat.ts';

let a: PlainWorkspace;
let b: PlainWorkspace;
let accountA: Account;
let accountB: Account;
let room: Room;

beforeEach(async () => {
  a = await startPlain({ name: 'a' });
  b = await startPlain({ name: 'b', extraTools: ['only-b'] });
  accountA = accountFor(a.url, 'account-a');
  accountB = accountFor(b.url, 'account-b');
  room = new Room([accountA, accountB]);
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

const isQuestion = ({ method }: Heard): boolean => method === 'elicitation/create';
const accepted = (answer: string): object => ({ action: 'accept', content: { answer } });

describe('while a client stays connected', () => {
  test('AC-01 a call that runs ends on the old account, a new one goes to the new account', async () => {
    const seat = room.seat();
    await seat.greet();
    const running = seat.call('slow', { gate: 'g' });
    await a.gates.reached('g');
    room.use(accountB);
    expect(await seat.call('echo', { text: 'new' })).toBe('b: new');
    a.gates.release('g');
    expect(await running).toBe('a: done waiting');
  });

  test('AC-05 the client is told once that each list changed, and the next list is the new one', async () => {
    const seat = room.seat();
    await seat.greet();
    room.use(accountB);
    const changes = seat.pushed.map(({ method }) => method).sort();
    expect(changes).toEqual([
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
      'notifications/tools/list_changed',
    ]);
    const list = await seat.ask('tools/list');
    expect(JSON.stringify(list.result)).toContain('only-b');
  });

  test('the answer to a question of the old account reaches the old account, never the new one', async () => {
    const seat = room.seat();
    await seat.greet({ elicitation: {} });
    const askedByA = seat.call('ask', { question: 'from a' });
    const questionA = await seat.heard(isQuestion);
    room.use(accountB);
    const askedByB = seat.call('ask', { question: 'from b' });
    const questionB = await seat.heard((heard) => isQuestion(heard) && heard.id !== questionA.id);
    expect(questionB.id).not.toBe(questionA.id);
    await seat.send({ jsonrpc: '2.0', id: questionB.id, result: accepted('for b') });
    expect(await askedByB).toContain('b: ');
    await seat.send({ jsonrpc: '2.0', id: questionA.id, result: accepted('for a') });
    expect(await askedByA).toContain('for a');
    expect(await askedByB).toContain('for b');
    expect(JSON.stringify(b.requests.all.map(({ text }) => text))).not.toContain('for a');
    expect(JSON.stringify(a.requests.all.map(({ text }) => text))).not.toContain('for b');
  });

  test('JR-19 JR-20 a question is answered once; the second answer goes nowhere', async () => {
    const seat = room.seat();
    await seat.greet({ elicitation: {} });
    const asked = seat.call('ask', { question: 'once' });
    const question = await seat.heard(isQuestion);
    await seat.send({ jsonrpc: '2.0', id: question.id, result: accepted('first') });
    await seat.send({ jsonrpc: '2.0', id: question.id, result: accepted('second') });
    await seat.send({ jsonrpc: '2.0', id: 999, result: accepted('third') });
    expect(await asked).toContain('first');
    expect(JSON.stringify(a.requests.all.map(({ text }) => text))).not.toMatch(/second|third/);
  });

  test('the old workspace session is deleted when its last call has ended, not before', async () => {
    const seat = room.seat();
    await seat.greet();
    const running = seat.call('slow', { gate: 'g' });
    await a.gates.reached('g');
    room.use(accountB);
    await seat.call('echo', { text: 'x' });
    expect(a.requests.deletes()).toHaveLength(0);
    const deleted = a.requests.until(({ method }) => method === 'DELETE');
    a.gates.release('g');
    await running;
    await deleted;
    expect(a.requests.deletes()).toHaveLength(1);
  });

  test('AC-03 a session id of one account is never sent to the other', async () => {
    const seat = room.seat();
    await seat.greet();
    await seat.call('echo', { text: 'x' });
    room.use(accountB);
    await seat.call('echo', { text: 'x' });
    room.use(accountA);
    await seat.call('echo', { text: 'x' });
    const sessions = (workspace: PlainWorkspace): Set<string | undefined> =>
      new Set(
        workspace.requests.all.map(({ session }) => session).filter((session) => session !== undefined),
      );
    const shared = [...sessions(a)].filter((session) => sessions(b).has(session));
    expect(shared).toEqual([]);
  });

  test('AC-04 after many switches the last one wins and at most one session per account is open', async () => {
    const seat = room.seat();
    await seat.greet();
    for (let round = 0; round < 50; round += 1) {
      room.use(round % 2 === 0 ? accountB : accountA);
      await seat.call('echo', { text: String(round) });
    }
    expect(await seat.call('echo', { text: 'end' })).toBe('a: end');
    await b.requests.until(() => b.openSessions === 0);
    expect(a.openSessions).toBe(1);
  });

  test('a session that is pinned does not move', async () => {
    const pinned = room.seat('account-a');
    await pinned.greet();
    room.use(accountB);
    expect(await pinned.call('echo', { text: 'still' })).toBe('a: still');
    expect(pinned.pushed).toEqual([]);
  });

  test('subscriptions and the log level are set up again with the new account', async () => {
    const seat = room.seat();
    await seat.greet();
    await seat.ask('resources/subscribe', { uri: 'note://a/first' });
    await seat.ask('logging/setLevel', { level: 'error' });
    room.use(accountB);
    await seat.call('echo', { text: 'x' });
    await b.requests.until(({ rpc }) => rpc?.method === 'resources/subscribe');
    expect(b.requests.withMethod('logging/setLevel')).toHaveLength(1);
    expect(seat.pushed.map(({ method }) => method)).toContain('notifications/resources/updated');
  });

  test('a workspace that forgets every session is greeted again without the client noticing', async () => {
    const seat = room.seat();
    await seat.greet();
    await seat.ask('resources/subscribe', { uri: 'note://a/first' });
    await a.forgetSessions();
    expect(await seat.call('echo', { text: 'again' })).toBe('a: again');
    expect(a.requests.withMethod('initialize')).toHaveLength(2);
    await a.streams.atLeast(1);
    await a.touch('note://a/first');
    await seat.heard(({ method }) => method === 'notifications/resources/updated');
  });

  test('UP-404a parallel calls that meet a lost session cause one new one', async () => {
    const seat = room.seat();
    await seat.greet();
    await a.forgetSessions();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => seat.call('echo', { text: `${i}` })),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, (_, i) => `a: ${i}`));
    expect(a.requests.withMethod('initialize')).toHaveLength(2);
  });

  test('AC-07 without a chosen account lists are empty, calls say why, and nothing falls back to another', async () => {
    const seat = room.seat();
    await seat.greet();
    room.list = { current: null, active: {}, accounts: [accountB] };
    room.sessions.rebind();
    expect((await seat.ask('tools/list')).result).toEqual({ tools: [] });
    expect((await seat.ask('tools/call', { name: 'echo', arguments: { text: 'x' } })).error?.code).toBe(
      -31008,
    );
    expect(b.requests.all).toHaveLength(0);
  });
});

test('AC-08 a client that connects before any account exists is welcomed and served once there is one', async () => {
  await using empty = new Room([]);
  const seat = empty.seat();
  const welcome = await seat.greet();
  expect(welcome.result?.serverInfo).toMatchObject({ name: 'gangway' });
  expect((await seat.ask('tools/list')).result).toEqual({ tools: [] });
  empty.list = { current: accountA.id, active: {}, accounts: [accountA] };
  empty.sessions.rebind();
  await seat.heard(({ method }) => method === 'notifications/tools/list_changed');
  expect(await seat.call('echo', { text: 'now' })).toBe('a: now');
});
