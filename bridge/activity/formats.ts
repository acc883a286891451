import type { ActivityEntry } from '../contract/activity.ts';

/** Columns of an export, in this order; part of what scripts rely on. */
const columns = [
  'id',
  'at',
  'client',
  'door',
  'account',
  'accountLabel',
  'user',
  'method',
  'target',
  'outcome',
  'code',
  'durationMs',
  'sentBytes',
  'receivedBytes',
  'truncated',
  'arguments',
  'result',
] as const satisfies readonly (keyof ActivityEntry)[];

/**
 * Beginnings that spreadsheets take for a formula; an apostrophe in front makes them text. Names of tools and clients
 * come from outside, so an export could otherwise run commands where it is opened (OWASP, "CSV Injection").
 */
const FORMULA = /^[\s\u0000]*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/;

/** The first line of a CSV export (RFC 4180), with its line end. */
export function csvHeader(): string {
  return `${columns.join(',')}\r\n`;
}

/** One entry as a line of CSV (RFC 4180), with its line end; null is an empty field. */
export function csvLine(entry: ActivityEntry): string {
  return `${columns.map((column) => csvField(entry[column])).join(',')}\r\n`;
}

/** One entry as a line of JSON Lines, with its line end. */
export function jsonLine(entry: ActivityEntry): string {
  return `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, entry[column]])))}\n`;
}

function csvField(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
