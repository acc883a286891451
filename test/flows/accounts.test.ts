import { describe, expect, test, vi } from 'vitest';
import type { SnapshotChange } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { Notices } from './notices.ts';
import { doors, failure, startWorld, text } from './world.ts';

/** Two workspaces `a` and `b`, one token each, and a bridge that knows both; `a` is the current account. */
async function startTwo() {
  await using starting = new AsyncDisposableStack();
  const keys = { a: canary('bearer'), b: canary('bearer'), next: canary('bearer') };
  const tokens = { a: { ada: keys.a, 'ada again': keys.next }, b: { bob: keys.b } };
  const a = starting.use(await startPlain({ name: 'a', tokens: tokens.a, pageSize: 6 }));
  const b = starting.use(await startPlain({ name: 'b', tokens: tokens.b, extraTools: ['only-b'] }));
  const world = starting.use(await startWorld());
  await world.add({ connector: 'custom', label: 'a', url: a.url, key: keys.a });
  await world.add({ connector: 'custom', label: 'b', url: b.url, key: keys.b });
  const running = starting.move();
  return { a, b, keys, tokens, world, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const speakers = ({ requests }: PlainWorkspace) => [
  ...new Set(requests.all.map(({ principal }) => principal)),
];
const sessions = ({ requests }: PlainWorkspace) =>
  new Set(requests.all.flatMap(({ session }) => (session === undefined ? [] : [session])));

describe.each(doors)('switching accounts by %s', (door) => {
  test('AC-01 twenty calls that run end where they began; new ones go to the next account', async () => {
    await using stage = await startTwo();
    const { a, b, world } = stage;
    const client = await world.connect(door);
    const gates = Array.from({ length: 20 }, (_, number) => `g${number}`);
    const running = gates.map((gate) => text(client, 'slow', { gate }));
    await Promise.all(gates.map((gate) => a.gates.reached(gate)));
    const { following } = await world.bridge.control.accounts.use({ account: 'b' });
    expect(following).toHaveLength(1);
    expect(await text(client, 'echo', { text: 'new' })).toBe('b: new');
    for (const gate of gates) a.gates.release(gate);
    expect(new Set(await Promise.all(running))).toEqual(new Set(['a: done waiting']));
    expect([speakers(a), speakers(b)]).toEqual([['ada'], ['bob']]);
    // AC-03: no session id of one account is ever sent to the other.
    expect([...sessions(a)].filter((session) => sessions(b).has(session))).toEqual([]);
  });

  test('AC-02 a stream belongs to the old account until its end', async () => {
    await using stage = await startTwo();
    const { a, world } = stage;
    const client = await world.connect(door);
    const steps: (string | undefined)[] = [];
    const running = client.callTool(
      { name: 'progress', arguments: { steps: 2, gate: 'g' } },
      { onprogress: ({ message }) => void steps.push(message) },
    );
    await a.gates.reached('g');
    await world.bridge.control.accounts.use({ account: 'b' });
    expect(await text(client, 'echo', { text: 'new' })).toBe('b: new');
    a.gates.release('g');
    expect(await running).toMatchObject({ content: [{ text: 'a: 2 steps' }] });
    expect(steps).toEqual(['step 1', 'step 2']);
  });

  test('AC-04 after many switches the last one wins, and one workspace session is left', async () => {
    await using stage = await startTwo();
    const { a, b, world } = stage;
    const client = await world.connect(door);
    for (let round = 0; round < 60; round += 1) {
      await world.bridge.control.accounts.use({ account: round % 2 === 0 ? 'b' : 'a' });
    }
    await Promise.all(['b', 'a', 'b'].map((account) => world.bridge.control.accounts.use({ account })));
    expect(await text(client, 'echo', { text: 'end' })).toBe('b: end');
    await vi.waitFor(() => expect([a.openSessions, b.openSessions]).toEqual([0, 1]));
    expect([speakers(a), speakers(b)]).toEqual([['ada'], ['bob']]);
  });

  test('AC-05 AC-13 the client is told once per list, and the lists it reads then are the new ones', async () => {
    await using stage = await startTwo();
    const { world } = stage;
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).not.toContain('only-b');
    const uris = async () => (await client.listResources()).resources.map(({ uri }) => uri);
    expect(await uris()).toContain('note://a/first');
    await world.bridge.control.accounts.use({ account: 'b' });
    for (const list of ['tools', 'prompts', 'resources'] as const) await notices.atLeast(list, 1);
    expect(await names()).toContain('only-b');
    expect(await uris()).toContain('note://b/first');
    await world.bridge.control.accounts.use({ account: 'a' });
    await notices.atLeast('resources', 2);
    expect(await names()).not.toContain('only-b');
    expect(['tools', 'prompts', 'resources'].map((list) => notices.told(list as 'tools'))).toEqual([2, 2, 2]);
  });

  test('a cursor of one account is refused by the other and good again after switching back', async () => {
    await using stage = await startTwo();
    const { world } = stage;
    const client = await world.connect(door);
    const { nextCursor } = await client.request({ method: 'tools/list', params: {} });
    const next = () => client.request({ method: 'tools/list', params: { cursor: nextCursor } });
    await world.bridge.control.accounts.use({ account: 'b' });
    expect(await failure(next())).toMatchObject({
      code: -32602,
      message: expect.stringContaining('Invalid cursor'),
    });
    await world.bridge.control.accounts.use({ account: 'a' });
    expect((await next()).tools).toHaveLength(4);
  });

  test('the answer to a question of one account never reaches the other', async () => {
    await using stage = await startTwo();
    const { a, b, world } = stage;
    const answers = { a: Promise.withResolvers<string>(), b: Promise.withResolvers<string>() };
    const asked = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    const client = await world.connect(door, 'current', (prepared) => {
      prepared.setRequestHandler('elicitation/create', async ({ params }) => {
        const from = params.message as 'a' | 'b';
        asked[from].resolve();
        return { action: 'accept', content: { answer: await answers[from].promise } };
      });
    });
    const byA = text(client, 'ask', { question: 'a' });
    await asked.a.promise;
    await world.bridge.control.accounts.use({ account: 'b' });
    const byB = text(client, 'ask', { question: 'b' });
    await asked.b.promise;
    answers.b.resolve('for b');
    expect(await byB).toBe('b: for b');
    answers.a.resolve('for a');
    expect(await byA).toBe('a: for a');
    const heard = (workspace: PlainWorkspace) => workspace.requests.all.map((seen) => seen.text).join('\n');
    expect(heard(a)).not.toContain('for b');
    expect(heard(b)).not.toContain('for a');
  });

  test.each([
    ['cannot be reached', 'unreachable'],
    ['refuses its key', 'sign-in-needed'],
  ])('a switch to an account that %s changes nothing', async (_what, code) => {
    await using stage = await startTwo();
    const { a, b, world } = stage;
    await using closed = await startPlain({ name: 'b', tokens: {} });
    const { control } = world.bridge;
    const wrong = canary('bearer');
    await world.add({ connector: 'custom', label: 'c', url: closed.url, key: wrong, check: false });
    if (code === 'unreachable') await closed[Symbol.asyncDispose]();
    // Without a client that would follow, the account is tried all the same.
    await expect(control.accounts.use({ account: 'c' })).rejects.toMatchObject({ code });
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(await text(client, 'echo', { text: '1' })).toBe('a: 1');
    await expect(control.accounts.use({ account: 'c' })).rejects.toMatchObject({ code });
    expect(await text(client, 'echo', { text: '2' })).toBe('a: 2');
    expect((await control.accounts.list()).find(({ current }) => current)?.label).toBe('a');
    expect(a.openSessions).toBe(1);
    expect(b.requests.calls()).toEqual([]);
    await control.accounts.use({ account: 'b' });
    await notices.atLeast('tools', 1);
    expect(notices.told('tools')).toBe(1);
    expect(await text(client, 'echo', { text: '3' })).toBe('b: 3');
  });
});

describe.each(doors)('changing accounts under a client by %s', (door) => {
  test('a key is rotated in place: what runs goes on, what follows uses the new key', async () => {
    await using stage = await startTwo();
    const { a, keys, tokens, world } = stage;
    const { control } = world.bridge;
    const client = await world.connect(door, 'a');
    const running = text(client, 'slow', { gate: 'g' });
    await a.gates.reached('g');
    const wrong = control.accounts.rotateKey({ account: 'a', key: canary('bearer') });
    await expect(wrong).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(await text(client, 'echo', { text: 'old' })).toBe('a: old');
    await control.accounts.rotateKey({ account: 'a', key: keys.next });
    tokens.a.ada = canary('bearer');
    expect(await text(client, 'echo', { text: 'new' })).toBe('a: new');
    a.gates.release('g');
    expect(await running).toBe('a: done waiting');
    expect(a.requests.calls('echo').at(-1)?.principal).toBe('ada again');
  });

  test('a refused key that is replaced without a check is used at once', async () => {
    await using stage = await startTwo();
    const { keys, tokens, world } = stage;
    const client = await world.connect(door, 'a');
    tokens.a.ada = canary('bearer');
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({ code: -31001 });
    await world.bridge.control.accounts.rotateKey({ account: 'a', key: keys.next, check: false });
    expect(await text(client, 'echo', { text: 'x' })).toBe('a: x');
  });

  test('AC-10 an account that needs a sign-in says so at once, and nothing is sent', async () => {
    await using stage = await startTwo();
    const { a, keys, tokens, world } = stage;
    const { control } = world.bridge;
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    tokens.a.ada = canary('bearer');
    await expect(control.accounts.check({ account: 'a' })).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(await control.accounts.list()).toMatchObject([{ state: 'sign-in-needed' }, { state: 'ready' }]);
    a.requests.clear();
    const needed = { code: -31001, message: expect.stringContaining('a: sign-in needed') };
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject(needed);
    expect(await failure(client.listTools())).toMatchObject(needed);
    expect(await failure(text(await world.connect(door), 'echo', { text: 'x' }))).toMatchObject(needed);
    expect(a.requests.calls()).toEqual([]);
    expect(a.requests.withMethod('initialize')).toEqual([]);
    const told = notices.told('tools');
    await control.accounts.rotateKey({ account: 'a', key: keys.next });
    await notices.atLeast('tools', told + 1);
    expect(await text(client, 'echo', { text: 'x' })).toBe('a: x');
  });

  test('AC-07 a removed account is gone for its clients; what runs ends, nothing falls to another account', async () => {
    await using stage = await startTwo();
    const { a, b, world } = stage;
    const [following, pinned] = [await world.connect(door), await world.connect(door, 'a')];
    const running = text(pinned, 'slow', { gate: 'g' });
    await a.gates.reached('g');
    b.requests.clear();
    const { openSessions } = await world.bridge.control.accounts.remove({ account: 'a' });
    expect(openSessions).toBe(2);
    for (const client of [following, pinned]) {
      expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({
        code: -31008,
        data: { source: 'bridge', code: 'no-account', mayHaveRun: false },
      });
      expect((await client.listTools()).tools).toEqual([]);
    }
    a.gates.release('g');
    expect(await running).toBe('a: done waiting');
    expect(b.requests.all).toEqual([]);
    await world.bridge.control.accounts.use({ account: 'b' });
    expect(await text(following, 'echo', { text: 'x' })).toBe('b: x');
    expect(await failure(text(pinned, 'echo', { text: 'x' }))).toMatchObject({ code: -31008 });
  });

  test('AC-08 a client may come before any account does, and is told when there is one', async () => {
    await using a = await startPlain({ name: 'a' });
    await using world = await startWorld();
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(client.getServerVersion()).toMatchObject({ name: 'gangway' });
    expect((await client.listTools()).tools).toEqual([]);
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({
      code: -31008,
      message: 'No account yet. Add one in Gangway, or run: gangway add',
    });
    await world.add({ connector: 'custom', label: 'a', url: a.url });
    await notices.atLeast('tools', 1);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    expect(await text(client, 'echo', { text: 'x' })).toBe('a: x');
  });

  test('paused, nothing is sent anywhere; resumed, clients are told and go on', async () => {
    await using stage = await startTwo();
    const { a, world } = stage;
    const { control } = world.bridge;
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    await text(client, 'echo', { text: 'x' });
    a.requests.clear();
    expect(await control.pause()).toMatchObject({ paused: true });
    const paused = { code: -31013, message: 'Gangway is paused. Resume it to go on.' };
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject(paused);
    expect(await failure(client.listTools())).toMatchObject(paused);
    await client.ping();
    const late = await world.connect(door, 'a');
    expect(await failure(text(late, 'echo', { text: 'x' }))).toMatchObject(paused);
    expect(a.requests.calls()).toEqual([]);
    expect(a.requests.withMethod('tools/list')).toEqual([]);
    expect(await control.resume()).toMatchObject({ paused: false });
    await notices.atLeast('tools', 1);
    expect(await text(client, 'echo', { text: 'x' })).toBe('a: x');
    expect(await text(late, 'echo', { text: 'x' })).toBe('a: x');
    const logged = await control.activity.list({ outcome: 'blocked' });
    expect(logged.map(({ target, code }) => `${target} ${code}`).sort()).toEqual([
      'echo -31013',
      'echo -31013',
      'null -31013',
    ]);
  });

  test('what was said is in the log when it is kept, and never in the snapshot', async () => {
    await using stage = await startTwo();
    const { world } = stage;
    const { control } = world.bridge;
    await control.settings.set({ activityBodies: true });
    await text(await world.connect(door, 'a'), 'echo', { text: 'hello' });
    const [logged] = await control.activity.list({ target: 'echo' });
    expect(logged?.arguments).toContain('hello');
    const leaving = new AbortController();
    const changes = await control.watch(undefined, { signal: leaving.signal });
    const shown = (await changes.next()).value as SnapshotChange;
    leaving.abort();
    const recent = shown.recent?.find(({ target }) => target === 'echo');
    expect(recent).toEqual({ ...logged, arguments: null, result: null });
  });

  test('while everything is read-only clients see what reads, are told, and a write never leaves', async () => {
    await using stage = await startTwo();
    const { b, world } = stage;
    const { control } = world.bridge;
    const notices = new Notices();
    const client = await world.connect(door, 'b', notices.listen);
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    const all = await names();
    expect(all).toContain('fail');
    await control.settings.set({ readOnly: true });
    await notices.atLeast('tools', 1);
    expect(await names()).toEqual(all.filter((name) => name !== 'fail'));
    expect(await text(client, 'echo', { text: 'x' })).toBe('b: x');
    b.requests.clear();
    expect(await failure(text(client, 'fail'))).toMatchObject({
      code: -31014,
      message:
        'Everything is read-only in Gangway right now, and this tool may change something. Switch that off in the settings to let it through.',
    });
    expect(b.requests.calls()).toEqual([]);
    await control.settings.set({ readOnly: false });
    await notices.atLeast('tools', 2);
    expect(await names()).toEqual(all);
  });

  test('a tool that is switched off disappears for a connected client and never reaches the workspace', async () => {
    await using stage = await startTwo();
    const { a, world } = stage;
    const notices = new Notices();
    const client = await world.connect(door, 'a', notices.listen);
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toContain('echo');
    await world.bridge.control.accounts.update({ account: 'a', rules: { deny: ['echo'] } });
    await notices.atLeast('tools', 1);
    expect(await names()).not.toContain('echo');
    expect(await failure(text(client, 'echo', { text: 'x' }))).toMatchObject({ code: -31014 });
    expect(a.requests.calls('echo')).toEqual([]);
    await world.bridge.control.accounts.update({ account: 'a', rules: { deny: [] } });
    await notices.atLeast('tools', 2);
    expect(await names()).toContain('echo');
  });
});
