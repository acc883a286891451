import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, Server } from '@modelcontextprotocol/server';
import type { AskingState } from './asking-tools.ts';
import { Gates } from './gates.ts';
import { type Changes, type ModernSeat, modernTools } from './modern-tools.ts';
import { Notes } from './notes.ts';
import { extraTool } from './plain-tools.ts';
import { servePrompts } from './prompts.ts';
import { serveTools, type TableTool } from './tool-table.ts';

/** Generous on purpose: nothing of it may reach a client whose account can be switched. */
const CACHED = { ttlMs: 60_000, cacheScope: 'public' } as const;

/** What all servers of one workspace share. */
export class ModernContent {
  readonly name: string;
  readonly gates = new Gates();
  readonly notes: Notes;
  readonly tools: TableTool<ModernSeat>[];
  /** Seals the states of questions. */
  readonly key = randomBytes(32);
  readonly pageSize: number | undefined;
  readonly instructions: string | undefined;
  #added = 0;

  constructor(
    name: string,
    given: {
      readonly tools?: readonly TableTool<ModernSeat>[];
      readonly pageSize?: number | undefined;
      readonly instructions?: string | undefined;
    } = {},
  ) {
    this.name = name;
    this.tools = [...modernTools, ...(given.tools ?? [])];
    this.pageSize = given.pageSize;
    this.instructions = given.instructions;
    this.notes = new Notes(name, { pageSize: given.pageSize, asks: true });
  }

  /** Adds a tool that does nothing; answers its name. */
  addTool(): string {
    this.#added += 1;
    const tool = `extra-${this.#added}`;
    this.tools.push(extraTool(tool));
    return tool;
  }
}

/**
 * The server of one request (MCP 2026-07-28), of one session (MCP 2025-11-25), or of one local command. Its tools are
 * written once; the official SDK asks a client of the older era by requests.
 */
export function modernServer(
  content: ModernContent,
  who: string,
  era: ModernSeat['era'],
  changesOf: (server: Server) => Changes,
): Server {
  const { name, instructions, pageSize } = content;
  const codec = createRequestStateCodec<AskingState>({
    key: content.key,
    bind: ({ mcpReq }) => `${who} ${mcpReq.method}`,
  });
  const server = new Server(
    { name, version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      cacheHints: {
        'server/discover': CACHED,
        'tools/list': CACHED,
        'prompts/list': CACHED,
        'resources/list': CACHED,
        'resources/templates/list': CACHED,
        'resources/read': CACHED,
      },
      requestState: { verify: (state, context) => codec.verify(state, context) },
      ...(instructions === undefined ? {} : { instructions }),
    },
  );
  const seat: ModernSeat = {
    workspace: name,
    who,
    era,
    gates: content.gates,
    changes: changesOf(server),
    seal: (state, context) => codec.mint(state, context),
  };
  const paging = pageSize === undefined ? {} : { pageSize };
  serveTools(server, { tools: () => content.tools, seat, list: `tools of ${name}`, ...paging });
  content.notes.serve(server);
  servePrompts(server, name, { asks: true });
  return server;
}
