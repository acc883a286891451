import { setTimeout as wait } from 'node:timers/promises';
import { ProtocolError, type ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Gates } from './gates.ts';
import { reads, say, sayError, show, type TableTool, tableTool, writes } from './tool-table.ts';

/** What every general-purpose workspace gives its tools. */
export interface Seat {
  /** The workspace's name. */
  readonly workspace: string;
  readonly gates: Gates;
}

/** What a tool of the plain workspace runs in. */
export interface PlainSeat extends Seat {
  /** Label of the token that came with the session's first request. */
  readonly who: string;
  readonly ask: (text: string, context: ServerContext, stream: Stream) => Promise<string>;
  readonly sample: (text: string, context: ServerContext, stream: Stream) => Promise<string>;
  readonly roots: (context: ServerContext, stream: Stream) => Promise<readonly string[]>;
}

/** Where a request of the server travels: on the stream of the call that caused it, or on the standing GET stream. */
export type Stream = z.infer<typeof Stream>;
const Stream = z.enum(['call', 'standing']);

/** Headers that every MCP request over HTTP carries; `whoami` shows the others. */
const ORDINARY_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'sec-fetch-mode',
  'transfer-encoding',
  'user-agent',
]);

/** The headers of the call's HTTP request that are not on every one. */
export function unusual(context: ServerContext): Record<string, string> {
  const headers = [...(context.http?.req?.headers ?? [])];
  return Object.fromEntries(headers.filter(([name]) => !ORDINARY_HEADERS.has(name)));
}

const echo = tableTool({
  name: 'echo',
  description: 'Gives the text back, after the name of the workspace.',
  annotations: reads,
  input: z.object({ text: z.string() }),
  run: ({ text }, { workspace }: Seat) => say(`${workspace}: ${text}`),
});

const whoami = tableTool({
  name: 'whoami',
  description: 'Tells which workspace this is, whose token came in, and which unusual headers came with it.',
  annotations: reads,
  input: z.object({}),
  run: (_args, { workspace, who }: PlainSeat, context) => {
    return show({ workspace, token: who, session: context.sessionId ?? null, headers: unusual(context) });
  },
});

const slow = tableTool({
  name: 'slow',
  description: 'Waits for some milliseconds, or at a named gate until it is released, then answers.',
  annotations: reads,
  input: z.object({
    gate: z.string().optional(),
    ms: z.number().int().min(0).max(60_000).optional(),
    hangUp: z.boolean().default(false).describe('Close the event stream first, so that it must be resumed.'),
  }),
  run: async ({ gate, ms, hangUp }, { workspace, gates }: Seat, context) => {
    if (hangUp) context.http?.closeSSE?.();
    if (ms !== undefined) await wait(ms, undefined, { signal: context.mcpReq.signal });
    if (gate !== undefined) await gates.pass(gate, context.mcpReq.signal);
    return say(`${workspace}: done waiting`);
  },
});

const ask = tableTool({
  name: 'ask',
  description: 'Asks the person at the client something and gives the answer back (elicitation/create).',
  annotations: reads,
  input: z.object({ question: z.string(), stream: Stream.default('call') }),
  run: async ({ question, stream }, { workspace, ask: put }: PlainSeat, context) =>
    say(`${workspace}: ${await put(question, context, stream)}`),
});

const sample = tableTool({
  name: 'sample',
  description: "Has the client's model complete a text (sampling/createMessage).",
  annotations: reads,
  input: z.object({ text: z.string(), stream: Stream.default('call') }),
  run: async ({ text, stream }, { workspace, sample: put }: PlainSeat, context) =>
    say(`${workspace}: ${await put(text, context, stream)}`),
});

const roots = tableTool({
  name: 'roots',
  description: 'Lists the roots of the client (roots/list).',
  annotations: reads,
  input: z.object({ stream: Stream.default('call') }),
  run: async ({ stream }, { workspace, roots: list }: PlainSeat, context) =>
    show({ workspace, roots: await list(context, stream) }),
});

const progress = tableTool({
  name: 'progress',
  description: 'Sends some progress notifications, waits at a gate if one is named, then answers how many.',
  annotations: reads,
  input: z.object({ steps: z.number().int().min(1).max(100).default(3), gate: z.string().optional() }),
  run: async ({ steps, gate }, { workspace, gates }: Seat, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    if (progressToken === undefined) return say(`${workspace}: nobody wants progress`);
    for (let step = 1; step <= steps; step += 1) {
      await context.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress: step, total: steps, message: `step ${step}` },
      });
    }
    if (gate !== undefined) await gates.pass(gate, context.mcpReq.signal);
    return say(`${workspace}: ${steps} steps`);
  },
});

const log = tableTool({
  name: 'log',
  description: 'Sends one log message to the client.',
  annotations: reads,
  input: z.object({ text: z.string(), level: z.enum(['debug', 'info', 'warning', 'error']).default('info') }),
  run: async ({ text, level }, { workspace }: Seat, context) => {
    await context.mcpReq.log(level, { workspace, text }, workspace);
    return say(`${workspace}: logged`);
  },
});

const fail = tableTool({
  name: 'fail',
  description: 'Fails: as a tool result, or as a JSON-RPC error with a code and data of its own.',
  annotations: writes,
  input: z.object({ how: z.enum(['result', 'error']).default('result') }),
  run: ({ how }, { workspace }: Seat) => {
    if (how === 'error')
      throw new ProtocolError(-32050, `${workspace}: no`, { reason: 'asked-to', workspace });
    return sayError(`${workspace}: it did not work`);
  },
});

const big = tableTool({
  name: 'big',
  description: 'Answers with a text of the wanted size.',
  annotations: reads,
  input: z.object({
    sizeBytes: z
      .number()
      .int()
      .min(1)
      .max(64 * 1024 * 1024),
  }),
  run: ({ sizeBytes }) => say('x'.repeat(sizeBytes)),
});

/** The tools that ask nobody anything, which is the same in both eras. */
export const quietTools: readonly TableTool<Seat>[] = [echo, slow, progress, log, fail, big];

export const plainTools: readonly TableTool<PlainSeat>[] = [
  echo,
  whoami,
  slow,
  ask,
  sample,
  roots,
  progress,
  log,
  fail,
  big,
];

/** A tool that only exists to change the list. */
export function extraTool(name: string): TableTool<Seat> {
  return tableTool({
    name,
    description: 'Exists to change the tool list.',
    annotations: reads,
    input: z.object({}),
    run: (_args, { workspace }: Seat) => say(`${workspace}: ${name}`),
  });
}
