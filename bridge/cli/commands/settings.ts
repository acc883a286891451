import { readProxyAddress } from '../../base/network.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { ProxySetting, Settings, SettingsChange } from '../../contract/settings.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';

export type SettingsOptions =
  | { readonly kind: 'all' }
  | { readonly kind: 'one'; readonly key: SettingName }
  | { readonly kind: 'set'; readonly key: SettingName; readonly change: SettingsChange };

/** The end of a pause is no setting of its own: `gangway pause --for` sets it. */
type SettingName = Exclude<keyof Settings, 'pausedUntil'>;
type Takes = 'number' | 'switch' | 'proxy';

/** What each setting is for, and what kind of value it takes. */
const known: Readonly<Record<SettingName, { readonly takes: Takes; readonly says: string }>> = {
  port: { takes: 'number', says: 'port of the HTTP door on 127.0.0.1, from the next start' },
  http: { takes: 'switch', says: 'open the HTTP door at start' },
  startOwner: { takes: 'switch', says: 'apps may start the bridge when it does not run' },
  activityDays: { takes: 'number', says: 'days the activity log goes back; 0 keeps none' },
  activityBodies: { takes: 'switch', says: 'also log arguments and results, redacted' },
  paused: { takes: 'switch', says: 'let no call through' },
  readOnly: { takes: 'switch', says: 'let no call through that changes something, at any account' },
  proxy: { takes: 'proxy', says: 'how workspaces are reached: system, none, or http://host:port' },
};

export const command = bridgeCommand<unknown, SettingsOptions>({
  usage: 'settings [key] [value]',
  summary: 'show or change settings',
  details: Object.entries(known)
    .map(([key, { says }]) => `${key.padEnd(16)}${says}`)
    .join('\n'),
  parse: parseSettings,
  run: settings,
});

/** @throws BridgeError `invalid-input` for an unknown key or a value of the wrong kind. */
export function parseSettings([typed, value]: readonly string[]): SettingsOptions {
  if (typed === undefined) return { kind: 'all' };
  const wanted = typed.replaceAll('-', '').toLowerCase();
  const key = (Object.keys(known) as SettingName[]).find((name) => name.toLowerCase() === wanted);
  if (!key) {
    throw new BridgeError(
      'invalid-input',
      `There is no such setting. Choose one of: ${Object.keys(known).join(', ')}.`,
    );
  }
  if (value === undefined) return { kind: 'one', key };
  return { kind: 'set', key, change: { [key]: readValue(known[key].takes, value) } };
}

function readValue(takes: Takes, typed: string): number | boolean | ProxySetting {
  if (takes === 'proxy') {
    const mode = typed.toLowerCase();
    return mode === 'system' || mode === 'none' ? { mode } : { mode: 'manual', url: readProxyAddress(typed) };
  }
  if (takes === 'number') {
    if (/^\d{1,9}$/.test(typed)) return Number(typed);
    throw new BridgeError('invalid-input', 'This setting is a whole number.');
  }
  if (/^(on|true|yes)$/i.test(typed)) return true;
  if (/^(off|false|no)$/i.test(typed)) return false;
  throw new BridgeError('invalid-input', 'This setting is on or off.');
}

/** Shows all settings or one, or changes one. */
export async function settings(options: SettingsOptions, parts: CommandParts): Promise<Shown> {
  const { control, signal } = parts;
  if (options.kind === 'set') {
    const after = await control.settings.set(options.change, { signal });
    return one(after, options.key);
  }
  const now = await control.settings.get(undefined, { signal });
  if (options.kind === 'one') return one(now, options.key);
  const rows = (Object.keys(known) as SettingName[]).map((key) => [key, shown(now[key]), known[key].says]);
  const heading = ['SETTING', 'VALUE', 'WHAT IT DOES'];
  const { pausedUntil: _, ...value } = now;
  return { value, lines: table([heading, ...rows], (line) => parts.terminal.style('dim', line)) };
}

function one(now: Settings, key: SettingName): Shown {
  return { value: { [key]: now[key] ?? null }, lines: [`${key}: ${shown(now[key])}`] };
}

function shown(value: number | boolean | ProxySetting | undefined): string {
  if (typeof value === 'object') return value.mode === 'manual' ? value.url : value.mode;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value === undefined ? 'not chosen yet' : String(value);
}
