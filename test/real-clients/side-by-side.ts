import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoGangway, shim, startGangway } from '../demo/gangway.ts';
import { loginByScript } from '../demo/scripted-login.ts';
import { bold, dim, done, say } from '../demo/story.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { installRealClients, type RealClients } from './programs.ts';
import { startScriptedModel } from './scripted-model.ts';

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
interface Row {
  readonly app: string;
  readonly entry: Entry;
  readonly account: string;
  readonly customers: string;
}

await using stack = new AsyncDisposableStack();
say(bold('Two Pelcro accounts on one address, in one configuration of real apps.'));
const accounts = entries.map(({ account, name, site }) => ({ id: account, name, sites: [site] }));
const { pelcro } = stack.use(await startPelcroWithOAuth({ accounts }));
const gangway = stack.use(await startGangway());
for (const { entry, name } of entries) {
  await gangway.run(['add', 'pelcro', '--label', entry, '--url', pelcro.url, '--environment', 'production']);
  await loginByScript(gangway, entry, name);
}
done(`the bridge runs; both accounts of ${pelcro.url} are signed in to`);
const file = await writeConfiguration(gangway);
done(`one configuration file with both entries: ${file}`);
say(dim('  Now npm brings the MCP Inspector and Claude Code; this takes a while.'));
const apps = await installRealClients(gangway.folder);
done('both apps are installed');

const rows = [...(await byInspector(apps, file)), ...(await byClaudeCode(apps, file))];
say();
say(bold(line(['app', 'entry', 'door', 'get_account', 'list_customers', 'seen at Pelcro', ''])));
let isMixed = false;
for (const row of rows) {
  const { entry, account, customers } = row;
  const seen = principalsOf(entry);
  const holds =
    account.includes(`"id":"${entry.account}"`) &&
    customers.includes(`reader1@${entry.account}.example`) &&
    entries.every((other) => other === entry || !`${account}${customers}`.includes(other.account)) &&
    seen.every((principal) => principal === entry.account);
  isMixed ||= !holds;
  const first = /reader1@[\w.]+/.exec(customers)?.[0] ?? customers.slice(0, 30);
  const name = /"name":"([^"]*)"/.exec(account)?.[1] ?? account.slice(0, 30);
  const at = `${seen.length} as ${[...new Set(seen)].join(', ')}`;
  say(line([row.app, entry.entry, entry.door, name, `${first}, ...`, at, holds ? 'right' : 'WRONG']));
}
say();
// Both apps called through both entries, so Pelcro has seen as many calls of each.
for (const entry of entries) if (principalsOf(entry).length !== 2) isMixed = true;
say(
  isMixed
    ? 'Something is not as it must be; see the rows above.'
    : 'Each entry reached only its own account.',
);
process.exitCode = isMixed ? 1 : 0;

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
async function byInspector({ inspector }: RealClients, config: string): Promise<Row[]> {
  const call = async (entry: Entry, tool: string, args: readonly string[] = []): Promise<string> => {
    const about = ['--config', config, '--server', entry.entry, '--format', 'json', '-q'];
    const given = args.flatMap((arg) => ['--tool-arg', arg]);
    const { code, stdout, stderr } = await inspector([
      ...about,
      ...['--method', 'tools/call', '--tool-name', tool],
      ...given,
    ]);
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
async function byClaudeCode({ claude }: RealClients, config: string): Promise<Row[]> {
  const wanted = entries.flatMap(({ entry, site, limit }) => [
    { tool: `mcp__${entry}__get_account`, args: {} },
    { tool: `mcp__${entry}__list_customers`, args: { site_id: site, limit } },
  ]);
  await using model = await startScriptedModel(wanted);
  const tools = wanted.flatMap(({ tool }) => ['--allowedTools', tool]);
  const { code, stderr } = await claude(
    ['-p', 'Call the tools.', '--mcp-config', config, '--strict-mcp-config', ...tools],
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
function principalsOf({ limit }: Entry): string[] {
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

function line(cells: readonly string[]): string {
  const widths = [15, 16, 7, 14, 30, 18, 5];
  return `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ')}`.trimEnd();
}
