import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { alyError } from './aly-errors.ts';
import { type AlyFamily, alyFamilies } from './aly-families.ts';
import { nextId } from './row-ids.ts';
import { destroys, reads, show, type TableTool, tableTool, writes } from './tool-table.ts';

type Row = { id: string; name: string; status: string };

/** What Aly's tools run in. */
export interface AlySeat {
  /** Label of the key. */
  readonly principal: string;
  /** Records by family. */
  readonly records: Map<string, Row[]>;
  /** Results by principal, tool and idempotency key. */
  readonly done: Map<string, CallToolResult>;
}

/** A tool, with the family it belongs to and the scope it needs. */
export interface AlyTool extends TableTool<AlySeat> {
  readonly family: string;
  readonly scope: string;
}

/** Fresh records: three in every family that keeps a list, one settings record in the others. */
export function alyRecords(workspace: string): Map<string, Row[]> {
  return new Map(
    alyFamilies.map((family) => [
      family.family,
      Array.from({ length: keepsList(family) ? 3 : 1 }, (_, index) => ({
        id: `${family.family}_${index + 1}`,
        name: `${family.family} ${index + 1} of ${workspace}`,
        status: 'active',
      })),
    ]),
  );
}

const id = z.string().min(1);
const name = z.string().min(1).max(200);
const idempotency_key = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe('The same key again within a day gives the first result again, and nothing is done twice.');

export const alyTools: readonly AlyTool[] = alyFamilies.flatMap((family) =>
  family.verbs.map((verb) =>
    alyTool(family, verb.replaceAll('!', ''), verb.length - verb.replaceAll('!', '').length),
  ),
);

const byName = new Map(alyTools.map((tool) => [tool.name, tool]));

/** The scope a tool needs; undefined when there is no such tool. */
export function scopeOf(tool: string): string | undefined {
  return byName.get(tool)?.scope;
}

function alyTool(family: AlyFamily, verb: string, changes: number): AlyTool {
  const toolName = `${family.family}_${verb}`.replaceAll('-', '_');
  const scopes = [family.reading, family.writing, family.removing ?? family.writing];
  const annotations = [reads, writes, destroys][changes] ?? reads;
  return {
    family: family.family,
    scope: scopes[changes] ?? family.reading,
    ...tableTool({
      name: toolName,
      description: `${verb.replaceAll('_', ' ')}: ${family.family.replaceAll('-', ' ')}.`,
      annotations: changes === 0 ? annotations : { ...annotations, idempotentHint: false },
      input: inputOf(family, verb, changes),
      run: (args, seat: AlySeat) =>
        once(toolName, args.idempotency_key, seat, () => act(family, verb, args, seat)),
    }),
  };
}

/** Does the work, or gives the first result again when the key has been used for this tool before. */
function once(tool: string, key: unknown, seat: AlySeat, work: () => CallToolResult): CallToolResult {
  if (typeof key !== 'string') return work();
  const slot = JSON.stringify([seat.principal, tool, key]);
  const result = seat.done.get(slot) ?? work();
  seat.done.set(slot, result);
  return result;
}

function keepsList(family: AlyFamily): boolean {
  return (
    family.on !== undefined || family.verbs.some((verb) => verb.startsWith('list') || verb === 'traffic')
  );
}

function creates(verb: string): boolean {
  return ['create', 'upload', 'attach'].includes(verb);
}

function needsId(family: AlyFamily, verb: string, changes: number): boolean {
  if (!keepsList(family) || creates(verb)) return false;
  return changes > 0 || verb.startsWith('get') || verb === 'quote';
}

function inputOf(family: AlyFamily, verb: string, changes: number): z.ZodObject {
  const limit = z.number().int().min(1).max(100).default(20);
  return z.object({
    ...(needsId(family, verb, changes) ? { id } : {}),
    ...(creates(verb) ? { name } : {}),
    ...(verb === 'update' ? { name: name.optional(), status: z.string().optional() } : {}),
    ...(changes === 0 && !needsId(family, verb, changes) ? { limit } : {}),
    ...(changes === 0 ? {} : { idempotency_key }),
  });
}

function act(
  family: AlyFamily,
  verb: string,
  args: Readonly<Record<string, unknown>>,
  seat: AlySeat,
): CallToolResult {
  const rows = seat.records.get(family.on ?? family.family) ?? [];
  if (creates(verb)) {
    const row = { id: nextId(family.family, rows), name: String(args.name), status: 'active' };
    rows.push(row);
    return show({ ...row });
  }
  const single = args.id !== undefined || !keepsList(family);
  if (!single) return show({ data: rows.slice(0, Number(args.limit)), total: rows.length });
  const row = args.id === undefined ? rows[0] : rows.find((one) => one.id === args.id);
  if (row === undefined) throw alyError('not_found', `There is no ${family.family} record with this id.`);
  if (verb === 'delete' || verb === 'revoke') rows.splice(rows.indexOf(row), 1);
  if (verb === 'update') {
    row.name = String(args.name ?? row.name);
    row.status = String(args.status ?? row.status);
  } else if (!verb.startsWith('get') && verb !== 'quote' && verb !== 'members') {
    row.status = `${verb} done`;
  }
  return show({ ...row });
}
