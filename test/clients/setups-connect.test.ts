import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aSetup, CLAUDE, CURSOR, type Setup } from './a-setup.ts';

const BEFORE = '{\n  // mine\n  "mcpServers": {\n    "files": { "command": "files" }\n  }\n}\n';

async function bearerIn({ read }: Setup, file: string): Promise<string> {
  const found = /gw_[A-Za-z0-9_-]{43}/.exec(await read(file));
  return found?.[0] ?? 'none';
}

describe('an entry', () => {
  test('by HTTP has the address and a key of its own, which only this client holds', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const preview = await setup.preview('cursor');
    expect(preview).toMatchObject({ kind: 'connect', door: 'http', entry: 'gangway', exists: true, line: 5 });
    expect(preview.added).toContain('http://127.0.0.1:4100/mcp');
    expect(preview.added).toContain('Bearer ••••••••');
    expect(preview.others).toEqual(['files']);
    expect(setup.tokens.list()).toEqual([]);
    const { client, said } = await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect(client.connections).toMatchObject([{ state: 'waiting', door: 'http', address: 'current' }]);
    expect(said).toEqual([client.effect]);
    const [token] = setup.tokens.list();
    expect(token).toMatchObject({ label: 'Cursor', address: 'current' });
    expect(setup.tokens.recognise(await bearerIn(setup, CURSOR))?.id).toBe(token?.id);
    expect(await setup.read(CURSOR)).toContain('// mine');
  });

  test('by stdio starts the command, holds no key, and makes none', async () => {
    const setup = await aSetup();
    await setup.put(CLAUDE, '{}');
    await setup.connect('claude-desktop', 'acme');
    expect(JSON.parse(await setup.read(CLAUDE))).toEqual({
      mcpServers: {
        'gangway-acme': { command: setup.world.command, args: ['acme', '--client', 'claude-desktop'] },
      },
    });
    expect(setup.tokens.list()).toEqual([]);
    expect(setup.connection('claude-desktop', 'acme')).toMatchObject({
      state: 'waiting',
      action: 'restart-client',
      text: expect.stringMatching(/^Written at 14:02\. Quit Claude Desktop fully/),
    });
  });

  test('each address of a client has its own name and its own URL', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    await setup.connect('cursor');
    await setup.connect('cursor', 'acme');
    const text = await setup.read(CURSOR);
    expect(text).toContain('"gangway"');
    expect(text).toContain('"gangway-acme"');
    expect(text.match(/"http:[^"]*"/g)).toEqual([
      '"http://127.0.0.1:4100/mcp"',
      '"http://127.0.0.1:4100/mcp/acme"',
    ]);
    expect(setup.tokens.list().map(({ address }) => address)).toEqual(['current', 'acme']);
  });

  test('that was written before is replaced, and its key is not valid any more', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    await setup.connect('cursor');
    const former = await bearerIn(setup, CURSOR);
    const preview = await setup.preview('cursor');
    expect(preview.said).toContain('It takes the place of the entry that Gangway wrote before.');
    expect(preview.removed).not.toContain(former);
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    const now = await bearerIn(setup, CURSOR);
    expect([setup.tokens.recognise(former), setup.tokens.recognise(now)?.address]).toEqual([
      undefined,
      'current',
    ]);
    expect((await setup.read(CURSOR)).match(/"gangway/g)).toHaveLength(1);
  });

  test('of a lost record is taken over, so that no address stands there twice', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    await setup.connect('cursor');
    await writeFile(join(setup.data, 'connections.json'), '{ "version": 0, "files": [], "connections": [] }');
    await using again = await setup.again();
    const preview = await again.preview({ client: 'cursor', address: 'current' });
    expect(preview).toMatchObject({ entry: 'gangway' });
    expect(preview.said).toContain('It takes the place of an entry of an earlier Gangway.');
  });

  test('CF-05 another entry of the same name stays, and ours gets the next one', async () => {
    const setup = await aSetup();
    const foreign = '{ "mcpServers": { "gangway": { "command": "boat" } } }';
    await setup.put(CURSOR, foreign);
    const preview = await setup.preview('cursor');
    expect(preview.entry).toBe('gangway-2');
    expect(preview.said).toContain('The name gangway belongs to another entry, which stays as it is.');
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect(JSON.parse(await setup.read(CURSOR)).mcpServers.gangway).toEqual({ command: 'boat' });
    await setup.disconnect('cursor');
    expect(await setup.read(CURSOR)).toBe(foreign);
  });

  test('CF-05 a list of servers that is none is refused and left alone', async () => {
    const setup = await aSetup();
    for (const value of ['[]', '"none"', '3']) {
      const text = `{ "mcpServers": ${value} }`;
      await setup.put(CURSOR, text);
      const because = await laterRefusal(() => setup.preview('cursor'), 'conflict');
      expect(because).toMatch(/mcpServers.*Nothing was changed\.$/);
      expect(await setup.read(CURSOR)).toBe(text);
    }
  });

  test('CF-01 a file that is not there is made, but never its folder', async () => {
    const setup = await aSetup();
    expect(await laterRefusal(() => setup.preview('cursor'), 'conflict')).toMatch(/no folder/);
    expect(existsSync(setup.path('.cursor'))).toBe(false);
    await mkdir(setup.path('.cursor'));
    const preview = await setup.preview('cursor');
    expect(preview).toMatchObject({ exists: false, removed: '', line: 1 });
    expect(preview.said).toContain('The file is made, because there is none yet.');
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    expect(Object.keys(JSON.parse(await setup.read(CURSOR)).mcpServers)).toEqual(['gangway']);
    await setup.disconnect('cursor');
    expect(existsSync(setup.path(CURSOR))).toBe(false);
  });
});

describe('the door', () => {
  test('is the other one when the better one is closed and nobody asked for it, which is said', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    setup.world.port = undefined;
    const byCommand = await setup.preview('cursor');
    expect(byCommand.door).toBe('stdio');
    expect(byCommand.said).toContain('The HTTP door is closed, so the entry starts a command.');
    expect(await laterRefusal(() => setup.preview('cursor', 'current', 'http'), 'port-taken')).toMatch(
      /closed/,
    );
    setup.world.command = undefined;
    await laterRefusal(() => setup.preview('cursor'), 'conflict');
  });

  test('is refused when the client does not have it', async () => {
    const setup = await aSetup();
    await setup.put(CLAUDE, '{}');
    const because = await laterRefusal(() => setup.preview('claude-desktop', 'current', 'http'), 'conflict');
    expect(because).toBe('Claude Desktop cannot be connected by an address.');
  });
});

describe('refused with a sentence', () => {
  test('an address that nothing has, a client by hand, a file that is none of the client', async () => {
    const setup = await aSetup();
    const path = await setup.put(CURSOR, '{}');
    await laterRefusal(() => setup.preview('cursor', 'nobody'), 'account-unknown');
    expect(await laterRefusal(() => setup.preview('raycast'), 'conflict')).toMatch(/made by hand/);
    const elsewhere = { client: 'cursor', address: 'current', path: `${path}.other` } as const;
    await laterRefusal(() => setup.setups.preview(elsewhere), 'invalid-input');
    await laterRefusal(() => setup.disconnect('cursor'), 'conflict');
  });

  test('CF-04 a file with an error, with its place', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{\n  "mcpServers": {,}\n}');
    const because = await laterRefusal(() => setup.preview('cursor'), 'conflict');
    expect(because).toMatch(/mcp\.json has an error in line 2, column 18\. Nothing was changed\.$/);
  });
});

describe('a change that was shown', () => {
  test('CF-11 is not made once the file is another one, and no key was made for it', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const { token } = await setup.preview('cursor');
    const edited = BEFORE.replace('mine', 'still mine');
    await setup.put(CURSOR, edited);
    const because = await laterRefusal(
      () => setup.setups.write(token, AbortSignal.timeout(5000)),
      'conflict',
    );
    expect(because).toMatch(/was changed by another program/);
    expect([await setup.read(CURSOR), setup.tokens.list()]).toEqual([edited, []]);
  });

  test('is made once, and only for ten minutes', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const { token } = await setup.preview('cursor');
    const late = await setup.preview('cursor', 'acme');
    await setup.setups.write(token, AbortSignal.timeout(5000));
    const write = (given: string) => () => setup.setups.write(given, AbortSignal.timeout(5000));
    expect(await laterRefusal(write(token), 'conflict')).toMatch(
      /was made already\. Look at the change again\.$/,
    );
    expect(await laterRefusal(write('made-up'), 'conflict')).toMatch(/Look at the change again\.$/);
    setup.world.now = new Date(setup.world.now.getTime() + limits.clientPlanMs);
    expect(await laterRefusal(write(late.token), 'conflict')).toMatch(/too long ago/);
  });

  test('is forgotten when too many others were shown since', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const { token } = await setup.preview('cursor');
    for (let shown = 0; shown < limits.clientPlans; shown += 1) await setup.preview('cursor');
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'conflict');
  });

  test('is not made when the way is another one by now', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const { token } = await setup.preview('cursor');
    setup.world.port = 4200;
    const because = await laterRefusal(
      () => setup.setups.write(token, AbortSignal.timeout(5000)),
      'conflict',
    );
    expect(because).toMatch(/another one by now/);
  });

  test('two at once are made one after the other, and the second sees that the file changed', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const [one, other] = [await setup.preview('cursor'), await setup.preview('cursor', 'acme')];
    const done = await Promise.allSettled(
      [one, other].map(({ token }) => setup.setups.write(token, AbortSignal.timeout(5000))),
    );
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(setup.tokens.list()).toHaveLength(1);
  });
});

describe('when something fails on the way', () => {
  test('before the file was written, the key that was made is taken back', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    await writeFile(join(setup.data, 'backups'), 'not a folder');
    const { token } = await setup.preview('cursor');
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'storage');
    expect([await setup.read(CURSOR), setup.tokens.list()]).toEqual([BEFORE, []]);
  });

  test('the record cannot be saved: the file is put back, and the key is taken back', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, BEFORE);
    const { token } = await setup.preview('cursor');
    await mkdir(join(setup.data, 'connections.json'));
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'storage');
    expect([await setup.read(CURSOR), setup.tokens.list()]).toEqual([BEFORE, []]);
    expect(setup.setups.list().flatMap(({ connections }) => connections)).toEqual([]);
  });

  test('the record of a file that was made cannot be saved: the file goes again', async () => {
    const setup = await aSetup();
    await mkdir(setup.path('.cursor'));
    const { token } = await setup.preview('cursor');
    await mkdir(join(setup.data, 'connections.json'));
    await laterRefusal(() => setup.setups.write(token, AbortSignal.timeout(5000)), 'storage');
    expect(existsSync(setup.path(CURSOR))).toBe(false);
  });
});

test('CF-14 what stands in other entries is neither shown nor logged, and no copy is shown', async () => {
  const setup = await aSetup();
  const secret = canary('generic');
  await setup.put(CURSOR, `{ "mcpServers": { "other": { "command": "x", "env": { "KEY": "${secret}" } } } }`);
  const { client } = await setup.connect('cursor');
  expect(client.backups).toEqual([
    { id: expect.any(String), path: setup.path(CURSOR), at: expect.any(String), bytes: expect.any(Number) },
  ]);
  // Our entry was given a secret of somebody else's, which goes with it.
  const edited = (await setup.read(CURSOR)).replace(
    '"Authorization"',
    `"X-Extra": "${secret}", "Authorization"`,
  );
  await setup.put(CURSOR, edited);
  const preview = await setup.setups.previewRemoval({ client: 'cursor' });
  expect(preview.removed).toContain('X-Extra');
  expect(preview.removed.includes(secret)).toBe(false);
  const again = await setup.preview('cursor');
  expect(again.said).toContain('It takes the place of the entry that somebody changed.');
  expect(again.removed.includes(secret)).toBe(false);
});

test('the record holds no key, and is known after a restart', async () => {
  const setup = await aSetup();
  await setup.put(CURSOR, BEFORE);
  await setup.connect('cursor');
  const bearer = await bearerIn(setup, CURSOR);
  const record = await readFile(join(setup.data, 'connections.json'), 'utf8');
  expect(record.includes(bearer)).toBe(false);
  await using again = await setup.again();
  expect(again.list().find(({ id }) => id === 'cursor')?.connections).toMatchObject([{ state: 'waiting' }]);
});

test('every client is listed, by existence alone', async () => {
  const setup = await aSetup();
  await mkdir(setup.path('.cursor'));
  const views = await setup.setups.look();
  expect(views.filter(({ found }) => found).map(({ id }) => id)).toEqual(['cursor']);
  expect(views.find(({ id }) => id === 'cursor')?.places).toEqual([
    { path: setup.path(CURSOR), exists: false },
  ]);
  expect(views.find(({ id }) => id === 'raycast')).toMatchObject({ way: 'by-hand', places: [], backups: [] });
  // Nothing of a client without an entry of ours is opened: a file that could not be read does no harm.
  await setup.put(CURSOR, Buffer.from([0xff, 0xfe, 0x00]));
  expect((await setup.setups.look()).find(({ id }) => id === 'cursor')).toMatchObject({ found: true });
  await rm(setup.path('.cursor'), { recursive: true });
  expect((await setup.setups.look()).some(({ found }) => found)).toBe(false);
});

test('CF-13 of two places both are shown, the one the running client uses first', async () => {
  const packaged = 'C:\\Users\\ada\\AppData\\Local\\Packages\\Claude_x\\LocalCache\\Roaming\\Claude';
  const usual = 'C:\\Users\\ada\\AppData\\Roaming\\Claude';
  const files = [packaged, usual].map((folder) => `${folder}\\claude_desktop_config.json`);
  const setup = await aSetup({
    system: {
      platform: 'win32',
      home: 'C:\\Users\\ada',
      environment: {},
      exists: (path) => files.some((file) => file.startsWith(path)),
      names: (folder) => (folder.endsWith('Packages') ? ['Claude_x'] : []),
    },
  });
  const claude = setup.setups.list().find(({ id }) => id === 'claude-desktop');
  expect(claude?.places).toEqual(files.map((path) => ({ path, exists: true })));
});
