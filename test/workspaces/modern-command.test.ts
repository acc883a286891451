import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';

const COMMAND = fileURLToPath(new URL('modern-command.ts', import.meta.url));

async function connect(speaks: string, mode: 'legacy' | 'auto'): Promise<Client> {
  const client = new Client(
    { name: 'workspace-test', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode } },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { answer: 'yes' } }));
  const args = [COMMAND, '--name=attic', `--speaks=${speaks}`];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  return client;
}

test.each([
  { speaks: 'legacy', mode: 'legacy', version: '2025-11-25' },
  { speaks: 'legacy', mode: 'auto', version: '2025-11-25' },
  { speaks: 'both', mode: 'legacy', version: '2025-11-25' },
  { speaks: 'both', mode: 'auto', version: '2026-07-28' },
  { speaks: 'modern', mode: 'auto', version: '2026-07-28' },
] as const)(
  'a command of $speaks serves a client in mode $mode in $version',
  async ({ speaks, mode, version }) => {
    const client = await connect(speaks, mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect(await client.callTool({ name: 'ask', arguments: { question: 'Sure?' } })).toMatchObject({
      content: [{ text: 'attic: yes' }],
    });
    const changed = new Promise<void>((told) =>
      client.setNotificationHandler('notifications/tools/list_changed', () => told()),
    );
    if (version === '2026-07-28') await client.listen({ toolsListChanged: true });
    const before = await client.listTools();
    await client.callTool({ name: 'change' });
    await changed;
    expect((await client.listTools()).tools).toHaveLength(before.tools.length + 1);
    await client.close();
  },
);

test('a command of the newer era only refuses the handshake', async () => {
  await expect(connect('modern', 'legacy')).rejects.toMatchObject({ code: -32022 });
});

test('a call waits at a gate of the command, and its tool sees that it was cancelled', async () => {
  const client = await connect('modern', 'auto');
  const waiting = client.callTool({ name: 'slow', arguments: { gate: 'a' } });
  await client.callTool({ name: 'open-gate', arguments: { gate: 'a' } });
  expect(await waiting).toMatchObject({ content: [{ text: 'attic: done waiting' }] });
  const stop = new AbortController();
  const given = client.callTool({ name: 'slow', arguments: { gate: 'b' } }, { signal: stop.signal });
  await client.callTool({ name: 'watch-gate', arguments: { gate: 'b', until: 'reached' } });
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow();
  await client.callTool({ name: 'watch-gate', arguments: { gate: 'b', until: 'cancelled' } });
  await client.close();
});
