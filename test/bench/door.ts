/** What the workspace of the bench asks of everybody; no secret of anybody. */
export const KEY = 'bench-key-that-opens-only-the-bench';
export const USER = 'bench@example.com';

export const eras = ['legacy', 'modern'] as const;
export type Era = (typeof eras)[number];

/** Headers of the workspace's own, beside those of MCP. */
export const CREDENTIALS = { authorization: `Bearer ${KEY}`, 'x-user-email': USER };

/** How many tools the workspace lists, and the one that answers with this many characters of base64. */
export const TOOL_COUNT = 80;
export const BLOB_TOOL = 'blob';
export const blobText = (): string => 'QUJD'.repeat(2_500_000);

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
};

/** The result of an answer, as far as it is looked at. */
export interface Result {
  readonly protocolVersion?: string;
  readonly supportedVersions?: readonly string[];
  readonly content?: readonly { readonly text?: string; readonly resource?: { readonly blob?: string } }[];
  readonly tools?: readonly unknown[];
}

/** A request that is asked again and again, written once, and what its answer must be. */
export interface Question {
  readonly method: string;
  readonly tool: string | undefined;
  /** The params as text, as a client of that era writes them. */
  readonly params: Readonly<Record<Era, string>>;
  isRight(result: Result): boolean;
}

export function question(
  method: string,
  params: { readonly name?: string; readonly [name: string]: unknown },
  isRight: (result: Result) => boolean,
): Question {
  return {
    method,
    tool: params.name,
    params: {
      legacy: JSON.stringify(params),
      modern: JSON.stringify({ ...params, _meta: ENVELOPE }),
    },
    isRight,
  };
}

/** The text of a request. */
export function requestText(era: Era, id: number, { method, params }: Question): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params[era]}}`;
}

/** The headers of MCP that go with it; the session's id is the caller's. */
export function requestHeaders(
  era: Era,
  method: string,
  tool: string | undefined,
): Readonly<Record<string, string>> {
  const both = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (era === 'legacy') return { ...both, 'mcp-protocol-version': '2025-11-25' };
  const named = tool === undefined ? {} : { 'mcp-name': tool };
  return { ...both, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named };
}

/** How a conversation of each era begins. */
export const opening: Readonly<Record<Era, Question>> = {
  legacy: question(
    'initialize',
    {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    },
    ({ protocolVersion }) => protocolVersion === '2025-11-25',
  ),
  modern: question(
    'server/discover',
    {},
    ({ supportedVersions }) => supportedVersions?.includes('2026-07-28') === true,
  ),
};

export const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
