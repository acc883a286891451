import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { shim } from './gangway.ts';

/** An AI app as Gangway sees it: a real MCP client. */
export interface App extends AsyncDisposable {
  /** The revision of MCP that it speaks with Gangway. */
  readonly version: string | undefined;
  /** Names of the tools it sees now. */
  tools(): Promise<string[]>;
  /** Text of a tool's answer. @throws the JSON-RPC error the app gets. */
  call(tool: string, args?: Record<string, unknown>): Promise<string>;
  /** Resolves when the app is told that its tools changed; counts from the moment of this call. */
  toolsChanged(): Promise<void>;
}

/**
 * An app that starts the shim, as Claude Desktop does. MCP SDK 2.x. Without an account it follows the current one.
 *
 * @param mode `auto` for a new app, which asks what it may speak, and listens for changes; else it shakes hands.
 */
export async function stdioApp(
  home: string,
  name: string,
  account: readonly string[] = [],
  mode: 'legacy' | 'auto' = 'legacy',
): Promise<App> {
  const client = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode } });
  const listeners = new Set<() => void>();
  client.setNotificationHandler('notifications/tools/list_changed', () => announce(listeners));
  const args = [shim, '--home', home, ...account];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  if (client.getProtocolEra() === 'modern') await client.listen({ toolsListChanged: true });
  return {
    version: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: args })),
    toolsChanged: () => nextOf(listeners),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** An app that speaks Streamable HTTP with a local token, as Cursor or VS Code do. MCP SDK 1.x. */
export async function httpApp(
  url: string,
  headers: Record<string, string>,
  name = 'cursor-like',
): Promise<App> {
  const client = new OlderClient({ name, version: '1.0.0' });
  const listeners = new Set<() => void>();
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => announce(listeners));
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  await client.connect(transport as Parameters<OlderClient['connect']>[0]);
  return {
    version: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => textOf(await client.callTool({ name, arguments: args })),
    toolsChanged: () => nextOf(listeners),
    [Symbol.asyncDispose]: async () => {
      await transport.terminateSession();
      await client.close();
    },
  };
}

function announce(listeners: Set<() => void>): void {
  for (const listener of listeners) listener();
  listeners.clear();
}

function nextOf(listeners: Set<() => void>): Promise<void> {
  return new Promise((resolve) => listeners.add(resolve));
}

function textOf(result: object): string {
  const content = 'content' in result ? result.content : [];
  const parts = Array.isArray(content) ? (content as { type: string; text?: string }[]) : [];
  return parts.map(({ text }) => text ?? '').join('\n');
}
