import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoGangway, shim } from '../demo/gangway.ts';
import { loginByScript } from '../demo/scripted-login.ts';
import type { PelcroWorkspace } from '../workspaces/pelcro.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { type Room, startBare } from './client.ts';
import { startScriptedModel } from './scripted-model.ts';
import { table } from './verdict.ts';

/** One entry of the configuration, and what it must see. `limit` is the mark by which Pelcro tells whose call it was. */
const entries = [
  { entry: 'pelcro-herald', door: 'stdio', account: 'herald', name: 'The Herald', site: 'site_1', limit: 3 },
  {
    entry: 'pelcro-gazette',
    door: 'HTTP',
    account: 'gazette',
    name: 'The Gazette',
    site: 'site_9',
    limit: 4,
  },
] as const;
type Entry = (typeof entries)[number];

/** What one app saw through one entry. */
interface Seen {
  readonly app: string;
  readonly entry: Entry;
  readonly account: string;
  readonly customers: string;
}

/** One line of the table. */
export interface SideBySide {
  readonly app: string;
  readonly entry: string;
  readonly door: string;
  /** What `get_account` and `list_customers` answered. */
  readonly account: string;
  readonly customers: string;
  /** As whom the calls of this entry arrived at Pelcro, by now. */
  readonly arrived: string;
  readonly isRight: boolean;
}

/** The programs it needs, and where they run. */
export interface Programs {
  readonly inspector: Room;
  readonly claude: Room;
}

interface World {
  readonly programs: Programs;
  readonly pelcro: PelcroWorkspace;
  /** The configuration file. */
  readonly file: string;
}

/** Two Pelcro accounts on one address, in one configuration of real apps: each entry reaches only its own account. */
export async function sideBySide(gangway: DemoGangway, programs: Programs): Promise<SideBySide[]> {
  const accounts = entries.map(({ account, name, site }) => ({ id: account, name, sites: [site] }));
  await using started = await startPelcroWithOAuth({ accounts });
  const { pelcro } = started;
  for (const { entry, name } of entries) {
    await gangway.run([
      'add',
      'pelcro',
      '--label',
      entry,
      '--url',
      pelcro.url,
      '--environment',
      'production',
    ]);
    await loginByScript(gangway, entry, name);
  }
  const world: World = { programs, pelcro, file: await writeConfiguration(gangway) };
  const seen = [...(await byInspector(world)), ...(await byClaudeCode(world))];
  return seen.map(({ app, entry, account, customers }) => {
    const arrivals = principalsOf(entry, pelcro);
    return {
      app,
      entry: entry.entry,
      door: entry.door,
      account: /"name":"([^"]*)"/.exec(account)?.[1] ?? account.slice(0, 300),
      customers: /reader1@[\w.]+/.exec(customers)?.[0] ?? customers.slice(0, 300),
      arrived: `${arrivals.length} as ${[...new Set(arrivals)].join(', ')}`,
      isRight:
        account.includes(`"id":"${entry.account}"`) &&
        customers.includes(`reader1@${entry.account}.example`) &&
        entries.every((other) => other === entry || !`${account}${customers}`.includes(other.account)) &&
        // Both apps called through both entries, so Pelcro has seen as many calls of each.
        arrivals.length === 2 &&
        arrivals.every((principal) => principal === entry.account),
    };
  });
}

export function tableOfSideBySide(rows: readonly SideBySide[]): string[] {
  const heading = ['APP', 'ENTRY', 'DOOR', 'GET_ACCOUNT', 'LIST_CUSTOMERS', 'SEEN AT PELCRO', ''];
  const cells = rows.map(({ isRight, ...row }) => [...Object.values(row), isRight ? 'right' : 'WRONG']);
  return table([heading, ...cells]);
}

/** As Claude Code and the Inspector read it: one entry starts the shim, the other has an address and a token. */
async function writeConfiguration({ home, folder, run }: DemoGangway): Promise<string> {
  const [herald, gazette] = entries;
  const { url, headers } = (await run(['endpoint', gazette.entry, '--client', 'Real clients'])) as {
    url: string;
    headers: Record<string, string>;
  };
  const mcpServers = {
    [herald.entry]: { command: process.execPath, args: [shim, '--home', home, herald.entry] },
    [gazette.entry]: { type: 'http', url, headers },
  };
  const written = join(folder, 'mcp.json');
  await writeFile(written, JSON.stringify({ mcpServers }, null, 2), { mode: 0o600 });
  return written;
}

/** The Inspector is one process per call; both entries are asked at the same time. */
async function byInspector({ programs, file }: World): Promise<Seen[]> {
  const call = async (entry: Entry, tool: string, args: readonly string[] = []): Promise<string> => {
    const about = ['--config', file, '--server', entry.entry, '--format', 'json', '-q'];
    const given = args.flatMap((arg) => ['--tool-arg', arg]);
    const words = ['--cli', ...about, '--method', 'tools/call', '--tool-name', tool, ...given];
    const { code, stdout, stderr } = await startBare(programs.inspector, 'mcp-inspector', words);
    return code === 0 ? textIn(stdout) : `exit code ${code}: ${stderr}`;
  };
  return Promise.all(
    entries.map(async (entry) => ({
      app: 'MCP Inspector',
      entry,
      account: compact(await call(entry, 'get_account')),
      customers: await call(entry, 'list_customers', [`site_id=${entry.site}`, `limit=${entry.limit}`]),
    })),
  );
}

/** Claude Code holds both entries in one process. A scripted model asks it for the calls, in one turn. */
async function byClaudeCode({ programs, file }: World): Promise<Seen[]> {
  const wanted = entries.flatMap(({ entry, site, limit }) => [
    { tool: `mcp__${entry}__get_account`, args: {} },
    { tool: `mcp__${entry}__list_customers`, args: { site_id: site, limit } },
  ]);
  await using model = await startScriptedModel(wanted);
  const tools = wanted.flatMap(({ tool }) => ['--allowedTools', tool]);
  const { code, stderr } = await startBare(
    programs.claude,
    'claude',
    ['-p', 'Call the tools.', '--mcp-config', file, '--strict-mcp-config', ...tools],
    {
      ANTHROPIC_BASE_URL: model.origin,
      ANTHROPIC_API_KEY: 'none',
      ENABLE_TOOL_SEARCH: 'false',
      // It asks its model with the tools of what is connected by then: so after five seconds, else after two.
      MCP_CONNECTION_NONBLOCKING: '0',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
    },
  );
  const answer = (index: number): string =>
    model.answers[index] ?? `not called; exit code ${code}: ${stderr.slice(0, 200)}`;
  return entries.map((entry, index) => ({
    app: 'Claude Code',
    entry,
    account: compact(answer(2 * index)),
    customers: answer(2 * index + 1),
  }));
}

/** As whom the calls of an entry arrived. */
function principalsOf({ limit }: Entry, pelcro: PelcroWorkspace): string[] {
  return pelcro.requests
    .calls('list_customers')
    .filter(({ text }) => new RegExp(`"limit":${limit}\\b`).test(text))
    .map(({ principal }) => principal ?? 'nobody');
}

/** The text of a tool's answer, in the JSON that the Inspector prints. */
function textIn(printed: string): string {
  const { content, result } = JSON.parse(printed) as { content?: Part[]; result?: { content?: Part[] } };
  return (content ?? result?.content ?? []).map(({ text = '' }) => text).join('\n');
}

interface Part {
  readonly text?: string;
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
