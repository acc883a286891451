import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { doors, startWorld, text, type World } from './world.ts';

let world: World;
let a: PlainWorkspace;
let b: PlainWorkspace;

beforeAll(async () => {
  a = await startPlain({ name: 'a', resumable: true });
  b = await startPlain({ name: 'b', resumable: true, extraTools: ['only-b'] });
  world = await startWorld();
  await world.add({ connector: 'custom', label: 'A', url: a.url, signIn: 'none' });
  await world.add({ connector: 'custom', label: 'B', url: b.url, signIn: 'none' });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await a[Symbol.asyncDispose]();
  await b[Symbol.asyncDispose]();
});

/** A promise for the next time a client is told something. */
function nextNotice(client: Client, method: 'notifications/tools/list_changed'): Promise<void> {
  return new Promise((resolve) => client.setNotificationHandler(method, () => resolve()));
}

describe.each(doors)('by %s', (door) => {
  test.each(['legacy', 'auto'] as const)(
    'a client of SDK 2.x in mode %s lists and calls tools',
    async (mode) => {
      await world.bridge.control.accounts.use({ account: 'a' });
      const client = await world.connect(door, 'current', undefined, mode);
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
      expect(await text(client, 'echo', { text: 'hi' })).toBe('a: hi');
      expect((await client.readResource({ uri: 'note://a/first' })).contents).toHaveLength(1);
      expect(
        (await client.getPrompt({ name: 'greet', arguments: { person: 'Ada' } })).messages,
      ).not.toHaveLength(0);
      await client.close();
    },
  );

  test('a client of SDK 1.x lists and calls tools', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connectOld(door);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    expect(await text(client, 'echo', { text: 'hi' })).toBe('a: hi');
    expect((await client.readResource({ uri: 'note://a/first' })).contents).toHaveLength(1);
    await client.close();
  });

  test('the answer to a question of account A reaches A although B is current by then', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const questions: { message: string; answer: (text: string) => void }[] = [];
    const arrived = new Map<string, () => void>();
    const client = await world.connect(door, 'current', (fresh) => {
      fresh.setRequestHandler('elicitation/create', async (request) => {
        const { message } = request.params;
        const answer = await new Promise<string>((resolve) => {
          questions.push({ message, answer: resolve });
          arrived.get(message)?.();
        });
        return { action: 'accept', content: { answer } };
      });
    });
    const hears = (message: string): Promise<void> =>
      new Promise((resolve) => {
        if (questions.some((question) => question.message === message)) resolve();
        else arrived.set(message, resolve);
      });
    const answer = (message: string, with_: string): void =>
      questions.find((question) => question.message === message)?.answer(with_);

    const askedByA = text(client, 'ask', { question: 'from A' });
    await hears('from A');
    await world.bridge.control.accounts.use({ account: 'b' });
    const askedByB = text(client, 'ask', { question: 'from B' });
    await hears('from B');
    answer('from B', 'for B');
    expect(await askedByB).toBe('b: for B');
    answer('from A', 'for A');
    expect(await askedByA).toBe('a: for A');
    await client.close();
  });

  test('after a switch the client is told, and its next list is the new account', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connect(door);
    await client.listTools();
    const told = nextNotice(client, 'notifications/tools/list_changed');
    const { following } = await world.bridge.control.accounts.use({ account: 'b' });
    expect(following).toContain('flows 1.0.0 (current)');
    await told;
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('only-b');
    expect(await text(client, 'echo', { text: 'x' })).toBe('b: x');
    await client.close();
  });

  test('a client that leaves ends its workspace session', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connect(door);
    await text(client, 'echo', { text: 'x' });
    const ended = a.requests.next(({ method }) => method === 'DELETE');
    if (door === 'http') {
      const { transport } = client;
      if (transport && 'terminateSession' in transport)
        await (transport.terminateSession as () => Promise<void>)();
    }
    await client.close();
    await ended;
  });

  test('progress, logging and cancellation reach the other side', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connect(door);
    const steps: number[] = [];
    const all = Promise.withResolvers<void>();
    // The SDK drops progress that it reads together with the answer, so the answer waits here.
    const counted = client.callTool(
      { name: 'progress', arguments: { steps: 3, gate: `${door}-steps` } },
      {
        onprogress: ({ progress }) => {
          steps.push(progress);
          if (progress === 3) all.resolve();
        },
      },
    );
    await all.promise;
    a.gates.release(`${door}-steps`);
    await counted;
    expect(steps).toEqual([1, 2, 3]);
    const giveUp = new AbortController();
    const gate = `${door}-gate`;
    const slow = client
      .callTool({ name: 'slow', arguments: { gate } }, { signal: giveUp.signal })
      .catch(() => 'gave up');
    await a.gates.reached(gate);
    giveUp.abort();
    await a.gates.cancelled(gate);
    expect(await slow).toBe('gave up');
    await client.close();
  });

  test('a broken stream of the workspace is resumed, and the answer arrives once', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connect(door);
    const gate = `${door}-resumed`;
    const slow = text(client, 'slow', { gate, hangUp: true });
    await a.gates.reached(gate);
    a.gates.release(gate);
    expect(await slow).toBe('a: done waiting');
    await client.close();
  });

  test('ST-41 large answers arrive whole', async () => {
    await world.bridge.control.accounts.use({ account: 'a' });
    const client = await world.connect(door);
    for (const sizeBytes of [65_535, 65_536, 65_537, 1_000_000, 9_000_000]) {
      expect((await text(client, 'big', { sizeBytes })).length).toBe(sizeBytes);
    }
    await client.close();
  });
});
