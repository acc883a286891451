import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import type { ClientConnection, ClientId } from '#contract/clients.ts';
import { adoptSecret } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { startWorld } from '../flows/world.ts';
import { startPlain } from '../workspaces/plain.ts';
import { CLAUDE, CURSOR } from './a-setup.ts';

interface Written {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly command: string;
  readonly args: string[];
}

/** A whole bridge with one account, and the files of two clients. */
async function startStage() {
  await using starting = new AsyncDisposableStack();
  const plain = starting.use(await startPlain());
  const world = starting.use(await startWorld());
  await world.add({ connector: 'custom', url: plain.url, label: 'Plain', ownNetwork: true, signIn: 'none' });
  const { clients } = world.bridge.control;
  for (const file of [CURSOR, CLAUDE]) {
    await mkdir(dirname(join(world.person, file)), { recursive: true });
    await writeFile(join(world.person, file), '{}');
  }
  const written = async (client: ClientId, file: string): Promise<Written> => {
    await clients.write({ token: (await clients.preview({ client })).token });
    const { mcpServers } = JSON.parse(await readFile(join(world.person, file), 'utf8'));
    return mcpServers.gangway;
  };
  const connection = async (client: ClientId): Promise<ClientConnection | undefined> =>
    (await clients.list()).find(({ id }) => id === client)?.connections[0];
  const running = starting.move();
  return { world, clients, written, connection, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

test('what was written into a client by HTTP leads to the account, and the first handshake is seen', async () => {
  await using stage = await startStage();
  const { url, headers } = await stage.written('cursor', CURSOR);
  const bearer = (headers.Authorization ?? '').replace('Bearer ', '');
  adoptSecret('local', bearer);
  const because = 'an HTTP client is configured with it';
  allowSecrets({ place: `file ${join(stage.world.person, CURSOR)}`, because, secret: bearer });
  const copies = new RegExp(`^file ${stage.world.paths.backups}/`);
  allowSecrets({
    place: copies,
    because: 'the copy from before the entry went is one of that file',
    secret: bearer,
  });
  expect(await stage.connection('cursor')).toMatchObject({ state: 'waiting', seen: null });
  const client = new Client({ name: 'cursor-like', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  expect(await stage.connection('cursor')).toMatchObject({
    state: 'seen',
    seen: { open: true, tools: tools.length, program: expect.stringContaining('cursor-like') },
  });
  await client.close();
  const { token } = await stage.clients.previewRemoval({ client: 'cursor' });
  await stage.clients.write({ token });
  expect(await readFile(join(stage.world.person, CURSOR), 'utf8')).toBe('{}');
  expect(await stage.world.bridge.control.endpoint.list()).toEqual([]);
});

test('what was written into a client by stdio leads to the account, and the first handshake is seen', async () => {
  await using stage = await startStage();
  const { command, args } = await stage.written('claude-desktop', CLAUDE);
  const client = new Client({ name: 'claude-like', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
  const { tools } = await client.listTools();
  expect(await stage.connection('claude-desktop')).toMatchObject({
    state: 'seen',
    seen: { open: true, tools: tools.length, program: expect.stringContaining('claude-like') },
  });
  await client.close();
  const [done] = await stage.clients.restoreAll();
  expect(done).toMatchObject({ client: 'claude-desktop', restored: true });
  expect(await readFile(join(stage.world.person, CLAUDE), 'utf8')).toBe('{}');
});
