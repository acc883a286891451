import * as z from 'zod';

/** How a request ended. `cancelled`: by the client. `blocked`: by the person's own rules, so never sent. */
export const Outcome = z.enum(['ok', 'tool-error', 'error', 'blocked', 'cancelled', 'unknown']);
export type Outcome = z.infer<typeof Outcome>;

/** One request of a client, as the activity log keeps it. */
export const ActivityEntry = z.strictObject({
  id: z.number().int(),
  /** When the request arrived. */
  at: z.iso.datetime(),
  client: z.string(),
  door: z.enum(['stdio', 'http']),
  /** Account id, or null when none could be chosen. */
  account: z.string().nullable(),
  accountLabel: z.string().nullable(),
  /** The acting user, for workspaces that take one. */
  user: z.string().nullable(),
  method: z.string(),
  /** Tool or prompt name, or resource URI. */
  target: z.string().nullable(),
  outcome: Outcome,
  /** JSON-RPC error code, when there was one. */
  code: z.number().int().nullable(),
  durationMs: z.number().nonnegative(),
  sentBytes: z.number().int().nonnegative(),
  receivedBytes: z.number().int().nonnegative(),
  /** The workspace shortened its answer and said so. */
  truncated: z.boolean(),
  /** Redacted arguments and result; null unless the person turned them on. */
  arguments: z.string().nullable(),
  result: z.string().nullable(),
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

export const NewActivity = ActivityEntry.omit({ id: true });
export type NewActivity = z.infer<typeof NewActivity>;

/** Which entries to read; newest first. All given conditions must hold. */
export const ActivityFilter = z.strictObject({
  account: z.string().optional(),
  client: z.string().optional(),
  target: z.string().optional(),
  outcome: Outcome.optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  /** Only entries with a larger id. */
  afterId: z.number().int().optional(),
  limit: z.number().int().min(1).max(100_000).default(100),
});
export type ActivityFilter = z.input<typeof ActivityFilter>;
