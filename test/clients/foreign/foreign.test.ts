import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FoundForeign, findForeign, shownEntry } from '#bridge/clients/foreign/foreign.ts';
import type { FileClient, System } from '#bridge/clients/known/client.ts';
import { knownClients } from '#bridge/clients/known/table.ts';
import { type ClientId, ForeignEntry } from '#contract/clients.ts';
import type { AccountView } from '#contract/control.ts';
import { canary } from '../../canary/canary.ts';
import { allowSecrets, collect } from '../../canary/collect.ts';
import { temporaryHome } from '../../canary/home.ts';
import { anAccount } from '../../cli/a-control.ts';

const url = 'https://mcp.acme.example/mcp';
const fileClients = knownClients.filter((client): client is FileClient => client.way === 'file');

let home: string;
let system: System;

beforeEach(async () => {
  home = (await temporaryHome()).path;
  system = {
    platform: 'linux',
    home,
    environment: {},
    exists: (path) => existsSync(path),
    names: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  };
});

/** Writes the settings of a client as its user did, perhaps with keys in them. @returns the file. */
async function settings(client: ClientId, content: unknown): Promise<string> {
  const [path = ''] = clientOf(client).places(system);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  allowSecrets({ place: `file ${path}`, because: 'the user of the client keeps them there' });
  return path;
}

function clientOf(id: ClientId): FileClient {
  const client = fileClients.find((one) => one.id === id);
  if (!client) throw new Error(`${id} has no file.`);
  return client;
}

/** What is found, as far as anybody may see it; that is searched for secrets, too. */
async function find(accounts: readonly AccountView[] = [], door?: string): Promise<FoundForeign> {
  const found = await findForeign(fileClients, system, accounts, door);
  const shown = { entries: found.entries.map(shownEntry), unread: found.unread };
  for (const entry of shown.entries) expect(ForeignEntry.parse(entry)).toEqual(entry);
  collect('what user interfaces see', JSON.stringify(shown));
  collect('what a log would say', JSON.stringify(found));
  return found;
}

/** The one entry that is found, with what it sends. */
async function findOne(accounts: readonly AccountView[] = []) {
  const { entries, unread } = await find(accounts);
  expect(unread).toEqual([]);
  const [entry, ...others] = entries;
  if (!entry || others.length > 0) throw new Error(`${entries.length} entries were found.`);
  const sent = entry.sent.map(([name, value]) => [name, value.reveal()]);
  return { entry, shown: shownEntry(entry), sent };
}

describe('an entry that starts mcp-remote', () => {
  const key = canary('bearer');
  const auth = `Authorization: Bearer ${key}`;
  const held = { AUTH: `Bearer ${key}`, KEY: key };
  const forms: [how: string, entry: object][] = [
    ['npx', { command: 'npx', args: ['-y', 'mcp-remote', url, '--header', auth] }],
    ['a version of it', { command: 'npx', args: ['mcp-remote@0.1.38', url, '--header', auth] }],
    ['bunx', { command: 'bunx', args: ['mcp-remote', url, '--header', auth] }],
    ['node', { command: 'node', args: ['/opt/lib/mcp-remote/dist/proxy.js', url, '--header', auth] }],
    [
      'cmd of Windows',
      { command: 'cmd', args: ['/c', 'npx', '-y', 'mcp-remote@latest', url, '--header', auth] },
    ],
    [
      'a value of its environment, without the blank that Windows would break',
      { command: 'npx', args: ['mcp-remote', url, '--header', `Authorization:\${AUTH}`], env: held },
    ],
    [
      'a part of a value of its environment',
      { command: 'npx', args: ['mcp-remote', url, '--header', `Authorization: Bearer \${KEY}`], env: held },
    ],
    [
      'a port and further options',
      {
        command: 'npx',
        args: ['-y', 'mcp-remote', url, '9696', '--allow-http', '--debug', `--header=${auth}`],
      },
    ],
  ];
  test.each(forms)('is found by %s, without its key in sight', async (_how, acme) => {
    const path = await settings('claude-desktop', { mcpServers: { acme } });
    const { entry, shown, sent } = await findOne();
    expect(shown).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      client: 'claude-desktop',
      path,
      entry: 'acme',
      url,
      host: 'mcp.acme.example',
      by: 'mcp-remote',
      headers: ['Authorization'],
      oauth: false,
      account: null,
    });
    expect(sent).toEqual([['Authorization', `Bearer ${key}`]]);
    expect(entry.sse).toBe(false);
  });

  test.each<[client: ClientId, content: unknown]>([
    [
      'zed',
      { context_servers: { acme: { command: { path: 'npx', args: ['mcp-remote', url], env: { A: 'b' } } } } },
    ],
    ['opencode', { mcp: { acme: { type: 'local', command: ['npx', '-y', 'mcp-remote', url] } } }],
    [
      'goose',
      `extensions:\n  acme:\n    type: stdio\n    cmd: npx\n    args: [mcp-remote, ${url}]\n    envs: {}\n`,
    ],
    ['codex', `[mcp_servers.acme]\ncommand = "npx"\nargs = ["-y", "mcp-remote", "${url}"]\n`],
    ['continue', `mcpServers:\n- name: acme\n  command: npx\n  args:\n  - mcp-remote\n  - ${url}\n`],
  ])('is found as %s writes it', async (client, content) => {
    await settings(client, content);
    expect((await findOne()).shown).toMatchObject({ client, entry: 'acme', url, by: 'mcp-remote' });
  });

  test('without a header signs in with OAuth; HTTP+SSE stays HTTP+SSE', async () => {
    const args = ['-y', 'mcp-remote', url, '--transport', 'sse-only', '--header', 'X-Team: blue'];
    await settings('cursor', { mcpServers: { acme: { command: 'npx', args } } });
    const { entry, shown } = await findOne();
    expect([shown.oauth, shown.headers, entry.sse]).toEqual([true, ['X-Team'], true]);
  });
});

describe('an entry with an address of its own', () => {
  const key = canary('allv');
  const headers = { 'x-api-key': key, 'x-allv-user-email': 'ada@acme.example' };
  const forms: [client: ClientId, content: unknown][] = [
    ['claude-code', { mcpServers: { acme: { type: 'http', url, headers } } }],
    ['cursor', { mcpServers: { acme: { url, headers } } }],
    ['vscode', `{ // mine\n "servers": { "acme": ${JSON.stringify({ type: 'http', url, headers })}, }, }`],
    ['windsurf', { mcpServers: { acme: { serverUrl: url, headers } } }],
    ['zed', { theme: 'One', context_servers: { acme: { url, headers } } }],
    ['gemini', { mcpServers: { acme: { httpUrl: url, headers } } }],
    ['opencode', { mcp: { acme: { type: 'remote', url, headers } } }],
    [
      'codex',
      `model = "o4"\n[mcp_servers.acme]\nurl = "${url}"\n[mcp_servers.acme.http_headers]\n"x-api-key" = "${key}"\n"x-allv-user-email" = "ada@acme.example"\n`,
    ],
    [
      'continue',
      `mcpServers:\n  - name: acme\n    type: streamable-http\n    url: ${url}\n    requestOptions:\n      headers:\n        x-api-key: ${key}\n        x-allv-user-email: ada@acme.example\n`,
    ],
    [
      'goose',
      `extensions:\n  acme:\n    type: streamable_http\n    uri: ${url}\n    headers:\n      x-api-key: ${key}\n      x-allv-user-email: ada@acme.example\n`,
    ],
  ];
  test.each(forms)('is found in the settings of %s', async (client, content) => {
    await settings(client, content);
    const { shown, sent } = await findOne();
    expect(shown).toMatchObject({ client, entry: 'acme', url, by: 'address', oauth: false });
    expect(shown.headers).toEqual(['x-api-key', 'x-allv-user-email']);
    expect(sent).toEqual(Object.entries(headers));
  });

  test('of which the value is elsewhere is known to have a key all the same', async () => {
    await settings(
      'codex',
      `[mcp_servers.acme]\nurl = "${url}"\nbearer_token_env_var = "ACME"\nenv_http_headers = { X-Team = "TEAM" }\n`,
    );
    const { shown, sent } = await findOne();
    expect([shown.oauth, shown.headers]).toEqual([false, ['Authorization', 'X-Team']]);
    expect(sent).toEqual([
      ['Authorization', `Bearer \${ACME}`],
      ['X-Team', `\${TEAM}`],
    ]);
  });
});

describe('what is shown of an address', () => {
  const key = canary('generic');
  test.each([
    [`https://ada:${key}@mcp.acme.example/mcp`, 'https://mcp.acme.example/mcp'],
    [`https://mcp.acme.example/mcp?api_key=${key}&team=blue`, 'https://mcp.acme.example/mcp?team=blue'],
    [`https://mcp.acme.example/mcp?profile=${key}`, 'https://mcp.acme.example/mcp'],
    [`https://mcp.acme.example/s/${key}/mcp#${key}`, 'https://mcp.acme.example/s/.../mcp'],
    [
      'https://agent.allv.ai/api/workspaces/0f9f6d7e-6d5c-4b5e-9a5f-0d8c1f0a2b3c/mcp',
      'https://agent.allv.ai/api/workspaces/0f9f6d7e-6d5c-4b5e-9a5f-0d8c1f0a2b3c/mcp',
    ],
  ])('holds nothing that could be a key', async (address, expected) => {
    await settings('cursor', { mcpServers: { acme: { url: address } } });
    const { entry, shown } = await findOne();
    expect(shown.url).toBe(expected);
    expect(entry.address.reveal()).toBe(address);
  });

  test('names of headers are names, not a key that somebody put there', async () => {
    const args = [
      'mcp-remote',
      url,
      '--header',
      key,
      '--header',
      `${canary('allv')}: x`,
      '--header',
      'X-A: b',
    ];
    await settings('cursor', { mcpServers: { acme: { command: 'npx', args } } });
    expect((await findOne()).shown.headers).toEqual(['X-A']);
  });
});

describe('no entry of another kind is found', () => {
  const local = canary('local');
  test.each<[what: string, entry: unknown]>([
    ['ours by its command', { command: '/opt/Gangway/resources/bin/gangway-shim', args: ['acme'] }],
    ['ours by its address', { url: 'http://127.0.0.1:4711/mcp/acme' }],
    [
      'ours on a port of former days',
      { url: 'http://localhost:4000/mcp', headers: { Authorization: `Bearer gw_${local}` } },
    ],
    [
      'ours through mcp-remote',
      {
        command: 'npx',
        args: ['mcp-remote', 'http://127.0.0.1:4000/mcp', '--header', `Authorization: Bearer gw_${local}`],
      },
    ],
    ['another local program', { command: 'npx', args: ['-y', '@acme/server', url] }],
    ['no address', { url: 'unix:///run/acme.sock' }],
    ['no entry', 'acme'],
    ['nothing', null],
  ])('%s', async (_what, acme) => {
    await settings('cursor', { mcpServers: { acme } });
    expect(await find([], 'http://127.0.0.1:4711/')).toEqual({ entries: [], unread: [] });
  });

  test('but a server of this computer is', async () => {
    await settings('cursor', { mcpServers: { mine: { url: 'http://localhost:3000/mcp' } } });
    expect((await find([], 'http://127.0.0.1:4711/')).entries).toHaveLength(1);
  });
});

describe('an account at the same address', () => {
  const key = canary('bearer');
  const at = (change: Partial<AccountView>): AccountView =>
    anAccount({ label: 'acme', upstream: { kind: 'http', url: `${url}/` }, ...change });
  const keyed = { signIn: { kind: 'key', header: 'authorization' } } as const;

  test.each<
    [what: string, headers: Record<string, string>, accounts: AccountView[], expected: string | null]
  >([
    ['with OAuth fits an entry without a key', {}, [at({})], 'acme'],
    ['with a key fits an entry with one', { Authorization: `Bearer ${key}` }, [at(keyed)], 'acme'],
    ['with OAuth does not fit an entry with a key', { Authorization: `Bearer ${key}` }, [at({})], null],
    ['fits with the same open header', { 'X-Team': 'blue' }, [at({ headers: { 'x-team': 'blue' } })], 'acme'],
    ['does not fit with another', { 'X-Team': 'red' }, [at({ headers: { 'x-team': 'blue' } })], null],
    ['does not fit with one more', {}, [at({ headers: { 'x-team': 'blue' } })], null],
    [
      'does not fit for another member',
      { 'x-api-key': key, 'x-allv-user-id': 'ada' },
      [at({ ...keyed, user: { by: 'id', value: 'bob' } })],
      null,
    ],
    [
      'fits for the same member',
      { 'x-api-key': key, 'x-allv-user-id': 'ada' },
      [at({ ...keyed, user: { by: 'id', value: 'ada' } })],
      'acme',
    ],
    ['is not guessed among several', {}, [at({}), at({ label: 'Acme 2' })], null],
    ['has to be there', {}, [at({ upstream: { kind: 'http', url: 'https://mcp.acme.example/' } })], null],
  ])('%s', async (_what, headers, accounts, expected) => {
    await settings('cursor', { mcpServers: { acme: { url, headers } } });
    expect((await findOne(accounts)).shown.account).toBe(expected);
  });
});

test('what was found is known again until its file changes', async () => {
  const content = { mcpServers: { acme: { url }, other: { url } } };
  const path = await settings('cursor', content);
  await settings('windsurf', { mcpServers: { acme: { serverUrl: url } } });
  const ids = (await find()).entries.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect((await find()).entries.map(({ id }) => id)).toEqual(ids);
  await writeFile(path, `${await readFile(path, 'utf8')}\n`);
  const later = (await find()).entries.map(({ id }) => id);
  expect(ids.filter((id) => later.includes(id))).toHaveLength(1);
});

describe('a file that cannot be read', () => {
  test('is named with the place of its error, and the others are read', async () => {
    const key = canary('bearer');
    const path = await settings('cursor', `{\n "mcpServers": { "a": { "url": "${key}" "b" } } }`);
    await settings('windsurf', { mcpServers: { acme: { serverUrl: url } } });
    const { entries, unread } = await find();
    expect(entries.map(({ client }) => client)).toEqual(['windsurf']);
    expect(unread).toEqual([
      {
        client: 'cursor',
        path,
        text: expect.stringMatching(/^mcp\.json has an error in line 2, column \d+\./),
      },
    ]);
  });

  test('says that its list of servers is none', async () => {
    const path = await settings('cursor', { mcpServers: [{ url }] });
    expect(await find()).toEqual({
      entries: [],
      unread: [{ client: 'cursor', path, text: expect.stringContaining('mcpServers') }],
    });
  });

  test('is a sentence also when it is no file', async () => {
    const [path = ''] = clientOf('cursor').places(system);
    await mkdir(path, { recursive: true });
    const { unread } = await find();
    expect(unread).toEqual([{ client: 'cursor', path, text: expect.stringMatching(/^.{20,300}$/) }]);
  });

  test('is no matter of its being read-only', async () => {
    await chmod(await settings('cursor', { mcpServers: { acme: { url } } }), 0o400);
    expect((await find()).entries).toHaveLength(1);
  });
});

test('looking changes no file and opens none of a client that is not there', async () => {
  const path = await settings('cursor', { mcpServers: { acme: { url } } });
  const before = await readFile(path, 'utf8');
  await find();
  expect(await readFile(path, 'utf8')).toBe(before);
  expect(readdirSync(home)).toEqual(['.cursor']);
});
