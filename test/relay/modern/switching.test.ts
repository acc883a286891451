import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '#contract/account.ts';
import { canary } from '../../canary/canary.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { type PlainWorkspace, startPlain } from '../../workspaces/plain.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient, textOf } from './client.ts';

let a: ModernWorkspace;
let b: ModernWorkspace;
let legacy: PlainWorkspace;
let accountA: Account;
let accountB: Account;
let accountL: Account;
let room: Room;
let client: ModernClient;

beforeEach(async () => {
  a = await startModern({ name: 'a' });
  b = await startModern({ name: 'b' });
  legacy = await startPlain({ name: 'l' });
  accountA = accountFor(a.url, 'account-a');
  accountB = accountFor(b.url, 'account-b');
  accountL = accountFor(legacy.url, 'account-l');
  room = new Room([accountA, accountB, accountL]);
  client = new ModernClient(room);
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
  await legacy[Symbol.asyncDispose]();
});

const everything = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
const LISTS = ['prompts', 'resources', 'tools'].map((group) => `notifications/${group}/list_changed`);
const accepted = { answer: { action: 'accept', content: { answer: 'blue' } } };

/** What a client repeats when it answers a question. */
const answering = (state: unknown, inputResponses: object = accepted): object => ({
  requestState: state,
  inputResponses,
});

const asks = { question: 'which?' };

interface Question {
  readonly state: unknown;
  /** Keys of what is asked. */
  readonly keys: readonly string[];
}

async function ask(one = client, given: object = asks): Promise<Question> {
  const asked = await one.call('ask', given);
  expect(asked.result?.resultType).toBe('input_required');
  return { state: asked.result?.requestState, keys: Object.keys(asked.result?.inputRequests ?? {}) };
}

describe('while clients listen', () => {
  test('each hears once that each list changed, reads the new ones, and goes on hearing', async () => {
    const other = new ModernClient(room, { as: 'other' });
    const listens = [await client.listen(everything), await other.listen(everything)];
    await a.listens.atLeast(2);
    room.use(accountB);
    await b.listens.atLeast(2);
    for (const listening of listens) expect(listening.methods.sort()).toEqual(LISTS);
    await b.changeTools();
    for (const listening of listens) await expect.poll(() => listening.methods.length).toBe(4);
    for (const listening of listens) {
      const acknowledged = listening.all.filter(({ method }) => method?.endsWith('/acknowledged'));
      expect(acknowledged).toHaveLength(1);
      expect(new Set(listening.all.map(({ params }) => JSON.stringify(params?._meta))).size).toBe(1);
    }
    const list = await client.ask('tools/list');
    expect(JSON.stringify(list.result)).toContain('extra-1');
  });

  test('the old account is listened to no more', async () => {
    await client.listen(everything);
    await a.listens.atLeast(1);
    room.use(accountB);
    await a.listens.atMost(0);
    await b.listens.atLeast(1);
    expect(b.listens.opened).toBe(1);
  });

  test('a note that is followed may be another one then', async () => {
    const listening = await client.listen({ resourceSubscriptions: ['note://a/first'] });
    room.use(accountB);
    expect(listening.methods).toEqual(['notifications/resources/updated']);
  });

  test('what a workspace says to a listen is cleaned of secrets', async () => {
    const secret = canary('generic');
    room.withoutSecrets = (text) => text.replaceAll(secret, '[removed]');
    const uri = `note://a/${secret}`;
    const listening = await client.listen({ resourceSubscriptions: ['note://a/first', uri] });
    await a.listens.atLeast(1);
    await a.touch(uri);
    await a.touch('note://a/first');
    await expect.poll(() => listening.all.length).toBe(3);
    expect(listening.all.map(({ params }) => params?.uri)).toContain('note://a/[removed]');
  });

  test('over stdio a listen is withdrawn by its id, and ends without an answer', async () => {
    const stdio = new ModernClient(room, { door: 'stdio' });
    const listening = await stdio.listen(everything);
    await a.listens.atLeast(1);
    const cancelled = { method: 'notifications/cancelled', params: { requestId: 'listen-1' } };
    await stdio.send(JSON.stringify({ jsonrpc: '2.0', ...cancelled }));
    expect((await listening.ended).text).toBe('');
    await a.listens.atMost(0);
  });

  test('a client pinned to one account hears nothing', async () => {
    const pinned = new ModernClient(room, { address: 'account-a' });
    const listening = await pinned.listen(everything);
    room.use(accountB);
    expect(textOf(await pinned.call('echo', { text: 'x' }))).toBe('a: x');
    expect(listening.methods).toEqual([]);
  });
});

describe('while calls run', () => {
  test('one ends on the old account, a new one goes to the new account', async () => {
    const running = client.call('slow', { gate: 'g' });
    await a.gates.reached('g');
    room.use(accountB);
    expect(textOf(await client.call('echo', { text: 'new' }))).toBe('b: new');
    a.gates.release('g');
    expect(textOf(await running)).toBe('a: done waiting');
    expect(room.activity.map(({ accountLabel }) => accountLabel)).toEqual(['account-b', 'account-a']);
  });
});

describe('answers to a question', () => {
  test('reach the account that asked, with its own state, while new calls go to the new account', async () => {
    a.answerNext({
      status: 200,
      headers: { 'content-type': 'application/json' },
      when: ({ rpc }) => rpc?.target === 'ask',
      body: ({ rpc }) =>
        `{"jsonrpc":"2.0","id":${JSON.stringify(rpc?.id)},"result":{"resultType":"input_required","inputRequests":{"answer":{"n":1.0}},"requestState":"a's \\u00e9"}}`,
    });
    const asked = await client.call('ask', asks);
    expect(asked.text).toContain('"inputRequests":{"answer":{"n":1.0}}');
    expect(asked.text).not.toContain("a's");
    room.use(accountB);
    expect(textOf(await client.call('echo', { text: 'new' }))).toBe('b: new');
    await client.call('ask', asks, answering(asked.result?.requestState));
    expect(a.requests.calls('ask').at(-1)?.text).toContain(`"requestState":"a's é"`);
    expect(b.requests.calls('ask')).toHaveLength(0);
  });

  test('are taken by the workspace that asked', async () => {
    const { state } = await ask();
    room.use(accountB);
    expect(textOf(await client.call('ask', asks, answering(state)))).toBe('a: blue');
  });

  test('reach it too when it gave no state, which then gets none back', async () => {
    const { state } = await ask(client, { ...asks, stateless: true });
    expect(state).toBeTypeOf('string');
    room.use(accountB);
    const stateless = { ...asks, stateless: true };
    expect(textOf(await client.call('ask', stateless, answering(state)))).toBe('a: blue');
    expect(a.requests.calls('ask').at(-1)?.text).not.toContain('requestState');
  });

  test.each<[string, (state: unknown) => object]>([
    ['with a state of somebody else', () => answering('eyJ4IjoxfQ.sig')],
    ['with a state that was changed', (state) => answering(`${String(state)}x`)],
    ['with a state that is no text', () => answering(5)],
    ['with other arguments', (state) => ({ ...answering(state), arguments: { question: 'other?' } })],
    ['for another tool', (state) => ({ ...answering(state), name: 'interview' })],
  ])('count for nothing %s, and nothing is sent', async (_, given) => {
    const { state } = await ask();
    const before = a.requests.all.length;
    const answer = await client.ask('tools/call', { name: 'ask', arguments: asks, ...given(state) });
    expect(answer.error?.code).toBe(-32602);
    expect(answer.text).not.toContain('result');
    expect(a.requests.all).toHaveLength(before);
    expect(b.requests.all).toHaveLength(0);
  });

  test('without the state belong to a fresh call, unless another account waits for an answer to the same', async () => {
    const { state } = await ask();
    const stray = () => client.ask('tools/call', { name: 'ask', arguments: asks, inputResponses: accepted });
    expect(textOf(await stray())).toBe('a: blue');
    room.use(accountB);
    expect([(await stray()).error?.code, b.requests.calls('ask').length]).toEqual([-32602, 0]);
    await client.call('ask', asks, answering(state));
    expect(textOf(await stray())).toBe('b: blue');
  });

  test('count for nothing from another client or at another address', async () => {
    const { state } = await ask();
    for (const other of [
      new ModernClient(room, { as: 'other' }),
      new ModernClient(room, { address: 'account-a' }),
    ]) {
      expect((await other.call('ask', asks, answering(state))).error?.code).toBe(-32602);
    }
    expect(a.requests.calls('ask')).toHaveLength(1);
  });

  test('count for nothing once the account is gone, acts as another user, or has another credential', async () => {
    const changes = [
      (): void => {
        room.list = { ...room.list, accounts: [accountB], current: accountB.id };
      },
      (): void => {
        const other = accountFor(a.url, 'account-a', { headers: { 'x-user': 'other' } });
        room.list = { ...room.list, accounts: [other, accountB], current: other.id };
      },
      (): void => room.replaced.announce(accountA.id),
    ];
    for (const change of changes) {
      room.list = { ...room.list, accounts: [accountA, accountB], current: accountA.id };
      room.sessions.rebind();
      const { state } = await ask();
      change();
      room.sessions.rebind();
      const before = a.requests.all.length + b.requests.all.length;
      expect((await client.call('ask', asks, answering(state))).error?.code).toBe(-32602);
      expect(a.requests.all.length + b.requests.all.length).toBe(before);
    }
  });

  test('are refused by rules that are younger than the question', async () => {
    const { state } = await ask();
    const strict = accountFor(a.url, 'account-a', { rules: { readOnly: false, deny: ['ask'] } });
    room.list = { ...room.list, accounts: [strict, accountB] };
    room.use(accountB);
    expect((await client.call('ask', asks, answering(state))).error?.code).toBe(-31014);
    expect(a.requests.calls('ask')).toHaveLength(1);
  });

  test('lead through several rounds', async () => {
    const given = { questions: ['one?', 'two?'] };
    const first = await client.call('interview', given);
    room.use(accountB);
    const second = await client.call('interview', given, answering(first.result?.requestState));
    expect(second.result?.resultType).toBe('input_required');
    const last = await client.call('interview', given, answering(second.result?.requestState));
    expect(textOf(last)).toBe('a: blue, blue');
  });
});

describe('an account of the other era', () => {
  test('takes over a client of the newer era, which goes on as before', async () => {
    const listening = await client.listen(everything);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('a: x');
    room.use(accountL);
    await expect.poll(() => listening.methods.sort()).toEqual(LISTS);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('l: x');
    const list = await client.ask('tools/list');
    expect(list.result).toMatchObject({ resultType: 'complete', ttlMs: 0, cacheScope: 'private' });
    room.use(accountB);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('b: x');
  });

  test('takes over a client of the older era, which goes on as before', async () => {
    room.use(accountL);
    const seat = room.seat();
    await seat.greet();
    expect(await seat.call('echo', { text: 'x' })).toBe('l: x');
    room.use(accountB);
    expect(seat.pushed.map(({ method }) => method).sort()).toEqual(LISTS);
    expect(await seat.call('echo', { text: 'x' })).toBe('b: x');
  });

  test('gets the answers to its questions, whatever was switched meanwhile', async () => {
    room.use(accountL);
    const { state, keys } = await ask();
    const [key = ''] = keys;
    room.use(accountB);
    expect(textOf(await client.call('echo', { text: 'new' }))).toBe('b: new');
    expect(textOf(await client.call('ask', asks, answering(state, { [key]: accepted.answer })))).toBe(
      'l: blue',
    );
    expect(b.requests.calls('ask')).toHaveLength(0);
  });

  test('than was believed is spoken to in its own at once, and the call is made once', async () => {
    room.eras.learn(accountL, 'modern', true);
    room.use(accountL);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('l: x');
    expect(legacy.requests.calls('echo').filter(({ session }) => session !== undefined)).toHaveLength(1);
    expect(textOf(await client.call('echo', { text: 'y' }))).toBe('l: y');
    expect(room.activity.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });
});

describe('a probe', () => {
  test('is answered in the era of the account of now', async () => {
    expect((await client.ask('server/discover')).result?.supportedVersions).toEqual(['2026-07-28']);
    room.use(accountL);
    expect(await client.ask('server/discover')).toMatchObject({ status: 400, error: { code: -32601 } });
    expect(room.activity).toHaveLength(1);
  });
});

describe('before a switch is decided', () => {
  const warm = (account: Account) => room.sessions.warm({ ...room.list, current: account.id });

  test('the next account is proven by a client that asks or listens', async () => {
    await client.call('echo', { text: 'x' });
    const { isProven, following } = await warm(accountB);
    expect({ isProven, following }).toEqual({ isProven: true, following: ['seat 2 (current)'] });
    const probes = b.requests.withMethod('server/discover');
    expect(probes.at(-1)?.text).toContain('"name":"seat"');
    room.use(accountB);
    expect(textOf(await client.call('echo', { text: 'x' }))).toBe('b: x');
    expect(b.requests.withMethod('server/discover')).toHaveLength(probes.length);
  });

  test('one of the older era too, by a handshake', async () => {
    await client.call('echo', { text: 'x' });
    expect((await warm(accountL)).isProven).toBe(true);
    expect(legacy.requests.withMethod('initialize')).toHaveLength(1);
  });

  test('one that refuses the credential is not switched to', async () => {
    await client.call('echo', { text: 'x' });
    b.answerNext({ status: 401, times: 9 });
    await expect(warm(accountB)).rejects.toMatchObject({ code: 'sign-in-needed' });
  });

  test('one that answers with an error of its own is not switched to', async () => {
    await client.call('echo', { text: 'x' });
    await warm(accountB);
    room.sessions.rebind();
    b.answerNext({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: ({ rpc }) =>
        JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32603, message: 'broken' } }),
      times: 9,
    });
    await expect(warm(accountB)).rejects.toMatchObject({ code: 'bad-answer' });
  });

  test('a client that never asked more than a probe proves nothing', async () => {
    await client.ask('server/discover');
    expect((await warm(accountB)).isProven).toBe(false);
    expect(b.requests.all).toHaveLength(0);
  });
});
