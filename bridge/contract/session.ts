import * as z from 'zod';

/** A live conversation of a client with the bridge, as user interfaces see it. */
export const SessionView = z.strictObject({
  id: z.string(),
  client: z.string(),
  /** Name and version the client gave in `initialize`, or in the `_meta` of its latest request. */
  program: z.string().nullable(),
  door: z.enum(['stdio', 'http']),
  /** `current`, a connector or an account slug. */
  address: z.string(),
  /** Account id that new requests go to, or null. */
  account: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  since: z.iso.datetime(),
  calls: z.number().int().nonnegative(),
});
export type SessionView = z.infer<typeof SessionView>;
