import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { bearer } from './connect.ts';
import { startLegacySse } from './legacy-sse.ts';

async function connectOld(url: string, headers: Readonly<Record<string, string>> = {}) {
  const client = new Client(
    { name: 'workspace-test', version: '1.0.0' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { answer: 'yes' } }));
  const changed = Promise.withResolvers<void>();
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve());
  // Both halves of the transport need the header: the stream and the posts.
  await client.connect(new SSEClientTransport(new URL(url), { requestInit: { headers: { ...headers } } }));
  return { client, changed: changed.promise, [Symbol.asyncDispose]: () => client.close() };
}

test('an old client calls tools and answers questions over HTTP+SSE', async () => {
  const token = canary('bearer');
  await using old = await startLegacySse({ name: 'attic', tokens: { ada: token } });
  await using ada = await connectOld(old.url, bearer(token));
  expect(await ada.client.callTool({ name: 'echo', arguments: { text: 'hello' } })).toMatchObject({
    content: [{ text: 'attic: hello' }],
  });
  expect(await ada.client.callTool({ name: 'ask', arguments: { question: 'Sure?' } })).toMatchObject({
    content: [{ text: 'attic: yes' }],
  });
  expect(old.requests.calls('echo')).toMatchObject([{ principal: 'ada', path: '/messages' }]);
  expect(old.openSessions).toBe(1);
});

test('an unknown token is refused', async () => {
  await using old = await startLegacySse({ tokens: { ada: canary('bearer') } });
  await expect(connectOld(old.url, bearer(canary('bearer')))).rejects.toThrow();
});

test('a modern POST to the stream address is a 405, which tells old servers apart', async () => {
  await using old = await startLegacySse();
  const answer = await fetch(old.url, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(405);
});

test('messages for a session of somebody else or of nobody are a 404', async () => {
  const [ada, bob] = [canary('bearer'), canary('bearer')];
  await using old = await startLegacySse({ tokens: { ada, bob } });
  await using open = await connectOld(old.url, bearer(ada));
  await open.client.ping();
  const posted = await old.requests.until(({ method }) => method === 'POST');
  for (const sessionId of [posted.query.get('sessionId') ?? '', 'nobody']) {
    const address = `${old.origin}/messages?sessionId=${sessionId}`;
    const answer = await fetch(address, { method: 'POST', headers: bearer(bob), body: '{}' });
    expect(answer.status).toBe(404);
  }
});

test('a changed tool list is announced on the stream', async () => {
  await using old = await startLegacySse();
  await using ada = await connectOld(old.url);
  const tool = await old.changeTools();
  await ada.changed;
  const { tools } = await ada.client.listTools();
  expect(tools.map(({ name }) => name)).toContain(tool);
});
