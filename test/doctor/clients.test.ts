import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { adoptSecret } from '../canary/canary.ts';
import { allowSecrets } from '../canary/collect.ts';
import { startServe } from '../cli/processes.ts';
import { addWords, alike, type Diagnosis, type DoctorHome, saidOf } from './a-home.ts';
import { listener, portOf } from './listener.ts';

// Each test starts several processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let homes: Awaited<ReturnType<typeof alike>>;
beforeAll(async () => {
  homes = await alike();
});
afterAll(() => homes?.[Symbol.asyncDispose]());

/** A home whose Cursor asks the HTTP door. */
async function withCursor(): Promise<DoctorHome & { file: string }> {
  const home = await homes.copy();
  const file = join(home.person, '.cursor', 'mcp.json');
  await mkdir(join(home.person, '.cursor'));
  await home.run(['connect', 'cursor']);
  const token = /Bearer ([\w-]+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
  adoptSecret('local', token);
  allowSecrets({ place: `file ${file}`, because: 'it is what the app is configured with', secret: token });
  return { ...home, file };
}

const clientsIn = ({ report }: Diagnosis): string[] =>
  report.checks.filter(({ area }) => area === 'clients').map(({ id, state }) => `${state} ${id}`);

test('an app that asks an address and has not connected yet is no trouble while Gangway runs', async () => {
  const home = await withCursor();
  const idle = await home.doctor();
  expect(idle).toMatchObject({ code: 0, troubles: ['notice not-running null'] });
  expect(saidOf(idle, 'not-running')).toBe(
    'Gangway does not run now, so Cursor does not reach it. Start it and leave it running: gangway serve',
  );
  expect(clientsIn(idle)).toEqual(['ok client']);
  await using _serve = await startServe(home.options);
  const running = await home.doctor();
  expect(running).toMatchObject({ code: 0, troubles: [] });
  expect(clientsIn(running)).toEqual(['ok client']);
});

test('an app that starts a command is no trouble while Gangway does not run', async () => {
  const home = await homes.copy();
  await mkdir(join(home.person, '.codex'));
  await home.run(['connect', 'codex', '--door', 'stdio']);
  const idle = await home.doctor();
  expect(idle).toMatchObject({ code: 0, troubles: [] });
  expect(clientsIn(idle)).toEqual(['ok client']);
});

test('CF-10 an entry that somebody removed', async () => {
  const home = await withCursor();
  await writeFile(home.file, '{ "mcpServers": { "other": { "command": "other" } } }\n');
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad entry-gone cursor'] });
  expect(saidOf(found, 'entry-gone')).toContain('gangway connect cursor');
});

test('an entry that somebody changed', async () => {
  const home = await withCursor();
  const changed = (await readFile(home.file, 'utf8')).replace('/mcp"', '/mcp/other"');
  await writeFile(home.file, changed);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 0, troubles: ['notice entry-changed cursor'] });
  expect(await readFile(home.file, 'utf8')).toBe(changed);
});

test('CF-04 a settings file that cannot be read any more', async () => {
  const home = await withCursor();
  await writeFile(home.file, '{ "mcpServers": {');
  expect(await home.doctor()).toMatchObject({ code: 3, troubles: ['bad client-file-unreadable cursor'] });
});

test('an entry whose local token was revoked', async () => {
  const home = await withCursor();
  const [client] = JSON.parse(await home.run(['endpoint', '--list', '--json'])) as [{ id: string }];
  await home.run(['endpoint', '--revoke', client.id]);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad entry-unusable cursor'] });
  expect(saidOf(found, 'entry-unusable')).not.toContain(client.id);
});

test('an entry whose command is not there any more', async () => {
  const home = await homes.copy();
  const file = join(home.person, '.codex', 'config.toml');
  await mkdir(join(home.person, '.codex'));
  await home.run(['connect', 'codex', '--door', 'stdio']);
  const command = /command = "([^"]+)"/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
  for (const path of [file, home.paths.connections]) {
    // As if that copy of Gangway had been installed elsewhere and was removed.
    const text = (await readFile(path, 'utf8')).replaceAll(command, '/nowhere/gangway');
    await writeFile(path, text);
  }
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad entry-unusable codex'] });
  expect(saidOf(found, 'entry-unusable')).toContain('/nowhere/gangway');
});

test('an entry of an account that was removed', async () => {
  const home = await homes.copy();
  await mkdir(join(home.person, '.codex'));
  await home.run(['connect', 'codex', 'acme', '--door', 'stdio']);
  await home.run(['remove', 'acme', '--yes']);
  const found = await home.doctor();
  expect(found.troubles).toEqual(['notice no-account null', 'bad entry-unusable codex']);
  expect(saidOf(found, 'entry-unusable')).toContain('gangway disconnect codex acme');
});

test('entries for which nobody chose an account, though there is one', async () => {
  const home = await withCursor();
  await home.run(addWords(homes.url, 'Beta'));
  await home.run(['remove', 'acme', '--yes']);
  const found = await home.doctor();
  expect(found).toMatchObject({ code: 3, troubles: ['bad no-account-chosen cursor'] });
  expect(saidOf(found, 'no-account-chosen')).toContain('gangway use beta');
  await home.run(['use', 'beta']);
  expect(await home.doctor()).toMatchObject({ code: 0, troubles: ['notice not-running null'] });
});

test('a port that another program took costs no app its token by a look', async () => {
  const home = await withCursor();
  const port = await portOf(home);
  {
    await using _taken = await listener(port, () => undefined);
    const found = await home.doctor();
    expect(found.troubles).toEqual([`bad port-taken 127.0.0.1:${port}`]);
    expect(clientsIn(found)).toEqual(['skipped client']);
  }
  expect(await home.doctor()).toMatchObject({ code: 0, troubles: ['notice not-running null'] });
});

test('no app is set up, though there is one', async () => {
  const home = await homes.copy();
  await mkdir(join(home.person, '.cursor'));
  const found = await home.doctor();
  expect(clientsIn(found)).toEqual(['notice no-client']);
  expect(saidOf(found, 'no-client')).toContain('gangway connect cursor');
  await rm(join(home.person, '.cursor'), { recursive: true });
});
