import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aSetup, CLAUDE, CURSOR } from './a-setup.ts';

describe('putting a file back', () => {
  test('as it was before Gangway takes every entry of ours and their keys away', async () => {
    const setup = await aSetup();
    const before = Buffer.from('\ufeff{\r\n  "mcpServers": {} // none\r\n}');
    await setup.put(CURSOR, before);
    await setup.connect('cursor');
    await setup.connect('cursor', 'acme');
    const { client, said } = await setup.setups.restore({ client: 'cursor' });
    expect(before.equals(await setup.bytes(CURSOR))).toBe(true);
    expect([client.connections, setup.tokens.list()]).toEqual([[], []]);
    expect(said[0]).toMatch(/is as it was before Gangway, byte for byte\.$/);
    // What was replaced is a copy, too.
    expect(client.backups).toHaveLength(3);
  });

  test('removes a file that was made', async () => {
    const setup = await aSetup();
    await mkdir(setup.path('.cursor'));
    await setup.connect('cursor');
    await setup.setups.restore({ client: 'cursor' });
    expect(existsSync(setup.path(CURSOR))).toBe(false);
  });

  test('is refused when somebody else changed it, also between two changes of ours', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{ "mcpServers": {} }');
    await setup.connect('cursor');
    const edited = (await setup.read(CURSOR)).replace('{', '{ "mine": 1,');
    await setup.put(CURSOR, edited);
    const because = await laterRefusal(() => setup.setups.restore({ client: 'cursor' }), 'conflict');
    expect(because).toMatch(
      /was changed by somebody else since\. Disconnect Cursor to remove the entry only\.$/,
    );
    expect(await setup.read(CURSOR)).toBe(edited);
    await setup.connect('cursor', 'acme');
    await laterRefusal(() => setup.setups.restore({ client: 'cursor' }), 'conflict');
    expect(setup.tokens.list()).toHaveLength(2);
  });

  test('is refused where nothing was written', async () => {
    const setup = await aSetup();
    await laterRefusal(() => setup.setups.restore({ client: 'cursor' }), 'conflict');
    await laterRefusal(() => setup.setups.restore({ client: 'raycast' }), 'conflict');
    await laterRefusal(() => setup.setups.restore({ client: 'cursor', backup: 'x' }), 'invalid-input');
  });

  test('of every client says what could not be put back', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.put(CLAUDE, '{}');
    await setup.connect('cursor');
    await setup.connect('claude-desktop');
    await setup.put(CLAUDE, '{ "mine": 1 }');
    const done = await setup.setups.restoreAll();
    expect(done.map(({ client, restored }) => [client, restored])).toEqual([
      ['cursor', true],
      ['claude-desktop', false],
    ]);
    expect(done[1]?.text).toMatch(/was changed by somebody else/);
    expect([await setup.read(CURSOR), await setup.read(CLAUDE)]).toEqual(['{}', '{ "mine": 1 }']);
  });
});

describe('a copy', () => {
  test('comes back whatever the file holds now, which is kept, too', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{ "mcpServers": {} }');
    await setup.connect('cursor');
    const edited = (await setup.read(CURSOR)).replace('{', '{ "mine": 1,');
    await setup.put(CURSOR, edited);
    const [copy] = setup.setups.list().find(({ id }) => id === 'cursor')?.backups ?? [];
    const { client, said } = await setup.setups.restore({ client: 'cursor', backup: copy?.id ?? '' });
    expect(await setup.read(CURSOR)).toBe('{ "mcpServers": {} }');
    expect([client.connections, setup.tokens.list()]).toEqual([[], []]);
    expect(said).toContain('The entry gangway is not in it; Gangway forgot it.');
    expect(client.backups).toHaveLength(2);
    await setup.setups.restore({ client: 'cursor', backup: client.backups[0]?.id ?? '' });
    expect(await setup.read(CURSOR)).toBe(edited);
  });

  test('with an entry whose key is not valid any more brings back a connection that cannot work', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{ "mcpServers": {} }');
    await setup.connect('cursor');
    await setup.disconnect('cursor');
    const [withEntry] = setup.setups.list().find(({ id }) => id === 'cursor')?.backups ?? [];
    const { client } = await setup.setups.restore({ client: 'cursor', backup: withEntry?.id ?? '' });
    expect(client.connections).toMatchObject([
      { address: 'current', door: 'http', state: 'unusable', action: 'repair' },
    ]);
    await setup.connect('cursor');
    expect(setup.connection('cursor').state).toBe('waiting');
    expect((await setup.read(CURSOR)).match(/"gangway/g)).toHaveLength(1);
  });

  test('with an entry into which somebody put a secret brings none of it into the record', async () => {
    const setup = await aSetup();
    const secret = canary('generic');
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const edited = (await setup.read(CURSOR)).replace('"Author', `"X-Extra": "${secret}", "Author`);
    await setup.put(CURSOR, edited);
    await setup.disconnect('cursor');
    const [withEntry] = setup.setups.list().find(({ id }) => id === 'cursor')?.backups ?? [];
    const { client } = await setup.setups.restore({ client: 'cursor', backup: withEntry?.id ?? '' });
    expect(client.connections).toMatchObject([{ state: 'changed', action: 'review' }]);
    const record = await readFile(join(setup.data, 'connections.json'), 'utf8');
    expect([record.includes('X-Extra'), record.includes(secret)]).toEqual([false, false]);
  });

  test('with an entry that starts a command brings back a connection that works', async () => {
    const setup = await aSetup();
    await setup.put(CLAUDE, '{}');
    await setup.connect('claude-desktop', 'acme');
    await setup.disconnect('claude-desktop');
    const [withEntry] = setup.setups.list().find(({ id }) => id === 'claude-desktop')?.backups ?? [];
    const { client } = await setup.setups.restore({ client: 'claude-desktop', backup: withEntry?.id ?? '' });
    expect(client.connections).toMatchObject([{ address: 'acme', door: 'stdio', state: 'waiting' }]);
  });

  test('from before an entry leaves a connection in another file alone', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const [copy] = setup.setups.list().find(({ id }) => id === 'cursor')?.backups ?? [];
    await rm(setup.path(CURSOR));
    await setup.setups.restore({ client: 'cursor', backup: copy?.id ?? '' });
    expect(await setup.read(CURSOR)).toBe('{}');
    expect(setup.tokens.list()).toEqual([]);
  });
});
