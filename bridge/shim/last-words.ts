/** JSON-RPC codes a shim uses by itself; the others are the owner's business. */
const PARSE_ERROR = -32700;
const TOO_LARGE = -31009;
const NOT_RUNNING = -31010;

/** What becomes of a line that no owner will answer. */
export type Fate =
  /** It asked for an answer, so it gets this one. */
  | { readonly kind: 'answer'; readonly line: Buffer }
  /** A notification, or `initialize`: it is safe to say it again to the next owner. */
  | { readonly kind: 'repeat' }
  /** An answer to a question of an owner that is gone. */
  | { readonly kind: 'drop' };

/**
 * Decides what to do with a line whose owner is gone; `mayHaveRun` when the owner had it already. Ids go back as the client wrote them (`9007199254740993` stays
 * so); a batch of MCP 2025-03-26 is answered as a whole.
 */
export function fateOf(line: Buffer, message: string, mayHaveRun: boolean): Fate {
  const ids = new Map<unknown, string>();
  const collect = function (
    this: unknown,
    key: string,
    value: unknown,
    context?: { source?: string },
  ): unknown {
    // Node 20 does not say how a value was written; there, a number beyond 2^53 comes back as it was read.
    const source = context === undefined ? sourceOf(value) : context.source;
    if (key === 'id' && source !== undefined) ids.set(this, source);
    return value;
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.toString().replace(/^\uFEFF/, ''), collect);
  } catch {
    return { kind: 'answer', line: errorLine('null', PARSE_ERROR, 'The message is not valid JSON.') };
  }
  const parts: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const requests = parts.filter((part) => isObject(part) && 'method' in part && ids.has(part));
  if (requests.length === 0) {
    return { kind: parts.some((part) => isObject(part) && 'method' in part) ? 'repeat' : 'drop' };
  }
  const [first] = requests;
  if (mayHaveRun && first === parsed && (first as { method: unknown }).method === 'initialize') {
    return { kind: 'repeat' };
  }
  const answers = requests.map((request) =>
    errorLine(ids.get(request) ?? 'null', NOT_RUNNING, message, mayHaveRun),
  );
  return {
    kind: 'answer',
    line: Array.isArray(parsed) ? Buffer.from(`[${answers.join(',')}]`) : (answers[0] ?? Buffer.alloc(0)),
  };
}

function sourceOf(value: unknown): string | undefined {
  return isObject(value) ? undefined : JSON.stringify(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The answer to a line that was let go because of its size. Its id is unknown. */
export function tooLargeLine(largestBytes: number): Buffer {
  const message = `The message is larger than ${Math.floor(largestBytes / 1024 / 1024)} MB and was not forwarded.`;
  return errorLine('null', TOO_LARGE, message);
}

function errorLine(id: string, code: number, message: string, mayHaveRun = false): Buffer {
  const error = JSON.stringify({ code, message, data: { source: 'bridge', mayHaveRun } });
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`);
}
