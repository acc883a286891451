import * as z from 'zod';

/**
 * How requests leave this computer. `system`: as the desktop is set up, else as the environment says (HTTPS_PROXY,
 * NO_PROXY). This computer itself is never reached through a proxy.
 */
export const ProxySetting = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('system') }),
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({ mode: z.literal('manual'), url: z.string().max(500) }),
]);
export type ProxySetting = z.infer<typeof ProxySetting>;

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
  /** When the pause ends by itself. */
  pausedUntil: z.iso.datetime(),
  /** Every account is read-only while true, whatever its own rules say. */
  readOnly: z.boolean(),
  proxy: ProxySetting,
};

/** Settings a person may change; every field has a default, so an empty file is valid. */
export const Settings = z.strictObject({
  port: fields.port.optional(),
  http: fields.http.default(true),
  startOwner: fields.startOwner.default(true),
  activityDays: fields.activityDays.default(90),
  activityBodies: fields.activityBodies.default(false),
  paused: fields.paused.default(false),
  pausedUntil: fields.pausedUntil.optional(),
  readOnly: fields.readOnly.default(false),
  proxy: fields.proxy.default({ mode: 'system' }),
});
export type Settings = z.infer<typeof Settings>;

/** Some settings. Without defaults, because `Settings.partial()` would fill in and so reset every absent field. */
export const SettingsChange = z.strictObject(fields).omit({ pausedUntil: true }).partial();
export type SettingsChange = z.infer<typeof SettingsChange>;
