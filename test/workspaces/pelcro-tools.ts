import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { PelcroAccount } from './pelcro-access.ts';
import type { PelcroRow, PelcroSite } from './pelcro-records.ts';
import { type PelcroAction, type PelcroResource, type PelcroVerb, pelcroResources } from './pelcro-table.ts';
import { nextId } from './row-ids.ts';
import { destroys, reads, type TableTool, tableTool, writes } from './tool-table.ts';

/** What Pelcro's tools run in. */
export interface PelcroSeat {
  readonly account: PelcroAccount;
  readonly environment: 'production' | 'staging';
  readonly sites: ReadonlyMap<string, PelcroSite>;
  /** The API failure that the next call gets, if a test asked for one. */
  readonly apiFailure: () => PelcroApiError | undefined;
}

/** A failure of the Core API behind the tools; it travels as a tool result, not as a protocol error. */
export class PelcroApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'PelcroApiError';
    this.status = status;
  }
}

/** Most characters an answer may have. */
export const MAX_ANSWER_CHARACTERS = 25_000;
const NOTICE = '\n[Truncated at 25,000 characters. Use a smaller limit or add filters.]';

/** A result with the failure of the API, marked as an error. */
export function apiErrorResult({ status, message }: PelcroApiError): CallToolResult {
  const error = { error: { status, message } };
  return {
    content: [{ type: 'text', text: `API error ${status}: ${JSON.stringify(error)}` }],
    isError: true,
  };
}

const site_id = z.string().describe('Id of the site; get_account lists them.');
const id = z.string();

const getAccount = tableTool({
  name: 'get_account',
  description: 'Tells which account was granted and which sites it has.',
  annotations: reads,
  input: z.object({}),
  run: (_args, seat: PelcroSeat) =>
    guarded(seat, () => {
      const { account, environment, sites } = seat;
      return {
        id: account.id,
        name: account.name,
        environment,
        sites: [...sites.keys()].map((site) => ({ id: site })),
      };
    }),
});

type ToolOf = (resource: PelcroResource) => TableTool<PelcroSeat>;

const verbTools: Readonly<Record<PelcroVerb, ToolOf>> = {
  list: ({ one, many }) =>
    tableTool({
      name: `list_${many}`,
      description: `Lists ${spoken(many)}, page by page.`,
      annotations: reads,
      input: z.object({
        site_id,
        page: z.number().int().min(1).default(1),
        limit: z.number().int().min(1).max(100).default(10),
      }),
      run: ({ site_id: site, page, limit }, seat: PelcroSeat) =>
        guarded(seat, () => {
          const rows = rowsOf(seat, site, one);
          return { data: rows.slice((page - 1) * limit, page * limit), page, limit, total: rows.length };
        }),
    }),
  get: ({ one }) =>
    tableTool({
      name: `get_${one}`,
      description: `Gets one ${spoken(one)}.`,
      annotations: reads,
      input: z.object({ site_id, id }),
      run: ({ site_id: site, id: wanted }, seat: PelcroSeat) =>
        guarded(seat, () => rowOf(seat, site, one, wanted)),
    }),
  create: ({ one, fields }) =>
    tableTool({
      name: `create_${one}`,
      description: `Creates one ${spoken(one)}.`,
      annotations: writes,
      input: z.object({ ...fields, site_id }),
      run: ({ site_id: site, ...given }, seat: PelcroSeat) =>
        guarded(seat, () => addRow(seat, site, one, given)),
    }),
  update: ({ one, fields }) =>
    tableTool({
      name: `update_${one}`,
      description: `Changes one ${spoken(one)}.`,
      annotations: { ...writes, idempotentHint: true },
      input: z.object({ ...z.object(fields).partial().shape, site_id, id }),
      run: ({ site_id: site, id: wanted, ...given }, seat: PelcroSeat) =>
        guarded(seat, () => Object.assign(rowOf(seat, site, one, wanted), given)),
    }),
  delete: ({ one }) =>
    tableTool({
      name: `delete_${one}`,
      description: `Deletes one ${spoken(one)}.`,
      annotations: { ...destroys, idempotentHint: true },
      input: z.object({ site_id, id }),
      run: ({ site_id: site, id: wanted }, seat: PelcroSeat) =>
        guarded(seat, () => {
          const rows = rowsOf(seat, site, one);
          rows.splice(rows.indexOf(rowOf(seat, site, one, wanted)), 1);
          return { id: wanted, deleted: true };
        }),
    }),
};

/** All tools: `get_account`, and for every resource its verbs and its special actions. */
export const pelcroTools: readonly TableTool<PelcroSeat>[] = [
  getAccount,
  ...pelcroResources.flatMap((resource) => [
    ...resource.verbs.map((verb) => verbTools[verb](resource)),
    ...(resource.actions ?? []).map((action) => actionTool(resource, action)),
  ]),
];

/** The tool that appears when the tool list changes. */
export const newTool: TableTool<PelcroSeat> = actionTool(
  { one: 'subscription', many: 'subscriptions', verbs: [], fields: {} },
  { name: 'pause_subscription', does: 'Pauses a subscription.', kind: 'write', sets: { status: 'paused' } },
);

function actionTool({ one }: PelcroResource, action: PelcroAction): TableTool<PelcroSeat> {
  const { name, does, kind, whole, takes = {}, sets = {} } = action;
  const input: z.ZodObject = z.object({ ...takes, site_id, ...(whole === true ? {} : { id }) });
  return tableTool({
    name,
    description: does,
    annotations: { read: reads, write: writes, destroy: destroys }[kind],
    input,
    run: (args, seat: PelcroSeat) =>
      guarded(seat, () => {
        const { site_id: site, id: wanted, ...given } = args;
        if (kind === 'read') {
          return { action: name, ...given, records: rowsOf(seat, String(site), one).length };
        }
        if (whole === true) return addRow(seat, String(site), one, { ...given, ...sets });
        return Object.assign(rowOf(seat, String(site), one, String(wanted)), given, sets, {
          last_action: name,
        });
      }),
  });
}

/** Runs the work of a tool; a failure of the API becomes a result, and a long answer is cut. */
function guarded(seat: PelcroSeat, work: () => Readonly<Record<string, unknown>>): CallToolResult {
  try {
    const failure = seat.apiFailure();
    if (failure !== undefined) throw failure;
    const text = JSON.stringify(work(), undefined, 1);
    if (text.length <= MAX_ANSWER_CHARACTERS) return { content: [{ type: 'text', text }] };
    const cut = text.slice(0, MAX_ANSWER_CHARACTERS - NOTICE.length) + NOTICE;
    return { content: [{ type: 'text', text: cut }] };
  } catch (failure) {
    if (failure instanceof PelcroApiError) return apiErrorResult(failure);
    throw failure;
  }
}

function rowsOf(seat: PelcroSeat, site: string, resource: string): PelcroRow[] {
  const rows = seat.sites.get(site)?.get(resource);
  if (rows === undefined) throw new PelcroApiError(404, 'This account has no such site.');
  return rows;
}

function rowOf(seat: PelcroSeat, site: string, resource: string, wanted: string): PelcroRow {
  const row = rowsOf(seat, site, resource).find((one) => one.id === wanted);
  if (row === undefined) throw new PelcroApiError(404, `No ${spoken(resource)} has this id.`);
  return row;
}

function addRow(
  seat: PelcroSeat,
  site: string,
  resource: string,
  given: Readonly<Record<string, unknown>>,
): PelcroRow {
  const rows = rowsOf(seat, site, resource);
  const row = { status: 'active', ...given, id: nextId(resource, rows), site_id: site };
  rows.push(row);
  return row;
}

function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}
