import * as z from 'zod';

const fields = {
  /** Port of the local HTTP door on 127.0.0.1; chosen once at first start and kept. */
  port: z.number().int().min(1024).max(65535),
  /** Whether the HTTP door is opened at start. */
  http: z.boolean(),
  /** A shim that finds no owner may start one. */
  startOwner: z.boolean(),
  /** Days that activity is kept; 0 keeps none. */
  activityDays: z.number().int().min(0).max(3650),
  /** Also keep arguments and results, redacted. */
  activityBodies: z.boolean(),
  /** Stops every call while true. */
  paused: z.boolean(),
};

/** Settings a person may change; every field has a default, so an empty file is valid. */
export const Settings = z.strictObject({
  port: fields.port.optional(),
  http: fields.http.default(true),
  startOwner: fields.startOwner.default(true),
  activityDays: fields.activityDays.default(90),
  activityBodies: fields.activityBodies.default(false),
  paused: fields.paused.default(false),
});
export type Settings = z.infer<typeof Settings>;

/** Some settings. Without defaults, because `Settings.partial()` would fill in and so reset every absent field. */
export const SettingsChange = z.strictObject(fields).partial();
export type SettingsChange = z.infer<typeof SettingsChange>;
