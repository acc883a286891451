import { isRecord } from '../base/record.ts';

/** One text for all spellings of a JSON value. Numbers beyond what JavaScript holds exactly count as what it reads. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // JSON.stringify would write 1e999 as null.
  if (typeof value === 'number') return String(value);
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
