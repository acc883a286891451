import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { bearer, connect } from './connect.ts';
import { startPlain } from './plain.ts';

test('a call is answered in the name of the workspace and recorded with its principal', async () => {
  const token = canary('bearer');
  await using plain = await startPlain({ name: 'north', tokens: { ada: token } });
  await using ada = await connect(plain.url, { headers: { ...bearer(token), 'x-team': 'sales' } });
  expect(await ada.say('echo', { text: 'hello' })).toBe('north: hello');
  expect(JSON.parse(await ada.say('whoami'))).toMatchObject({
    workspace: 'north',
    token: 'ada',
    headers: { 'x-team': 'sales' },
  });
  expect(plain.requests.calls('echo')).toMatchObject([{ principal: 'ada', tool: 'echo', method: 'POST' }]);
  expect(plain.requests.withMethod('initialize')).toHaveLength(1);
});

test('an unknown token is refused', async () => {
  await using plain = await startPlain({ tokens: { ada: canary('bearer') } });
  await expect(connect(plain.url, { headers: bearer(canary('bearer')) })).rejects.toThrow();
  expect(plain.requests.all[0]?.principal).toBeUndefined();
});

test('a key can travel in a header of its own', async () => {
  const key = canary('generic');
  await using plain = await startPlain({ tokens: { ada: key }, keyHeader: 'X-Api-Key' });
  await using ada = await connect(plain.url, { headers: { 'x-api-key': key } });
  expect(await ada.say('echo', { text: 'hi' })).toBe('plain: hi');
});

test('a session answers only the principal that opened it', async () => {
  const [ada, bob] = [canary('bearer'), canary('bearer')];
  await using plain = await startPlain({ tokens: { ada, bob } });
  await using first = await connect(plain.url, { headers: bearer(ada) });
  const answer = await fetch(plain.url, {
    method: 'POST',
    headers: {
      ...bearer(bob),
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-session-id': first.transport.sessionId ?? '',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
  expect(answer.status).toBe(404);
});

test('a slow call waits at its gate, and a cancelled one never answers', async () => {
  await using plain = await startPlain();
  await using ada = await connect(plain.url);
  const waiting = ada.say('slow', { gate: 'a' });
  await plain.gates.reached('a');
  plain.gates.release('a');
  expect(await waiting).toBe('plain: done waiting');

  const stop = new AbortController();
  const given = ada.client.callTool({ name: 'slow', arguments: { gate: 'b' } }, { signal: stop.signal });
  await plain.gates.reached('b');
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow();
  await plain.gates.cancelled('b');
});

test.each(['call', 'standing'] as const)('the server asks the client on the %s stream', async (stream) => {
  await using plain = await startPlain({ name: 'north' });
  await using ada = await connect(plain.url, {
    capabilities: { elicitation: {}, sampling: {}, roots: {} },
    prepare: (client) => {
      client.setRequestHandler('elicitation/create', () => ({
        action: 'accept',
        content: { answer: 'yes' },
      }));
      client.setRequestHandler('sampling/createMessage', () => ({
        model: 'test',
        role: 'assistant',
        content: { type: 'text', text: 'made up' },
      }));
      client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home/ada' }] }));
    },
  });
  await plain.streams.atLeast(1);
  expect(await ada.say('ask', { question: 'Sure?', stream })).toBe('north: yes');
  expect(await ada.say('sample', { text: 'Go on', stream })).toBe('north: made up');
  expect(JSON.parse(await ada.say('roots', { stream }))).toEqual({
    workspace: 'north',
    roots: ['file:///home/ada'],
  });
});

test('progress and log messages arrive before the answer', async () => {
  await using plain = await startPlain();
  const heard: unknown[] = [];
  await using ada = await connect(plain.url, {
    prepare: (client) => {
      client.setNotificationHandler('notifications/message', ({ params }) => {
        heard.push(params.data);
      });
    },
  });
  const steps: number[] = [];
  await ada.client.callTool(
    { name: 'progress', arguments: { steps: 3 } },
    { onprogress: ({ progress }) => steps.push(progress) },
  );
  expect(steps).toEqual([1, 2, 3]);
  await ada.say('log', { text: 'noted' });
  expect(heard).toEqual([{ workspace: 'plain', text: 'noted' }]);
});

test('failures come as results and as JSON-RPC errors', async () => {
  await using plain = await startPlain();
  await using ada = await connect(plain.url);
  expect(await ada.client.callTool({ name: 'fail' })).toMatchObject({ isError: true });
  await expect(ada.client.callTool({ name: 'fail', arguments: { how: 'error' } })).rejects.toMatchObject({
    code: -32050,
    data: { reason: 'asked-to' },
  });
  expect(await ada.client.callTool({ name: 'echo', arguments: { text: 7 } })).toMatchObject({
    isError: true,
  });
});

test('a changed note is announced to those who subscribed to it', async () => {
  await using plain = await startPlain({ name: 'north' });
  const updated = Promise.withResolvers<string>();
  await using ada = await connect(plain.url, {
    prepare: (client) => {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        updated.resolve(params.uri);
      });
    },
  });
  await plain.streams.atLeast(1);
  await ada.client.subscribeResource({ uri: 'note://north/first' });
  await plain.touch('note://north/second');
  await plain.touch('note://north/first');
  expect(await updated.promise).toBe('note://north/first');
  const read = await ada.client.readResource({ uri: 'note://north/first' });
  expect(read.contents[0]).toMatchObject({ text: 'north: first note, revision 2' });
  await expect(ada.client.readResource({ uri: 'note://south/first' })).rejects.toThrow();
});

test('a changed tool list is announced and served', async () => {
  await using plain = await startPlain({ pageSize: 4 });
  const changed = Promise.withResolvers<void>();
  await using ada = await connect(plain.url, {
    prepare: (client) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve());
    },
  });
  await plain.streams.atLeast(1);
  const before = await ada.tools();
  const added = await plain.changeTools();
  await changed.promise;
  const after = await ada.tools();
  expect(after.map(({ name }) => name)).toEqual([...before.map(({ name }) => name), added]);
  await expect(ada.client.request({ method: 'tools/list', params: { cursor: 'no' } })).rejects.toMatchObject({
    code: -32602,
  });
});

test('prompts and completions are served', async () => {
  await using plain = await startPlain({ name: 'north' });
  await using ada = await connect(plain.url);
  const { messages } = await ada.client.getPrompt({ name: 'greet', arguments: { person: 'Ada' } });
  expect(messages[0]?.content).toMatchObject({ text: 'north: say hello to Ada' });
  const { completion } = await ada.client.complete({
    ref: { type: 'ref/prompt', name: 'greet' },
    argument: { name: 'person', value: 'G' },
  });
  expect(completion.values).toEqual(['Grace']);
});

test('forgotten sessions get a 404, and an ended one is recorded', async () => {
  await using plain = await startPlain();
  {
    await using ada = await connect(plain.url);
    await plain.forgetSessions();
    await expect(ada.say('echo', { text: 'x' })).rejects.toThrow(/404|Session not found/);
    expect(plain.openSessions).toBe(0);
  }
  {
    await using ada = await connect(plain.url);
    await ada.say('echo', { text: 'x' });
    expect(plain.openSessions).toBe(1);
  }
  const ended = await plain.requests.until(({ method }) => method === 'DELETE');
  expect(ended.session).toBeDefined();
  expect(plain.openSessions).toBe(0);
  expect(plain.openedSessions).toBe(2);
});

test('a stream that was hung up is resumed where it ended', async () => {
  await using plain = await startPlain({ resumable: true, retryMs: 10 });
  await using ada = await connect(plain.url);
  await plain.streams.atLeast(1);
  const waiting = ada.say('slow', { gate: 'a', hangUp: true });
  await plain.requests.until(({ headers }) => headers['last-event-id'] !== undefined);
  await plain.gates.reached('a');
  plain.gates.release('a');
  expect(await waiting).toBe('plain: done waiting');
});

test('a canned answer replaces exactly the requests it is meant for', async () => {
  await using plain = await startPlain({ standingStream: false });
  plain.answerNext({
    status: 429,
    headers: { 'retry-after': '3' },
    body: 'slow down',
    when: ({ rpc }) => rpc?.method === 'tools/call',
  });
  await using ada = await connect(plain.url);
  await expect(ada.say('echo', { text: 'x' })).rejects.toThrow(/429|slow down/);
  expect(await ada.say('echo', { text: 'x' })).toBe('plain: x');
  const called = plain.requests.next(({ tool }) => tool === 'echo');
  plain.answerNext({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: ({ rpc }) =>
      `{"jsonrpc":"2.0","id":${rpc?.id},"result":{"content":[{"type":"text","text":"canned"}]}}`,
  });
  expect(await ada.say('echo', { text: 'y' })).toBe('canned');
  expect((await called).text).toContain('"y"');
});
