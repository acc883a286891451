import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { adoptSecret } from '../canary/canary.ts';
import { watchServer } from '../canary/collect.ts';
import { freshPaths, startOwner } from '../control/an-owner.ts';
import { ask } from '../downstream/raw-http.ts';
import { startPlain } from '../workspaces/plain.ts';
import { shimCommand, text } from './world.ts';

test('LH-30 LH-31 a port that was taken closes only the HTTP door, and its tokens are void from then on', async () => {
  await using workspace = await startPlain({ name: 'w' });
  const paths = await freshPaths();
  let token: string;
  let port: number;
  {
    await using first = await startOwner(paths, { http: true });
    const account = { connector: 'custom', label: 'Work', url: workspace.url, signIn: 'none' } as const;
    await first.control.accounts.add(account);
    const minted = await first.control.endpoint.mint({ client: 'app', address: 'current' });
    token = (minted.headers.Authorization ?? '').replace('Bearer ', '');
    adoptSecret('local', token);
    port = Number(new URL(minted.url).port);
    expect((await ask({ port, token })).status).toBe(200);
  }
  for (const host of ['127.0.0.1', '::1']) {
    const squatter = createServer((socket) => socket.destroy());
    watchServer(squatter, 'the other program');
    squatter.listen(port, host);
    await once(squatter, 'listening');
    await using owner = await startOwner(paths, { http: true });
    expect(owner.url).toBeNull();
    await expect(owner.control.endpoint.mint({ client: 'app', address: 'current' })).rejects.toMatchObject({
      code: 'port-taken',
    });
    const client = new Client({ name: 'app', version: '1' });
    await client.connect(new StdioClientTransport(shimCommand(paths, 'current')));
    expect(await text(client, 'echo', { text: 'hi' })).toBe('w: hi');
    await client.close();
    squatter.close();
  }
  await using again = await startOwner(paths, { http: true });
  expect(again.url).toContain(`:${port}/`);
  expect((await ask({ port, token })).status).toBe(401);
});
