import { describe, expect, test, vi } from 'vitest';
import { canary } from '../canary/canary.ts';
import { bearer, connect } from './connect.ts';
import { startModern } from './modern.ts';
import { misprint } from './modern-tools.ts';
import { talkative } from './talkative.ts';

const VERSION = '2026-07-28';

test('a workspace of both eras serves each client in the newest era that both speak', async () => {
  const token = canary('bearer');
  await using both = await startModern({ name: 'north', speaks: 'both', tokens: { ada: token } });
  await using newer = await connect(both.url, { headers: bearer(token), mode: 'auto' });
  await using older = await connect(both.url, { headers: bearer(token) });
  expect(newer.client.getNegotiatedProtocolVersion()).toBe(VERSION);
  expect(older.client.getNegotiatedProtocolVersion()).toBe('2025-11-25');
  expect(JSON.parse(await newer.say('whoami'))).toMatchObject({ token: 'ada', era: 'modern', session: null });
  expect(JSON.parse(await older.say('whoami'))).toMatchObject({
    token: 'ada',
    era: 'legacy',
    session: older.transport.sessionId,
  });
  expect(both.openSessions).toBe(1);
});

test('a workspace of the newer era only refuses the handshake, and strangers', async () => {
  const token = canary('bearer');
  await using only = await startModern({ tokens: { ada: token } });
  await expect(connect(only.url, { headers: bearer(token) })).rejects.toThrow(
    /2026-07-28|-32022|protocol version/i,
  );
  await expect(connect(only.url, { headers: bearer(canary('bearer')), mode: 'auto' })).rejects.toThrow();
  await using ada = await connect(only.url, { headers: bearer(token), mode: { pin: VERSION } });
  expect(await ada.say('echo', { text: 'hi' })).toBe('modern: hi');
  expect(only.requests.calls('echo')).toMatchObject([
    {
      principal: 'ada',
      headers: { 'mcp-method': 'tools/call', 'mcp-name': 'echo', 'mcp-protocol-version': VERSION },
    },
  ]);
  const got = await fetch(only.url, { headers: bearer(token) });
  expect(got.status).toBe(405);
});

describe.each(['legacy', 'auto'] as const)('a client in mode %s', (mode) => {
  test('is asked for answers, texts and roots, in one round or several', async () => {
    await using both = await startModern({ name: 'north', speaks: 'both' });
    await using ada = await connect(both.url, {
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      prepare: talkative,
      mode,
    });
    expect(await ada.say('ask', { question: 'Sure?' })).toBe('north: re: Sure?');
    expect(await ada.say('ask', { question: 'Sure?', stateless: true })).toBe('north: re: Sure?');
    expect(await ada.say('interview', { questions: ['a', 'b', 'c'] })).toBe('north: re: a, re: b, re: c');
    expect(await ada.say('sample', { text: 'Go on' })).toBe('north: made up');
    expect(JSON.parse(await ada.say('roots'))).toEqual({ workspace: 'north', roots: ['file:///home/ada'] });
    expect(JSON.parse(await ada.say('survey', { question: 'Well?', text: 'Go on' }))).toEqual({
      workspace: 'north',
      answer: 're: Well?',
      made: 'made up',
      roots: ['file:///home/ada'],
    });
    expect(await ada.say('later', { rounds: 2 })).toBe('north: ready after 2');
    const { messages } = await ada.client.getPrompt({ name: 'greet' });
    expect(messages[0]?.content).toMatchObject({ text: 'north: say hello to re: Who is to be greeted?' });
    const { contents } = await ada.client.readResource({ uri: 'note://north/locked' });
    expect(contents[0]).toMatchObject({ text: 'north: opened with re: What is the key?' });
  });

  test('hears progress and the log, and sees failures as they are', async () => {
    await using both = await startModern({ speaks: 'both' });
    const heard: unknown[] = [];
    await using ada = await connect(both.url, {
      mode,
      prepare: (client) =>
        client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params.data)),
    });
    const steps: number[] = [];
    await ada.client.callTool(
      { name: 'progress', arguments: { steps: 3 } },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(steps).toEqual([1, 2, 3]);
    await ada.client.callTool({
      name: 'log',
      arguments: { text: 'noted' },
      _meta: { 'io.modelcontextprotocol/logLevel': 'info' },
    });
    expect(heard).toEqual([{ workspace: 'modern', text: 'noted' }]);
    expect(await ada.client.callTool({ name: 'fail' })).toMatchObject({ isError: true });
    await expect(ada.client.callTool({ name: 'fail', arguments: { how: 'error' } })).rejects.toMatchObject({
      code: -32050,
      data: { reason: 'asked-to' },
    });
  });

  test('can cancel a call, which the tool sees', async () => {
    await using both = await startModern({ speaks: 'both' });
    await using ada = await connect(both.url, { mode });
    const stop = new AbortController();
    const given = ada.client.callTool({ name: 'slow', arguments: { gate: 'a' } }, { signal: stop.signal });
    await both.gates.reached('a');
    stop.abort(new Error('enough'));
    await expect(given).rejects.toThrow();
    await both.gates.cancelled('a');
  });
});

test('a question answered by another principal, or with another state, is refused', async () => {
  const [ada, bob] = [canary('bearer'), canary('bearer')];
  await using only = await startModern({ tokens: { ada, bob } });
  const post = async (
    token: string,
    more: object,
  ): Promise<{ result?: { requestState?: string }; error?: { code: number } }> => {
    const answer = await fetch(only.url, {
      method: 'POST',
      headers: {
        ...bearer(token),
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': VERSION,
        'mcp-method': 'tools/call',
        'mcp-name': 'ask',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'ask',
          arguments: { question: 'Sure?' },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': VERSION,
            'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
          },
          ...more,
        },
      }),
    });
    return answer.json() as ReturnType<typeof post>;
  };
  const state = (await post(ada, {})).result?.requestState;
  expect(state).toBeTypeOf('string');
  const inputResponses = { answer: { action: 'accept', content: { answer: 'yes' } } };
  expect(await post(bob, { inputResponses, requestState: state })).toMatchObject({ error: { code: -32602 } });
  expect(await post(ada, { inputResponses, requestState: `${state}x` })).toMatchObject({
    error: { code: -32602 },
  });
  expect(await post(ada, { inputResponses, requestState: state })).toMatchObject({
    result: { content: [{ text: 'modern: yes' }] },
  });
});

test('those who listen hear of changed lists and of the notes they follow', async () => {
  await using both = await startModern({ name: 'north', speaks: 'both' });
  const [tools, prompts] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const updated: string[] = [];
  await using ada = await connect(both.url, {
    mode: 'auto',
    prepare: (client) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => tools.resolve());
      client.setNotificationHandler('notifications/prompts/list_changed', () => prompts.resolve());
      client.setNotificationHandler(
        'notifications/resources/updated',
        ({ params }) => void updated.push(params.uri),
      );
    },
  });
  const listen = await ada.client.listen({
    toolsListChanged: true,
    promptsListChanged: true,
    resourceSubscriptions: ['note://north/first'],
  });
  await both.listens.atLeast(1);
  const tool = await both.changeTools();
  await tools.promise;
  expect((await ada.tools()).map(({ name }) => name)).toContain(tool);
  await both.touch('note://north/second');
  await both.touch('note://north/first');
  await both.announce('prompts');
  await prompts.promise;
  await vi.waitFor(() => expect(updated).toEqual(['note://north/first']));
  await listen.close();
  await both.listens.atMost(0);
  expect(both.listens.opened).toBe(1);
});

test('arguments that are headers too arrive as both, and a tool with an impossible header is left out', async () => {
  await using only = await startModern({ name: 'north', tools: [misprint] });
  await using ada = await connect(only.url, { mode: 'auto' });
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  const names = (await ada.tools()).map(({ name }) => name);
  expect(names).toContain('dispatch');
  expect(names).not.toContain('misprint');
  expect(warned).toHaveBeenCalledWith(expect.stringContaining("excluding tool 'misprint'"));
  warned.mockRestore();
  const given = { region: 'Süd', crew: 3, urgent: true, place: { city: 'Graz', street: 'Ring 1' } };
  expect(JSON.parse(await ada.say('dispatch', given))).toEqual({
    workspace: 'north',
    given,
    headers: {
      'mcp-param-region': `=?base64?${Buffer.from('Süd').toString('base64')}?=`,
      'mcp-param-crew': '3',
      'mcp-param-urgent': 'true',
      'mcp-param-city': 'Graz',
    },
  });
});

test('its lists may be cached by anybody for a minute, and a client without a listen does', async () => {
  await using only = await startModern({ pageSize: 5 });
  await using ada = await connect(only.url, { mode: 'auto' });
  expect(ada.client.getDiscoverResult()).toMatchObject({ ttlMs: 60_000, cacheScope: 'public' });
  const before = await ada.tools();
  await only.changeTools();
  expect(await ada.tools()).toHaveLength(before.length);
  expect(only.requests.withMethod('tools/list')).toHaveLength(Math.ceil(before.length / 5));
});
