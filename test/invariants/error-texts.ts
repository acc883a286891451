import { broken } from './broken.ts';

const LONGEST = 300;

/** What no person should have to read, each with its name. */
const RAW: readonly (readonly [string, RegExp])[] = [
  ['a stack', /\bat .{1,200}:\d+:\d+|node:internal/],
  ['a path', /(?<![\w:/])\/(?:home|root|tmp|usr|var|work|Users|proc|opt|etc)\/|\b[A-Z]:\\/],
  ['a value of the program', /\bundefined\b|\[object |\bNaN\b/],
  ['an error of the system', /\b(?:E[A-Z]{4,}|ERR_[A-Z_]+|UND_ERR\w*)\b|\b[A-Z]\w*Error:/],
  ['control characters', /[\p{Cc}\p{Cf}]/u],
];

/**
 * INV-9: an error of the bridge itself, as a client gets it, is a short text in plain words, without stack, path or the
 * program's own names. What it quotes of a workspace is not the bridge's. Secrets are searched for everywhere.
 */
export function checkErrorText(error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  const { message, data } = error as { message?: unknown; data?: unknown };
  if ((data as { source?: unknown } | null | undefined)?.source !== 'bridge') return;
  if (typeof message !== 'string' || message.trim() === '') {
    broken('INV-9', 'an error of the bridge has no text');
    return;
  }
  if (message.length > LONGEST) broken('INV-9', `a text of ${message.length} characters: ${message}`);
  if (!/[.!?"”)]$|run: gangway [a-z][^.]*$/.test(message.trimEnd()))
    broken('INV-9', `a text that is no sentence: ${message}`);
  const own = message.replace(/"[^"]*"/g, '""');
  for (const [what, pattern] of RAW) {
    if (pattern.test(own)) broken('INV-9', `${what} in a text for people: ${message}`);
  }
}
