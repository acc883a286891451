import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { allowSecrets } from '../canary/collect.ts';
import { temporaryHome } from '../canary/home.ts';
import { signInAs } from '../sign-in/person.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { startWorld, text } from './world.ts';

const SHIM = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));

/** What one app has for one server, as Claude Code and the MCP Inspector read it. */
type Entry =
  | { readonly command: string; readonly args: string[] }
  | { readonly type: 'http'; readonly url: string; readonly headers: Record<string, string> };

interface Configuration {
  readonly mcpServers: Readonly<Record<string, Entry>>;
}

/** One address with two accounts, both signed in to, and one configuration file that names each by a pinned entry. */
async function startStage() {
  await using starting = new AsyncDisposableStack();
  const { pelcro, oauth } = starting.use(
    await startPelcroWithOAuth({
      accounts: [
        { id: 'herald', name: 'The Herald', sites: ['site_1', 'site_2'] },
        { id: 'gazette', name: 'The Gazette', sites: ['site_9'] },
      ],
    }),
  );
  const world = starting.use(await startWorld());
  for (const account of ['herald', 'gazette']) {
    await world.add({ connector: 'pelcro', label: account, url: pelcro.origin, environment: 'production' });
    const { last } = await signInAs(world.bridge.control, account, { choose: { account } });
    expect(last.step).toBe('done');
  }
  const file = join(starting.use(await temporaryHome()).path, 'mcp.json');
  const { url, headers } = await world.endpoint('gazette');
  const written: Configuration = {
    mcpServers: {
      'pelcro-herald': { command: process.execPath, args: [SHIM, '--home', world.paths.home, 'herald'] },
      'pelcro-gazette': { type: 'http', url, headers },
    },
  };
  await writeFile(file, JSON.stringify(written), { mode: 0o600 });
  const local = (headers.Authorization ?? '').replace('Bearer ', '');
  allowSecrets({ place: `file ${file}`, because: 'an HTTP client is configured with it', secret: local });
  const { mcpServers } = JSON.parse(await readFile(file, 'utf8')) as Configuration;
  const connect = async (name: string) =>
    starting.adopt(await connectTo(mcpServers[name]!), (client) => client.close());
  const [herald, gazette] = [await connect('pelcro-herald'), await connect('pelcro-gazette')];
  pelcro.requests.clear();
  const running = starting.move();
  return { pelcro, oauth, world, herald, gazette, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Connects with what the file says and nothing else. */
async function connectTo(entry: Entry): Promise<Client> {
  const client = new Client({ name: 'one-configuration', version: '1.0.0' });
  if ('command' in entry) await client.connect(new StdioClientTransport(entry));
  else {
    const { url, headers } = entry;
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  }
  return client;
}

const ROUNDS = 3;
const CALLS = 20;

test('TP-04: two accounts on one address, with the same tools in one configuration, never mix', async () => {
  await using stage = await startStage();
  const { pelcro, oauth, world } = stage;
  const seats = [
    { client: stage.herald, account: 'herald', name: 'The Herald', site: 'site_1', foreign: 'site_9' },
    { client: stage.gazette, account: 'gazette', name: 'The Gazette', site: 'site_9', foreign: 'site_1' },
  ];
  const work = async ({ client, account, name, site }: (typeof seats)[number], index: number) => {
    expect(JSON.parse(await text(client, 'get_account'))).toMatchObject({ id: account, name });
    // `limit` is the mark by which the workspace tells which entry a call came from.
    const limit = account === 'herald' ? 3 : 4;
    const given = { site_id: site, page: index + 1, limit };
    const { data } = JSON.parse(await text(client, 'list_customers', given)) as { data: { email: string }[] };
    const emails = Array.from(
      { length: limit },
      (_, row) => `reader${index * limit + row + 1}@${account}.example`,
    );
    expect(data.map(({ email }) => email)).toEqual(emails);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    // Both tokens stop working at the same moment, so that both are renewed while the calls go on.
    if (round === 1) oauth.expireAccessTokens();
    // Where the other apps are makes no difference to an entry that is pinned.
    await world.bridge.control.accounts.use({ account: round % 2 === 0 ? 'gazette' : 'herald' });
    await Promise.all(
      Array.from({ length: CALLS }, (_, index) => seats.map((seat) => work(seat, index))).flat(),
    );
  }
  for (const { client, foreign } of seats) {
    expect(await text(client, 'list_customers', { site_id: foreign })).toContain('API error 404');
  }

  const calls = pelcro.requests.calls('list_customers').flatMap(({ principal, rpc, text: body }) => {
    const { limit } = (JSON.parse(body) as { params: { arguments: { limit?: number } } }).params.arguments;
    return principal === undefined || limit === undefined || rpc === undefined ? [] : [{ principal, limit }];
  });
  const madeBy = (mark: number) =>
    calls.filter(({ limit }) => limit === mark).map(({ principal }) => principal);
  expect(madeBy(3)).toEqual(Array.from({ length: ROUNDS * CALLS }, () => 'herald'));
  expect(madeBy(4)).toEqual(Array.from({ length: ROUNDS * CALLS }, () => 'gazette'));

  // No conversation was ever carried on with the token of the other account.
  const talks = new Map<string, Set<string>>();
  for (const { session, principal } of pelcro.requests.all) {
    if (session === undefined || principal === undefined) continue;
    talks.set(session, (talks.get(session) ?? new Set()).add(principal));
  }
  const speakers = [...talks.values()].map((one) => [...one].join());
  expect(new Set(speakers)).toEqual(new Set(['herald', 'gazette']));
  expect(oauth.requests.tokens('refresh_token').map(({ status }) => status)).toEqual([200, 200]);
});
