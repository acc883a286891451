import { isRecord } from '#bridge/base/record.ts';

/** What a workspace knew about who asked, in everything that it says. */
export interface Echo {
  /** Name of the account and the number of its key: `b#1`. */
  readonly who: string;
  readonly user: string;
  /** The client, as it named itself in its handshake or envelope. */
  readonly client: string;
  /** What the request was about: its own mark, or that of the question. */
  readonly nonce: string;
  /** The key itself, which must never come down. */
  readonly key: string;
}

export function readEcho(text: unknown): Echo | undefined {
  if (typeof text !== 'string' || !text.startsWith('{"who":')) return undefined;
  return JSON.parse(text) as Echo;
}

/** What stands at a path of names and indexes in parsed JSON. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === 'number') found = (found as unknown[])[step];
    else if (isRecord(found) && typeof step === 'string') found = found[step];
    else return undefined;
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** Whose echo a message of a workspace carries, wherever it stands. */
export function echoIn(message: unknown): Echo | undefined {
  const places: readonly (readonly (string | number)[])[] = [
    ['result', 'content', 0, 'text'],
    ['result', 'contents', 0, 'text'],
    ['result', 'tools', 0, 'description'],
    ['result', 'resources', 0, 'description'],
    ['result', 'prompts', 0, 'description'],
    ['result', 'instructions'],
    ['params', 'message'],
    ['params', 'data'],
    ['params', 'systemPrompt'],
    ['params', '_meta', 'about'],
    ['error', 'message'],
  ];
  for (const place of places) {
    const echo = readEcho(at(message, ...place));
    if (echo) return echo;
  }
  const asked = at(message, 'result', 'inputRequests');
  const [first] = isRecord(asked) ? Object.values(asked) : [];
  return first === undefined ? undefined : echoIn(first);
}
