import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { laterRefusal } from '../connectors/refusal.ts';
import { aSetup, CLAUDE, CURSOR } from './a-setup.ts';

const CODEX = '.codex/config.toml';

describe('disconnecting', () => {
  test.each([
    ['a byte order mark', CURSOR, 'cursor', '\ufeff{ "mcpServers": { "a": { "command": "a" } } }\n'],
    ['CRLF', CURSOR, 'cursor', '{\r\n\t"mcpServers": {\r\n\t\t"a": { "command": "a" }\r\n\t}\r\n}'],
    [
      'comments and trailing commas',
      CURSOR,
      'cursor',
      '// top\n{\n  "x": [1, 2,], /* y */\n  "mcpServers": {},\n}\n',
    ],
    ['no list yet, in one line', CLAUDE, 'claude-desktop', '{"theme":"dark"}'],
    ['nothing in it', CLAUDE, 'claude-desktop', ''],
    ['TOML with comments', CODEX, 'codex', '# mine\nmodel = "o9" # yes\n\n[mcp_servers.a]\ncommand = "a"\n'],
  ] as const)('CF-15 puts a file with %s back byte for byte', async (_what, file, client, text) => {
    const setup = await aSetup();
    const before = Buffer.from(text);
    await setup.put(file, before);
    await setup.connect(client);
    expect(before.equals(await setup.bytes(file))).toBe(false);
    const { said } = await setup.disconnect(client);
    expect(before.equals(await setup.bytes(file))).toBe(true);
    expect(said).toHaveLength(1);
    expect(setup.tokens.list()).toEqual([]);
    expect(setup.setups.list().flatMap(({ connections }) => connections)).toEqual([]);
  });

  test('CF-15 after somebody edited the file elsewhere removes exactly the entry', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{\n  // one\n  "mcpServers": {\n    "a": { "command": "a" }\n  }\n}\n');
    await setup.connect('cursor');
    const edited = (await setup.read(CURSOR)).replace('// one', '// two').replace('"a": {', '"b": {');
    await setup.put(CURSOR, edited);
    const preview = await setup.setups.previewRemoval({ client: 'cursor' });
    expect(preview.said).toContain('Removes the entry gangway.');
    expect(preview).toMatchObject({ kind: 'disconnect', added: '', others: ['b'], line: 5 });
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect(await setup.read(CURSOR)).toBe(
      '{\n  // two\n  "mcpServers": {\n    "b": { "command": "a" }\n  }\n}\n',
    );
    expect(setup.tokens.list()).toEqual([]);
  });

  test('an edit of somebody else between two of ours is not undone', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{ "mcpServers": {} }');
    await setup.connect('cursor');
    await setup.put(CURSOR, (await setup.read(CURSOR)).replace('"mcpServers"', '"mine": 1, "mcpServers"'));
    await setup.connect('cursor', 'acme');
    await setup.disconnect('cursor', 'acme');
    await setup.disconnect('cursor');
    expect(JSON.parse(await setup.read(CURSOR))).toEqual({ mine: 1, mcpServers: {} });
  });

  test('of one address leaves the other, and the last one puts the file back', async () => {
    const setup = await aSetup();
    const before = '{ "mcpServers": { "a": { "command": "a" } } }';
    await setup.put(CURSOR, before);
    await setup.connect('cursor');
    await setup.connect('cursor', 'acme');
    await setup.disconnect('cursor', 'current');
    expect(Object.keys(JSON.parse(await setup.read(CURSOR)).mcpServers)).toEqual(['a', 'gangway-acme']);
    expect(setup.tokens.list().map(({ address }) => address)).toEqual(['acme']);
    await setup.disconnect('cursor');
    expect(await setup.read(CURSOR)).toBe(before);
  });

  test('CF-09 is not done when the file was edited since it was shown', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const { token } = await setup.setups.previewRemoval({ client: 'cursor' });
    const edited = `${await setup.read(CURSOR)}\n`;
    await setup.put(CURSOR, edited);
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'conflict');
    expect(await setup.read(CURSOR)).toBe(edited);
    expect(setup.tokens.list()).toHaveLength(1);
  });

  test('removes an entry that somebody changed, and says so', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put(CURSOR, (await setup.read(CURSOR)).replace('"headers"', '"x": 1, "headers_"'));
    expect(setup.setups.list().length).toBeGreaterThan(0);
    const preview = await setup.setups.previewRemoval({ client: 'cursor' });
    expect(preview.said[0]).toBe('Somebody changed the entry gangway; it is removed as it is now.');
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect(JSON.parse(await setup.read(CURSOR)).mcpServers).toEqual({});
  });

  test('leaves an entry alone that leads somewhere else now, and says so', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const foreign = '{ "mcpServers": { "gangway": { "url": "https://elsewhere.example/mcp" } } }';
    await setup.put(CURSOR, foreign);
    const preview = await setup.setups.previewRemoval({ client: 'cursor' });
    expect(preview).toMatchObject({ added: '', removed: '', effect: '' });
    expect(preview.said[0]).toMatch(/leads somewhere else now, so it stays/);
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect([await setup.read(CURSOR), setup.tokens.list()]).toEqual([foreign, []]);
  });

  test('only forgets an entry, or a folder, that is gone', async () => {
    for (const gone of ['.cursor', CURSOR]) {
      const setup = await aSetup();
      await setup.put(CURSOR, '{}');
      await setup.connect('cursor');
      await rm(setup.path(gone), { recursive: true });
      const preview = await setup.setups.previewRemoval({ client: 'cursor' });
      expect(preview.said[0]).toBe('The entry gangway is not there any more. Gangway forgets it.');
      await setup.setups.write(preview.token, AbortSignal.timeout(5000));
      expect([existsSync(setup.path(CURSOR)), setup.tokens.list()]).toEqual([false, []]);
    }
  });

  test('CF-09 does not forget an entry that came back since it was shown as gone', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const written = await setup.read(CURSOR);
    for (const without of ['{}', undefined]) {
      if (without === undefined) await rm(setup.path(CURSOR));
      else await setup.put(CURSOR, without);
      const { token } = await setup.setups.previewRemoval({ client: 'cursor' });
      await setup.put(CURSOR, written);
      await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'conflict');
      expect([setup.connection('cursor').state, setup.tokens.list().length]).toEqual(['waiting', 1]);
    }
  });

  test('cannot be done in a file with an error, which it names', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put(CURSOR, '{ nothing');
    expect(await laterRefusal(() => setup.disconnect('cursor'), 'conflict')).toMatch(
      /Nothing was changed\.$/,
    );
    expect(setup.connection('cursor')).toMatchObject({ entry: 'gangway' });
  });

  test('without the copy from before removes the entry only', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{ "mcpServers": {} }');
    await setup.connect('cursor');
    await rm(`${setup.data}/backups`, { recursive: true });
    const { token, said } = await setup.setups.previewRemoval({ client: 'cursor' });
    expect(said[0]).toBe('Removes the entry gangway.');
    await setup.setups.write(token, AbortSignal.timeout(5000));
    expect(JSON.parse(await setup.read(CURSOR))).toEqual({ mcpServers: {} });
  });
});
