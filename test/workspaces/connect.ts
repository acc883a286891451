import {
  Client,
  type ClientCapabilities,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client';

/** The official client, connected. Disposing ends its session with DELETE, as a well-behaved client does. */
export interface Connected extends AsyncDisposable {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  /** Calls a tool and gives the text of its result back. */
  say(tool: string, args?: Record<string, unknown>): Promise<string>;
  /** All tools, over all pages. */
  tools(): Promise<readonly Tool[]>;
}

export interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly capabilities?: ClientCapabilities;
  /** In which era; the 2025 one when absent. */
  readonly mode?: 'legacy' | 'auto' | { readonly pin: string };
  /** Registers handlers before the handshake. */
  readonly prepare?: (client: Client) => void;
}

/** Connects a client of SDK 2.x to a workspace. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Connected> {
  const client = new Client(
    { name: 'workspace-test', version: '1.0.0' },
    { capabilities: options.capabilities ?? {}, versionNegotiation: { mode: options.mode ?? 'legacy' } },
  );
  options.prepare?.(client);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...options.headers } },
    reconnectionOptions: {
      initialReconnectionDelay: 10,
      maxReconnectionDelay: 50,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 5,
    },
  });
  await client.connect(transport);
  return {
    client,
    transport,
    async say(name, args = {}) {
      const result = await client.callTool({ name, arguments: args });
      const [first] = result.content;
      return first?.type === 'text' ? first.text : '';
    },
    tools: async () => (await client.listTools()).tools,
    async [Symbol.asyncDispose]() {
      // Some workspaces know no sessions, or have just forgotten this one; then there is nothing to end.
      await transport.terminateSession().catch(() => undefined);
      await client.close();
    },
  };
}

/** The `Authorization` header of a key. */
export function bearer(key: string): { readonly authorization: string } {
  return { authorization: `Bearer ${key}` };
}
