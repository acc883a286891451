import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type RealClient, startBare, type Target } from './client.ts';
import type { Finished } from './programs.ts';

/** Clients that are commands: the MCP Inspector in both of its forms, and the one mcp-remote tries an address with. */

const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0';

/** Not pinned to the newer era: where an account speaks the older one, the bridge says so, as ADR 0005 has it. */
type Era = 'legacy' | 'auto';

const eras: readonly Era[] = ['legacy', 'auto'];

/** One process and one connection per request. */
const inspector = (era: Era): RealClient => ({
  name: `inspector-${era}`,
  source: { npm: INSPECTOR },
  doors: ['http', 'stdio'],
  reach: 'call',
  talk: async (room, target, { texts, during }) => {
    const ask = async (method: string, tool?: string, args?: object): Promise<Finished> => {
      const asked = tool === undefined ? [] : ['--tool-name', tool, '--tool-args-json', JSON.stringify(args)];
      const how = ['--protocol-era', era, '--format', 'json', '-q', '--method', method, ...asked];
      const said = await startBare(room, 'mcp-inspector', ['--cli', ...addressed(target, how)]);
      if (said.code !== 0) throw new Error(`${method}: exit code ${said.code}: ${said.stderr}`);
      return said;
    };
    const { stdout: list } = await ask('tools/list');
    await during(() => ask('tools/call', 'slow', { gate: GATE }));
    const { stdout: heard } = await ask('tools/call', 'echo', { text: texts[0] });
    return { listed: namesIn(list), heard, told: '' };
  },
});

/** One connection for all requests, which a process in the background keeps. */
const mcpdo = (era: Era): RealClient => ({
  name: `mcpdo-${era}`,
  source: { npm: INSPECTOR },
  doors: ['http', 'stdio'],
  reach: 'switch',
  talk: async (room, target, { texts, between }) => {
    const daemon = join(room.home, `mcpdo-${randomBytes(4).toString('hex')}`);
    await mkdir(daemon, { mode: 0o700 });
    const own = {
      MCP_INSPECTOR_DAEMON_DIR: daemon,
      MCP_INSPECTOR_DAEMON_TOKEN: randomBytes(24).toString('base64url'),
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    };
    const ask = async (...words: string[]): Promise<string> => {
      const said = await startBare(room, 'mcpdo', ['--format', 'json', '--connection', 'one', ...words], own);
      if (said.code !== 0) throw new Error(`${words[0]}: exit code ${said.code}: ${said.stderr}`);
      return said.stdout;
    };
    const echo = (text: string): Promise<string> =>
      ask('tools/call', '--tool-name', 'echo', '--tool-args-json', JSON.stringify({ text }));
    try {
      await ask('connect', ...addressed(target, ['--era', era]));
      const listed = namesIn(await ask('tools/list'));
      const [first, second] = texts;
      const heard = await echo(first);
      await between();
      return { listed, heard: heard + (await echo(second)), told: '' };
    } finally {
      await startBare(room, 'mcpdo', ['daemon', 'stop'], own);
    }
  },
});

/** Connects, lists, and ends; it ends before its answers come when stdin does. */
const remoteTrial: RealClient = {
  name: 'mcp-remote-client',
  source: { npm: 'mcp-remote@0.15.1' },
  doors: ['http'],
  reach: 'list',
  talk: async (room, target) => {
    if (!('url' in target)) throw new TypeError('mcp-remote needs an address');
    const args = [target.url, '--allow-http', '--transport', 'http-only', ...headerWords(target.headers)];
    const { code, stdout, stderr } = await startBare(room, 'mcp-remote-client', args, {}, 'open');
    const said = `${stdout}${stderr}`;
    return { listed: namesIn(said), heard: '', told: `exit code ${code}: ${said.slice(-300)}` };
  },
};

export const commandClients: readonly RealClient[] = [
  ...eras.map(inspector),
  ...eras.map(mcpdo),
  remoteTrial,
];

/** Where `slow` calls wait. */
export const GATE = 'held';

/** The words for a target, the client's own options among them. */
function addressed(target: Target, options: readonly string[]): string[] {
  if ('url' in target) return [target.url, '--transport', 'http', ...headerWords(target.headers), ...options];
  return ['--transport', 'stdio', ...options, '--', target.command, ...target.args];
}

function headerWords(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
}

/** The names in printed JSON, or in what looks like it. */
function namesIn(printed: string): string[] {
  return [...printed.matchAll(/"?\bname"?: ?["']([\w-]+)["']/g)].map(([, name = '']) => name);
}
