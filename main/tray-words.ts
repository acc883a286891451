import { oneLine } from '#bridge/base/text.ts';
import type { AccountView } from '#contract/control.ts';
import { trayTexts } from './texts/tray.ts';

const NAME_CHARACTERS = 40;

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10cff}\u{10d00}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name from outside as one safe line; a long one is cut and says so. One that is written from right to left keeps to
 * itself (Unicode bidirectional algorithm, "Explicit Directional Isolates"), or what stands around it would change places.
 */
export function shown(name: string, limit = NAME_CHARACTERS): string {
  return isolated(cut(name, limit));
}

function cut(name: string, limit: number): string {
  // Longer than may be shown, so that it is known whether something was cut.
  const line = oneLine(name, 4 * limit);
  return line.length <= limit ? line : `${oneLine(line, limit - 1)}…`;
}

function isolated(line: string): string {
  return RIGHT_TO_LEFT.test(line) ? `\u2068${line}\u2069` : line;
}

/** A label as a menu shows it. In every menu of Electron a single `&` marks the key of the next letter. */
export function menuLabel(text: string): string {
  return text.replaceAll('&', '&&');
}

/** The account beside the name of its kind: `Acme`, also when its label is `Pelcro · Acme`. */
export function shortName({ connector, label }: Pick<AccountView, 'connector' | 'label'>): string {
  const name = cut(label, NAME_CHARACTERS);
  const kind = trayTexts.connector[connector];
  if (!name.toLowerCase().startsWith(kind.toLowerCase())) return isolated(name);
  const rest = /^(?:\s*[·:|/–—-]\s*|\s+)(.+)$/.exec(name.slice(kind.length))?.[1];
  return isolated(rest ?? name);
}

/** The account on its own: `Pelcro Acme`. An account of another server goes by its label. */
export function fullName(account: Pick<AccountView, 'connector' | 'label'>): string {
  const { connector, label } = account;
  const kind = trayTexts.connector[connector];
  const name = shortName(account);
  return connector === 'custom' || name.toLowerCase() === kind.toLowerCase()
    ? shown(label)
    : `${kind} ${name}`;
}

/** A time of day as `14:02`, with the day of the week when it is not today. */
export function clock(at: Date, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return time;
  return `${new Intl.DateTimeFormat('en', { weekday: 'short' }).format(at)} ${time}`;
}

/** How long ago, in the largest whole unit. */
export function ago(at: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  const { calls } = trayTexts;
  if (minutes < 1) return calls.now;
  if (minutes < 60) return calls.minutes(minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? calls.hours(hours) : calls.days(Math.floor(hours / 24));
}

/** A program by its name alone: its version, and the address it was listed with, are left out. */
export function appName(program: string): string {
  const bare = program.replace(/ \([^()]*\)$/, '').replace(/\s+v?\d\S*$/, '');
  return shown(bare === '' ? program : bare);
}
