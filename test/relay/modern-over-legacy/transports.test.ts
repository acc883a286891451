import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { startLegacySse } from '../../workspaces/legacy-sse.ts';
import { listen } from '../../workspaces/listen.ts';
import { startPlain } from '../../workspaces/plain.ts';
import { filled, ModernClient, questionsIn, said, type Told } from './modern-client.ts';

const ASKING = join(import.meta.dirname, 'asking-command.ts');

function answerTo(asked: Told, text: string): object {
  return Object.fromEntries(Object.keys(questionsIn(asked)).map((key) => [key, filled(text)]));
}

test('a workspace that answers in JSON and has no standing stream', async () => {
  await using workspace = await startPlain({ name: 'w', json: true, standingStream: false });
  await using client = new ModernClient(workspace.url);
  expect((await client.ask('server/discover')).answer.result).toHaveProperty('supportedVersions');
  expect(said(await client.call('echo', { text: 'x' }))).toBe('w: x');
});

test('a workspace without sessions, on the first official SDK', async () => {
  await using listening = await listen(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const server = new McpServer({ name: 'stateless', version: '1.0.0' });
    server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
      content: [{ type: 'text', text }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.once('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response);
  });
  await using client = new ModernClient(`${listening.origin}/mcp`);
  const { answer } = await client.ask('tools/list');
  expect(answer.result).toMatchObject({ resultType: 'complete', ttlMs: 0, tools: [{ name: 'echo' }] });
  const both = await Promise.all(['x', 'y'].map((text) => client.call('echo', { text })));
  expect(both.map(said)).toEqual(['x', 'y']);
});

test('a workspace with HTTP+SSE', async () => {
  await using workspace = await startLegacySse();
  await using client = new ModernClient({ kind: 'sse', url: workspace.url });
  expect((await client.ask('tools/list')).answer.result).toMatchObject({ resultType: 'complete' });
});

test('a call whose stream breaks is continued where the workspace can', async () => {
  await using workspace = await startPlain({ name: 'w', resumable: true, retryMs: 10 });
  await using client = new ModernClient(workspace.url);
  const call = client.call('slow', { gate: 'g', hangUp: true });
  await workspace.gates.reached('g');
  workspace.gates.release('g');
  expect(said(await call)).toBe('w: done waiting');
});

describe('a local command', () => {
  const command = { kind: 'command' as const, command: process.execPath, args: [ASKING] };

  test('asks by its only pipe while one call runs', async () => {
    await using client = new ModernClient(command);
    const asked = await client.call('ask', { question: 'How?' });
    const done = await client.answer('ask', { question: 'How?' }, asked, answerTo(asked, 'so'));
    expect(said(done)).toBe('How? so');
    expect(done.answer.result?._meta).toEqual({
      'io.modelcontextprotocol/serverInfo': { name: 'asking', version: '1.0.0' },
    });
  });

  test('asks nobody while two run, and runs one call at a time from then on', async () => {
    await using client = new ModernClient(command);
    const started = Promise.withResolvers<void>();
    const waiting = client.call('wait', {}, { logLevel: 'info', onEvent: () => started.resolve() });
    await started.promise;
    expect(said(await client.call('ask', { question: 'q' }))).toContain('nobody can tell which');
    const asking = client.call('ask', { question: 'q' });
    const ends = Promise.allSettled([waiting, asking]);
    const leaving = new AbortController();
    const released = client.call('release', {}, { signal: leaving.signal });
    leaving.abort(new Error('left'));
    // It had not been sent: it waited for its turn.
    await expect(released).rejects.toThrow('left');
    for (let nth = 0; nth < 3; nth += 1) await client.ask('tools/list');
    await client.channel[Symbol.asyncDispose]();
    expect(await ends).toMatchObject(
      Array.from({ length: 2 }, () => ({ status: 'rejected', reason: { code: 'stopping' } })),
    );
  });
});
