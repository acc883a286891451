import { unwritable } from './entries.ts';
import type { ConfigTable, ConfigValue } from './format.ts';

/** A key as TOML has it: bare where it can be, else in quotes; several names with dots between them. */
export function keyText(names: readonly string[]): string {
  return names.map((name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name))).join('.');
}

/** A value in one line, tables as inline tables; TOML 1.0. @throws BridgeError for null, which TOML has not. */
export function valueText(value: ConfigValue): string {
  if (value === null) throw unwritable();
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`;
  const members = lines(value);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** One `key = value` for each member. */
export function lines(table: ConfigTable): string[] {
  return Object.entries(table).map(([name, value]) => `${keyText([name])} = ${valueText(value)}`);
}

function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

/** A basic string (TOML 1.0): the escapes of JSON, and DEL, which TOML wants escaped too. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

/** Integers of TOML have 64 bits; greater ones are written as floats. */
function numberText(value: number): string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}
