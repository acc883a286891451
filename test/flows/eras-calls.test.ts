import { expect, test, vi } from 'vitest';
import { inEveryPair, NAME } from './era-pairs.ts';
import { failure, text } from './world.ts';

inEveryPair(({ connect, door, isModern, speaks }) => {
  test('lists, calls, notes, prompts and completions pass', async () => {
    const client = await connect();
    expect(client.getNegotiatedProtocolVersion()).toBe(isModern ? '2026-07-28' : '2025-11-25');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('dispatch');
    expect(await text(client, 'echo', { text: 'hi' })).toBe(`${NAME}: hi`);
    expect(JSON.parse(await text(client, 'whoami'))).toMatchObject({ era: speaks, workspace: NAME });
    expect((await client.listResources()).resources).toHaveLength(3);
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
    const { contents } = await client.readResource({ uri: `note://${NAME}/second` });
    expect(contents[0]).toMatchObject({ text: `${NAME}: second note, revision 1` });
    expect((await client.listPrompts()).prompts).toHaveLength(1);
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { person: 'Ada' } });
    expect(messages[0]?.content).toMatchObject({ text: `${NAME}: say hello to Ada` });
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'person', value: 'G' },
    });
    expect(completion.values).toEqual(['Grace']);
    await client.close();
  });

  test('progress and the log arrive before the answer', async () => {
    const heard: unknown[] = [];
    const client = await connect((fresh) =>
      fresh.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params.data)),
    );
    const steps: number[] = [];
    const all = Promise.withResolvers<void>();
    const gate = `${door}-steps`;
    // The SDK drops progress that it reads together with the answer, so the answer waits here.
    const counted = client.callTool(
      { name: 'progress', arguments: { steps: 3, gate } },
      {
        onprogress: ({ progress }) => {
          steps.push(progress);
          if (progress === 3) all.resolve();
        },
      },
    );
    await all.promise;
    await text(client, 'open-gate', { gate });
    await counted;
    expect(steps).toEqual([1, 2, 3]);
    const _meta = isModern ? { 'io.modelcontextprotocol/logLevel': 'info' } : {};
    if (!isModern) await client.setLoggingLevel('info');
    await client.callTool({ name: 'log', arguments: { text: 'noted', level: 'warning' }, _meta });
    await client.callTool({ name: 'log', arguments: { text: 'too much', level: 'debug' }, _meta });
    await vi.waitFor(() => expect(heard).toEqual([{ workspace: NAME, text: 'noted' }]));
    await client.close();
  });

  test('a call that is cancelled ends at the workspace', async () => {
    const client = await connect();
    const gate = `${door}-cancelled`;
    const giveUp = new AbortController();
    const slow = client
      .callTool({ name: 'slow', arguments: { gate } }, { signal: giveUp.signal })
      .catch(() => 'gave up');
    await text(client, 'watch-gate', { gate, until: 'reached' });
    giveUp.abort();
    expect(await slow).toBe('gave up');
    expect(await text(client, 'watch-gate', { gate, until: 'cancelled' })).toBe(`${NAME}: cancelled`);
    await client.close();
  });

  test('several calls run at once, and each gets its own answer', async () => {
    const client = await connect();
    const gate = `${door}-busy`;
    const slow = text(client, 'slow', { gate });
    const others = await Promise.all(['one', 'two'].map((given) => text(client, 'echo', { text: given })));
    expect(others).toEqual([`${NAME}: one`, `${NAME}: two`]);
    await text(client, 'open-gate', { gate });
    expect(await slow).toBe(`${NAME}: done waiting`);
    await client.close();
  });

  test('failures come as the workspace made them', async () => {
    const client = await connect();
    expect(await client.callTool({ name: 'fail' })).toMatchObject({
      isError: true,
      content: [{ text: `${NAME}: it did not work` }],
    });
    expect(await failure(text(client, 'fail', { how: 'error' }))).toMatchObject({
      code: -32050,
      data: { reason: 'asked-to' },
    });
    expect(await failure(text(client, 'no-such-tool'))).toMatchObject({ code: -32602 });
    expect(await failure(client.readResource({ uri: 'note://south/first' }))).toMatchObject({
      code: -32602,
    });
    expect(await client.callTool({ name: 'echo', arguments: { text: 7 } })).toMatchObject({
      isError: true,
    });
    await client.close();
  });

  test('large answers arrive whole', async () => {
    const client = await connect();
    for (const sizeBytes of [65_537, 1_000_000]) {
      expect((await text(client, 'big', { sizeBytes })).length).toBe(sizeBytes);
    }
    await client.close();
  });
});
