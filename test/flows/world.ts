import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { openLog } from '#bridge/base/log.ts';
import type { NetworkWatch } from '#bridge/base/network-watch.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { type Bridge, createBridge } from '#bridge/bridge.ts';
import type { System } from '#bridge/clients/known/client.ts';
import type { Program } from '#bridge/shim/start-owner.ts';
import type { VaultKind } from '#bridge/vault/vault.ts';
import type { AccountView, NewAccount } from '#contract/control.ts';
import { adoptSecret } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { NODE } from '../compiled/node.ts';
import { watchDoor } from '../invariants/http-arrivals.ts';
import { readBack } from '../invariants/read-back.ts';

export const doors = ['stdio', 'http'] as const;
export type Door = (typeof doors)[number];

const SHIM = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));

/** What both generations of the SDK's client have in common here. */
export type AnyClient = Pick<Client, 'close'> & {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
};

/** In which era a client of SDK 2.x starts: by a handshake, by a probe and then what fits, or in one revision only. */
export type Mode = 'legacy' | 'auto' | { readonly pin: string };

/** A client that knows MCP 2026-07-28 only. */
export const pinned: Mode = { pin: '2026-07-28' };

/** A whole bridge in a throw-away home, with real MCP clients at its doors. */
export interface World extends AsyncDisposable {
  readonly bridge: Bridge;
  readonly paths: Paths;
  /** The home folder of the person, in which their apps keep their settings; empty at first. */
  readonly person: string;
  /** Adds an account as a person would. */
  add(entered: NewAccount): Promise<AccountView>;
  /** A client of SDK 2.x; its `getNegotiatedProtocolVersion` tells what it speaks. */
  connect(
    door: Door,
    address?: string,
    prepare?: (client: Client) => void,
    mode?: Mode,
    entry?: Entry,
  ): Promise<Client>;
  /** A client of SDK 2.x over HTTP that sends headers of its own choice as well. */
  connectWith(headers: Readonly<Record<string, string>>, address?: string): Promise<Client>;
  /** A client of SDK 1.x. */
  connectOld(door: Door, address?: string): Promise<OldClient>;
  /** What an HTTP client is configured with. */
  endpoint(address?: string): Promise<Entry>;
}

/** What stands in the configuration of an HTTP client. */
export interface Entry {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Starts the bridge with everything real but the keychain: its vault keeps secrets in memory unless told otherwise. */
export async function startWorld({
  vault = 'memory',
  platform = 'linux',
  isInstalled = false,
  network,
}: {
  vault?: VaultKind;
  /** Of the computer whose apps are set up. */
  platform?: System['platform'] | undefined;
  /** It is a command with its shim beside it, as people install it; else it runs from its source. */
  isInstalled?: boolean | undefined;
  network?: NetworkWatch | undefined;
} = {}): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const home = starting.use(await temporaryHome());
  const paths = pathsFor(`${home.path}/gangway`, {});
  starting.defer(() => readBack(paths));
  const redactor = new Redactor();
  const log = starting.use(
    openLog({ file: `${home.path}/gangway.log`, level: 'debug', redact: (text) => redactor.clean(text) }),
  );
  const bridge = starting.use(
    await createBridge({
      paths,
      vault,
      http: true,
      redactor,
      log,
      version: '0.1.0',
      network,
      system: describedSystem(`${home.path}/person`, platform),
      ...(isInstalled && { program: installed(`${home.path}/bin`) }),
    }),
  );
  if (bridge.url) watchDoor(Number(new URL(bridge.url).port));
  const endpoint = async (address = 'current'): Promise<Entry> => {
    const minted = await bridge.control.endpoint.mint({ client: 'flows', address });
    adoptSecret('local', (minted.headers.Authorization ?? '').replace('Bearer ', ''));
    return minted;
  };
  const clients = starting.adopt(new Set<{ close(): Promise<void> }>(), async (open) => {
    await Promise.all([...open].map((client) => client.close().catch(() => undefined)));
  });
  const running = starting.move();
  return {
    bridge,
    paths,
    person: `${home.path}/person`,
    endpoint,
    add: async (entered) => (await bridge.control.accounts.add(entered)).account,
    connect: async (door, address = 'current', prepare, mode = 'legacy', entry) => {
      const client = new Client(
        { name: 'flows', version: '1.0.0' },
        { capabilities: { elicitation: {}, sampling: {}, roots: {} }, versionNegotiation: { mode } },
      );
      prepare?.(client);
      clients.add(client);
      if (door === 'stdio') await client.connect(new StdioClientTransport(shimCommand(paths, address)));
      else {
        const { url, headers } = entry ?? (await endpoint(address));
        await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
      }
      return client;
    },
    connectWith: async (own, address = 'current') => {
      const client = new Client({ name: 'flows-headers', version: '1.0.0' });
      clients.add(client);
      const { url, headers } = await endpoint(address);
      const requestInit = { headers: { ...own, ...headers } };
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
      return client;
    },
    connectOld: async (door, address = 'current') => {
      const client = new OldClient({ name: 'flows-old', version: '1.0.0' });
      clients.add(client);
      if (door === 'stdio') await client.connect(new OldStdioTransport(shimCommand(paths, address)));
      else {
        const { url, headers } = await endpoint(address);
        const transport = new OldHttpTransport(new URL(url), { requestInit: { headers } });
        await client.connect(transport as Parameters<OldClient['connect']>[0]);
      }
      return client;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What a stdio client is configured with. */
export function shimCommand({ home }: Paths, address: string): { command: string; args: string[] } {
  const [command, ...words] = NODE;
  return { command, args: [...words, SHIM, '--home', home, address] };
}

/** A command that is never started, and the shim for bundles beside it. */
function installed(folder: string): Program {
  mkdirSync(folder);
  writeFileSync(`${folder}/gangway`, '');
  writeFileSync(`${folder}/gangway-shim.cjs`, 'carry();\n');
  return [`${folder}/gangway`];
}

/** A computer with a home folder of the test's own, so that no settings of a real person are ever touched. */
function describedSystem(home: string, platform: System['platform']): System {
  return {
    platform,
    home,
    environment: {},
    exists: (path) => existsSync(path),
    names: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  };
}

/** The text of a tool's answer. */
export async function text(
  client: AnyClient,
  name: string,
  given: Record<string, unknown> = {},
): Promise<string> {
  const result = (await client.callTool({ name, arguments: given })) as {
    content?: { type: string; text?: string }[];
  };
  return (result.content ?? []).map((part) => part.text ?? '').join('\n');
}

/** The error a client gets. */
export async function failure(
  running: Promise<unknown>,
): Promise<{ code: number; message: string; data?: unknown }> {
  try {
    await running;
  } catch (error) {
    return error as { code: number; message: string };
  }
  throw new Error('It was expected to fail.');
}
