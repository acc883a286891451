import { randomUUID } from 'node:crypto';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Door, shimCommand, type World } from './world.ts';

const VERSION = '2026-07-28';

/** The answer to one request, as its client read it. */
export interface BareAnswer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
  /** Everything that came, as text. */
  readonly text: string;
}

/** A client of MCP 2026-07-28 that writes its requests by itself, so that it can send what no SDK would. */
export interface BareClient extends AsyncDisposable {
  ask(method: string, params?: object): Promise<BareAnswer>;
  call(name: string, given?: object, more?: object): Promise<BareAnswer>;
}

/** Connects at a door: without a handshake there is nothing more to it. */
export async function bare(world: World, door: Door, address = 'current'): Promise<BareClient> {
  const { send, close } = await (door === 'stdio' ? overStdio(world, address) : overHttp(world, address));
  const ask = (method: string, params: object = {}): Promise<BareAnswer> => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      'io.modelcontextprotocol/clientInfo': { name: 'bare', version: '1.0.0' },
    };
    return send({ jsonrpc: '2.0', id: randomUUID(), method, params: { ...params, _meta } });
  };
  return {
    ask,
    call: (name, given = {}, more = {}) => ask('tools/call', { name, arguments: given, ...more }),
    [Symbol.asyncDispose]: close,
  };
}

interface BareRequest {
  readonly jsonrpc: '2.0';
  readonly id: string;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

interface Wire {
  send(request: BareRequest): Promise<BareAnswer>;
  close(): Promise<void>;
}

async function overHttp(world: World, address: string): Promise<Wire> {
  const { url, headers } = await world.endpoint(address);
  return {
    async send(request) {
      const { method, params } = request;
      const name = params.name ?? params.uri;
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...headers,
          Accept: 'application/json, text/event-stream',
          'Content-Type': 'application/json',
          'MCP-Protocol-Version': VERSION,
          'Mcp-Method': method,
          ...(typeof name === 'string' ? { 'Mcp-Name': name } : {}),
        },
        body: JSON.stringify(request),
      });
      const text = await response.text();
      // The last message of a stream is the answer.
      const last = text.startsWith('{') ? text : /data: (\{[^\n]*\})\s*$/.exec(text)?.[1];
      return { ...(JSON.parse(last ?? '{}') as BareAnswer), text };
    },
    close: async () => undefined,
  };
}

async function overStdio(world: World, address: string): Promise<Wire> {
  const transport = new StdioClientTransport(shimCommand(world.paths, address));
  const waiting = new Map<unknown, (answer: BareAnswer) => void>();
  transport.onmessage = (message) => {
    if (!('id' in message) || 'method' in message) return;
    waiting.get(message.id)?.({ ...(message as object), text: JSON.stringify(message) });
  };
  await transport.start();
  return {
    async send(request) {
      const { promise, resolve } = Promise.withResolvers<BareAnswer>();
      waiting.set(request.id, resolve);
      await transport.send(request);
      return promise;
    },
    close: () => transport.close(),
  };
}
