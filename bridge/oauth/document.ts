import { hostIn } from './address.ts';
import type { OAuthFetch } from './http.ts';
import { readJsonObject, UnreadableJson } from './json.ts';
import { noSafeSignIn } from './refusal.ts';
import { OAuthTrouble } from './trouble.ts';

/** What a whole search for metadata has in common. */
export interface Search {
  /** Host of the workspace, for people. */
  readonly host: string;
  readonly fetch: OAuthFetch;
  readonly signal: AbortSignal;
}

/** What is at an address. `status` is that of an answer that is no document. */
export type Document =
  | { readonly kind: 'found'; readonly members: Record<string, unknown> }
  | { readonly kind: 'absent'; readonly status: number };

/** Busy servers, for which nothing follows from the answer. */
const BUSY = new Set([408, 425, 429]);
const LONGEST_WAIT_S = 3600;

/**
 * Fetches one metadata document. Only a server that answers without trouble counts as one that has none: after an
 * error of its own nobody may fall back to something weaker.
 * @param what it is, in words for people: `its resource metadata`.
 * @param passable server errors that count as absence all the same.
 * @throws OAuthTrouble `transient`; `unsafe` when there is something that is no JSON object.
 */
export async function fetchDocument(
  url: string,
  what: string,
  { host, fetch, signal }: Search,
  options: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly passable?: readonly number[];
  } = {},
): Promise<Document> {
  let response: Response;
  try {
    const headers = { accept: 'application/json', ...options.headers };
    response = await fetch(url, { method: 'GET', headers, signal });
  } catch (error) {
    if (!(error instanceof OAuthTrouble) || error.kind !== 'transient') throw error;
    const { status } = error.facts;
    if (status === undefined || status < 300 || status >= 400) throw error;
    return { kind: 'absent', status };
  }
  const { status } = response;
  if (BUSY.has(status) || (status >= 500 && !options.passable?.includes(status))) {
    throw busy(hostIn(url), what, response);
  }
  if (status !== 200) return { kind: 'absent', status };
  try {
    return { kind: 'found', members: readJsonObject(await response.arrayBuffer()) };
  } catch (error) {
    if (error instanceof UnreadableJson) throw noSafeSignIn(host, `${what} ${error.message}`, error);
    throw error;
  }
}

function busy(host: string, what: string, { status, headers }: Response): OAuthTrouble {
  const wait = headers.get('retry-after') ?? '';
  const message = `${host} could not send ${what} right now (${status}). Try again later.`;
  const retry = /^\d{1,9}$/.test(wait) ? { retryAfterSeconds: Math.min(Number(wait), LONGEST_WAIT_S) } : {};
  return new OAuthTrouble('transient', message, { host, status, ...retry });
}
