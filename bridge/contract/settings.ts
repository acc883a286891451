import * as z from 'zod';

/** Settings a person may change; every field has a default, so an empty file is valid. */
export const Settings = z.strictObject({
  /** Port of the local HTTP door on 127.0.0.1; chosen once at first start and kept. */
  port: z.number().int().min(1024).max(65535).optional(),
  /** Whether the HTTP door is opened at start. */
  http: z.boolean().default(true),
  /** A shim that finds no owner may start one. */
  startOwner: z.boolean().default(true),
  /** Days that activity is kept; 0 keeps none. */
  activityDays: z.number().int().min(0).max(3650).default(90),
  /** Also keep arguments and results, redacted. */
  activityBodies: z.boolean().default(false),
  /** Stops every call while true. */
  paused: z.boolean().default(false),
});
export type Settings = z.infer<typeof Settings>;
