import * as z from 'zod';

/** What a check is about; reports show them in this order. */
export const DoctorArea = z.enum(['gangway', 'files', 'keychain', 'doors', 'network', 'accounts', 'clients']);
export type DoctorArea = z.infer<typeof DoctorArea>;

/** Outcome of one look at one thing. */
export const DoctorCheck = z.strictObject({
  /** Stable name of what was found, for programs: `port-taken`, `socket-stale`, `clock-off`; of a good check, what it looked at. */
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  area: DoctorArea,
  /** `notice`: works, but is worth knowing. `skipped`: something before it failed. */
  state: z.enum(['ok', 'notice', 'bad', 'skipped']),
  /** What it is about: an account, a client, a file; null for the whole. */
  subject: z.string().nullable(),
  /** One sentence: what was found and what it means. */
  text: z.string(),
  /** The one thing to do; null when all is well. */
  fix: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

/** A whole look at Gangway on this computer. */
export const DoctorReport = z.strictObject({
  at: z.iso.datetime(),
  version: z.string(),
  checks: z.array(DoctorCheck),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
