import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  bareEnvironment,
  type RealClient,
  type Room,
  type Script,
  type Talk,
  type Target,
} from './client.ts';

/** The official libraries, and mcp-remote with one of them before it. */

type Mode = 'legacy' | 'auto';

/** What both generations of the library have. */
interface AnyClient {
  listTools(): Promise<{ tools: readonly { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

const doors = ['http', 'stdio'] as const;

const older: RealClient = {
  name: 'sdk-1',
  source: { version: versionOf('sdk') },
  doors,
  reach: 'switch',
  talk: async (room, target, script) => {
    const client = new OlderClient({ name: 'sdk-1', version: '1.0.0' });
    const transport =
      'url' in target
        ? new OlderHttp(new URL(target.url), { requestInit: { headers: { ...target.headers } } })
        : new OlderStdio({ ...processOf(room, target) });
    await client.connect(transport as Parameters<OlderClient['connect']>[0]);
    return follow(client, script);
  },
};

const newer = (mode: Mode): RealClient => ({
  name: `sdk-2-${mode}`,
  source: { version: versionOf('client') },
  doors,
  reach: 'switch',
  talk: async (room, target, script) => follow(await connectNewer(room, target, mode), script),
});

/** An app that only starts commands reaches the HTTP door through mcp-remote. */
const remote = (mode: Mode): RealClient => ({
  name: `mcp-remote-${mode}`,
  source: { npm: 'mcp-remote@0.15.1' },
  doors: ['http'],
  reach: 'switch',
  talk: async (room, target, script) => {
    if (!('url' in target)) throw new TypeError('mcp-remote needs an address');
    const words = Object.entries(target.headers).flatMap(([name, value]) => ['--header', `${name}:${value}`]);
    const args = [target.url, '--allow-http', '--transport', 'http-only', ...words];
    const through = { command: room.bin('mcp-remote'), args };
    return follow(await connectNewer(room, through, mode), script);
  },
});

export const libraryClients: readonly RealClient[] = [
  remote('legacy'),
  remote('auto'),
  older,
  newer('legacy'),
  newer('auto'),
];

async function connectNewer(room: Room, target: Target, mode: Mode): Promise<Client> {
  const client = new Client({ name: `sdk-2-${mode}`, version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(
    'url' in target
      ? new StreamableHTTPClientTransport(new URL(target.url), {
          requestInit: { headers: { ...target.headers } },
        })
      : new StdioClientTransport({ ...processOf(room, target) }),
  );
  return client;
}

async function follow(client: AnyClient, { texts, between }: Script): Promise<Talk> {
  try {
    const { tools } = await client.listTools();
    const [first, second] = texts;
    const heard = [await client.callTool({ name: 'echo', arguments: { text: first } })];
    await between();
    heard.push(await client.callTool({ name: 'echo', arguments: { text: second } }));
    return { listed: tools.map(({ name }) => name), heard: JSON.stringify(heard), told: '' };
  } finally {
    await client.close();
  }
}

function processOf({ home, project }: Room, target: Extract<Target, { command: string }>) {
  const { command, args } = target;
  return {
    command,
    args: [...args],
    env: bareEnvironment(home),
    cwd: project,
    stderr: 'ignore' as const,
  };
}

function versionOf(library: 'sdk' | 'client'): string {
  const file = new URL(`../../node_modules/@modelcontextprotocol/${library}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
