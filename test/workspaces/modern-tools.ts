import type { ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { type AskingSeat, askingTools } from './asking-tools.ts';
import { quietTools, unusual } from './plain-tools.ts';
import { reads, say, show, type TableTool, tableTool, writes } from './tool-table.ts';

export type ListKind = 'tools' | 'prompts' | 'resources';

/** What the workspace can have changed, and announces. */
export interface Changes {
  /** Adds a tool named `extra-<n>` and announces the change; answers its name. */
  changeTools(): Promise<string>;
  /** Says that a list changed. */
  announce(kind: ListKind): Promise<void>;
  /** Changes a note and says so to those who follow it. */
  touch(uri: string): Promise<void>;
}

/** What a tool of the modern workspace runs in. */
export interface ModernSeat extends AskingSeat {
  /** Label of the token that came with the request. */
  readonly who: string;
  readonly era: 'legacy' | 'modern';
  readonly changes: Changes;
}

const whoami = tableTool({
  name: 'whoami',
  description: 'Tells which workspace this is, whose token came in, and in which era it was asked.',
  annotations: reads,
  input: z.object({}),
  run: (_args, { workspace, who, era }: ModernSeat, context) =>
    show({ workspace, token: who, era, session: context.sessionId ?? null, headers: unusual(context) }),
});

const change = tableTool({
  name: 'change',
  description: 'Adds a tool, says that a list changed, or changes a note; clients that listen are told.',
  annotations: writes,
  input: z.object({
    list: z.enum(['tools', 'prompts', 'resources']).default('tools'),
    note: z.string().optional(),
  }),
  run: async ({ list, note }, { workspace, changes }: ModernSeat) => {
    if (note !== undefined) await changes.touch(note);
    else if (list !== 'tools') await changes.announce(list);
    else return say(`${workspace}: ${await changes.changeTools()}`);
    return say(`${workspace}: changed`);
  },
});

/** An argument that travels as the header `Mcp-Param-<name>` too (MCP 2026-07-28, streamable HTTP). */
const asHeader = (name: string) => ({ 'x-mcp-header': name });

const dispatch = tableTool({
  name: 'dispatch',
  description: 'Sends somebody out. Four of its arguments travel as headers too; it tells what arrived.',
  annotations: writes,
  input: z.object({
    region: z.string().meta(asHeader('Region')),
    crew: z.number().int().optional().meta(asHeader('Crew')),
    urgent: z.boolean().optional().meta(asHeader('Urgent')),
    place: z.object({ city: z.string().meta(asHeader('City')), street: z.string().optional() }).optional(),
  }),
  run: (given, { workspace }: ModernSeat, context) =>
    show({ workspace, given, headers: paramHeaders(context) }),
});

/** Only where it is wanted, because clients complain about it. */
export const misprint: TableTool<ModernSeat> = tableTool({
  name: 'misprint',
  description: 'Names a header that cannot exist, so HTTP clients must leave this tool out.',
  annotations: reads,
  input: z.object({ region: z.string().meta(asHeader('Not a name')) }),
  run: (_args, { workspace }: ModernSeat) => say(`${workspace}: nobody should get here`),
});

const openGate = tableTool({
  name: 'open-gate',
  description: 'Waits until a call stands at a gate, then lets it pass.',
  annotations: writes,
  input: z.object({ gate: z.string() }),
  run: async ({ gate }, { workspace, gates }: ModernSeat) => {
    await gates.reached(gate);
    gates.release(gate);
    return say(`${workspace}: open`);
  },
});

const watchGate = tableTool({
  name: 'watch-gate',
  description: 'Waits until a call stands at a gate, or until one that stood there was cancelled.',
  annotations: reads,
  input: z.object({ gate: z.string(), until: z.enum(['reached', 'cancelled']) }),
  run: async ({ gate, until }, { workspace, gates }: ModernSeat) => {
    await gates[until](gate);
    return say(`${workspace}: ${until}`);
  },
});

export const modernTools: readonly TableTool<ModernSeat>[] = [
  ...quietTools,
  ...askingTools,
  whoami,
  change,
  dispatch,
];

/** For a local command, at whose gates no test can stand. */
export const gateTools: readonly TableTool<ModernSeat>[] = [openGate, watchGate];

function paramHeaders(context: ServerContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(unusual(context)).filter(([name]) => name.startsWith('mcp-param-')),
  );
}
