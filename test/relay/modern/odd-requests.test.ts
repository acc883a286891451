import { expect, test } from 'vitest';
import { startModern } from '../../workspaces/modern.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient, textOf } from './client.ts';

test('JR-50 a request with a clientInfo of 1 MB is carried, and the log keeps a short name', async () => {
  await using workspace = await startModern({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const client = new ModernClient(room);
  const huge = { name: 'n'.repeat(1 << 20), version: '9', title: '\u001b[31m\u202e' };
  const meta = { 'io.modelcontextprotocol/clientInfo': { ...huge, title: undefined } };
  const given = { name: 'echo', arguments: { text: 'x' } };
  expect(textOf(await client.ask('tools/call', given, { meta }))).toBe('w: x');
  const clientInfo = { 'io.modelcontextprotocol/clientInfo': huge };
  expect(textOf(await client.ask('tools/call', given, { meta: clientInfo }))).toBe('w: x');
  expect(room.activity.map((row) => row.client)).toEqual(['n'.repeat(100), '[31m 9']);
  expect(room.sessions.list()).toMatchObject([{ program: '[31m 9' }]);
});

test.each(['a\0b', 'a\r\nx-evil: 1'])(
  'JR-31 the name %j goes up as it is, and encoded in its header',
  async (name) => {
    await using workspace = await startModern({ name: 'w' });
    await using room = new Room([accountFor(workspace.url, 'account')]);
    const client = new ModernClient(room, { door: 'stdio' });
    await client.ask('tools/call', { name });
    const seen = workspace.requests.calls().at(-1);
    expect(seen?.rpc?.params.name).toBe(name);
    expect(seen?.headers['mcp-name']).toBe(`=?base64?${Buffer.from(name).toString('base64')}?=`);
    expect(seen?.headers['x-evil']).toBeUndefined();
  },
);
