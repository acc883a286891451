import { mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Connections } from '#bridge/clients/connections.ts';
import type { ClientSetups } from '#bridge/clients/setups.ts';
import { excuse } from '../invariants/broken.ts';
import { aSetup, CURSOR, type Setup } from './a-setup.ts';

excuse('INV-5', /damaged: .*connections\.json$/, 'The record is lost here on purpose.');

/** Connects Cursor again as an owner does that is killed behind the file: the record is the one from before. */
async function connectAndDie(setup: Setup): Promise<void> {
  const place = join(setup.data, 'connections.json');
  const record = await readFile(place).catch(() => '{ "version": 0, "files": [], "connections": [] }');
  await setup.connect('cursor');
  await writeFile(place, record);
}

describe('CF-12 an owner that was killed between the file and the record', () => {
  test.each([0, 1])(
    'leaves no valid key behind once the app is connected again, with %i entries before',
    async (before) => {
      const setup = await aSetup();
      await setup.put(CURSOR, '{}');
      if (before === 1) await setup.connect('cursor');
      await connectAndDie(setup);
      await using again = await setup.again();
      const { token } = await again.preview({ client: 'cursor', address: 'current' });
      await again.write(token, AbortSignal.timeout(5000));
      const [bearer = ''] = /gw_[\w-]{43}/.exec(await setup.read(CURSOR)) ?? [];
      expect(setup.tokens.list()).toHaveLength(1);
      expect(setup.tokens.recognise(bearer)?.address).toBe('current');
    },
  );

  test('nor once it is disconnected', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await connectAndDie(setup);
    await using again = await setup.again();
    const { token } = await again.previewRemoval({ client: 'cursor' });
    await again.write(token, AbortSignal.timeout(5000));
    expect(await setup.read(CURSOR)).not.toContain('gangway');
    expect(setup.tokens.list()).toEqual([]);
  });

  test('nor once a copy from before comes back', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await connectAndDie(setup);
    await using again = await setup.again();
    const [copy] = again.list().find(({ id }) => id === 'cursor')?.backups ?? [];
    await again.restore({ client: 'cursor', backup: copy?.id ?? '' });
    expect([await setup.read(CURSOR), setup.tokens.list()]).toEqual(['{}', []]);
  });

  test.each([
    [
      'it is disconnected',
      async (setups: ClientSetups) => {
        const { token } = await setups.previewRemoval({ client: 'cursor' });
        return setups.write(token, AbortSignal.timeout(5000));
      },
    ],
    [
      'a copy from before comes back',
      async (setups: ClientSetups) => {
        const copies = setups.list().find(({ id }) => id === 'cursor')?.backups ?? [];
        return setups.restore({ client: 'cursor', backup: copies.at(-1)?.id ?? '' });
      },
    ],
  ])('or says that one stays when %s and the list of clients cannot be saved', async (_, takeOut) => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await connectAndDie(setup);
    await using again = await setup.again();
    const list = join(setup.data, 'clients.json');
    await rename(list, `${list}.aside`);
    // No file can take the place of a folder.
    await mkdir(list);
    const { said } = await takeOut(again);
    await rmdir(list);
    await rename(`${list}.aside`, list);
    expect(said.join(' ')).toContain('could not be made invalid');
    expect(setup.tokens.list()).toHaveLength(1);
  });

  test('leaves an entry that is replaced also by one of the other door', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await connectAndDie(setup);
    await using again = await setup.again();
    const { token } = await again.preview({ client: 'cursor', address: 'current', door: 'stdio' });
    await again.write(token, AbortSignal.timeout(5000));
    const { command } = setup.world;
    expect(JSON.parse(await setup.read(CURSOR)).mcpServers).toEqual({
      gangway: { command, args: ['--client', 'cursor'] },
    });
    expect(setup.tokens.list()).toEqual([]);
  });
});

describe('the key in an entry that is taken over stays valid', () => {
  test('when another app has it, whose entry somebody copied', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put('.kiro/settings/mcp.json', await setup.read(CURSOR));
    await setup.connect('kiro');
    expect(setup.connection('cursor').state).toBe('waiting');
    expect(setup.tokens.list().map(({ label }) => label)).toEqual(['Cursor', 'Kiro']);
  });

  test('when another entry of the same app has it, in another file', async () => {
    const setup = await aSetup();
    const [plain, other] = ['.config/opencode/opencode.json', '.config/opencode/opencode.jsonc'];
    await setup.put(other, '{}');
    await setup.connect('opencode', 'acme');
    const [bearer = ''] = /gw_[\w-]{43}/.exec(await setup.read(other)) ?? [];
    const entry = { url: 'http://127.0.0.1:4100/mcp', headers: { Authorization: `Bearer ${bearer}` } };
    const path = await setup.put(plain, JSON.stringify({ mcp: { copied: entry } }));
    const wanted = { client: 'opencode', address: 'current', path } as const;
    const { token } = await setup.setups.preview(wanted);
    await setup.setups.write(token, AbortSignal.timeout(5000));
    expect((await setup.read(plain)).includes(bearer)).toBe(false);
    expect(setup.tokens.recognise(bearer)?.address).toBe('acme');
  });

  test('when it was made for something else', async () => {
    const setup = await aSetup();
    const { token } = await setup.tokens.mint('My scripts', 'current');
    const entry = { url: 'http://127.0.0.1:4100/mcp', headers: { Authorization: `Bearer ${token}` } };
    await setup.put(CURSOR, JSON.stringify({ mcpServers: { mine: entry } }));
    expect((await setup.preview('cursor')).entry).toBe('mine');
    await setup.connect('cursor');
    expect(setup.tokens.list().map(({ label }) => label)).toEqual(['My scripts', 'Cursor']);
  });
});

test('a record that is closed is not written any more, because another owner may have it', async () => {
  const setup = await aSetup();
  await setup.put(CURSOR, '{}');
  await setup.connect('cursor');
  const place = join(setup.data, 'connections.json');
  const fail = (): never => {
    throw new Error('nothing is logged');
  };
  const connections = await Connections.open(place, { debug: fail, info: fail, warn: fail, error: fail });
  const [connection] = connections.all;
  await connections[Symbol.asyncDispose]();
  await writeFile(place, 'of another owner');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    if (connection) connections.saw(connection, { at: connection.writtenAt, program: null });
    expect([connection?.entry, vi.getTimerCount()]).toEqual(['gangway', 0]);
    vi.advanceTimersByTime(limits.lastUsedSaveMs);
  } finally {
    vi.useRealTimers();
  }
  expect(await readFile(place, 'utf8')).toBe('of another owner');
});
