import type {
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
  Tool,
  ToolAnnotations,
} from '@modelcontextprotocol/server';
import { ProtocolError } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { mcpPage } from './pages.ts';

/** What a call answers: its result, or a question that the client answers first (MCP 2026-07-28). */
export type ToolAnswer = CallToolResult | InputRequiredResult;

/** One row of a workspace's tool table. `Seat` is what its tools run in: who is asking, and the records they may see. */
export interface TableTool<Seat> {
  readonly name: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: z.ZodObject;
  /** Checks the arguments, then does the work. @throws BadArguments */
  readonly call: (args: unknown, seat: Seat, context: ServerContext) => Promise<ToolAnswer>;
}

/** The arguments of a call do not fit the tool's schema. */
export class BadArguments extends Error {
  constructor(tool: string, problem: string) {
    super(`Invalid arguments for tool ${tool}: ${problem}`);
    this.name = 'BadArguments';
  }
}

/** Writes one row, with the arguments typed by their schema. */
export function tableTool<Seat, Input extends z.ZodObject>(row: {
  readonly name: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: Input;
  readonly run: (
    args: z.infer<Input>,
    seat: Seat,
    context: ServerContext,
  ) => ToolAnswer | Promise<ToolAnswer>;
}): TableTool<Seat> {
  const { run, ...shown } = row;
  return {
    ...shown,
    async call(args, seat, context) {
      const parsed = row.input.safeParse(args ?? {});
      if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
        throw new BadArguments(row.name, problems.join('; '));
      }
      return run(parsed.data, seat, context);
    },
  };
}

/** A tool that only looks. */
export const reads: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
/** A tool that adds or changes something. */
export const writes: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
/** A tool that takes something away. */
export const destroys: ToolAnnotations = { readOnlyHint: false, destructiveHint: true, openWorldHint: false };

/** A result with one line of text. */
export function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

/** A result with a JSON value, as text and as structured content. */
export function show(value: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** A tool result that reports a failure; for JSON-RPC this is a success. */
export function sayError(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

const listed = new WeakMap<z.ZodObject, Tool['inputSchema']>();

/** The row as `tools/list` shows it. Schemas are converted once, so that a list of a hundred tools is quick. */
export function listing(tool: TableTool<never>): Tool {
  let inputSchema = listed.get(tool.input);
  if (inputSchema === undefined) {
    inputSchema = z.toJSONSchema(tool.input, { io: 'input' }) as Tool['inputSchema'];
    listed.set(tool.input, inputSchema);
  }
  return {
    name: tool.name,
    description: tool.description,
    inputSchema,
    annotations: tool.annotations,
  };
}

export interface ServeToolsOptions<Seat> {
  /** Asked anew for every list and every call, so a table may change while the server runs. */
  readonly tools: () => readonly TableTool<Seat>[];
  readonly seat: Seat;
  /** Names the list in its cursors, so that another workspace refuses them; `tools` when absent. */
  readonly list?: string;
  /** Tools per page of `tools/list`; all on one page when absent. */
  readonly pageSize?: number;
  /** What a call with bad arguments gets; a result with `isError` when absent (MCP 2025-11-25, server/tools). */
  readonly onBadArguments?: (failure: BadArguments) => CallToolResult;
}

/** Answers `tools/list` and `tools/call` from a table. */
export function serveTools<Seat>(server: Server, options: ServeToolsOptions<Seat>): void {
  server.setRequestHandler('tools/list', (request) => {
    const { tools, list = 'tools', pageSize } = options;
    const { items, nextCursor } = mcpPage(tools(), list, request.params?.cursor, pageSize);
    return { tools: items.map(listing), ...(nextCursor === undefined ? {} : { nextCursor }) };
  });
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params;
    const tool = options.tools().find((one) => one.name === name);
    if (tool === undefined) throw new ProtocolError(-32602, `Tool ${name} not found`);
    try {
      return await tool.call(args, options.seat, context);
    } catch (failure) {
      if (!(failure instanceof BadArguments)) throw failure;
      return options.onBadArguments?.(failure) ?? sayError(failure.message);
    }
  });
}
