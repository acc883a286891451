import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallToolResult, Server } from '@modelcontextprotocol/server';
import { Bucket } from './aly-buckets.ts';
import { alyDocuments, alyScopes } from './aly-discovery.ts';
import { type AlyErrorCode, alyError, alyErrors } from './aly-errors.ts';
import { alyRecords, alyTools, scopeOf } from './aly-tools.ts';
import { type Arrival, answerJson, answerRpcError, bearerOf, calledTools, readArrival } from './arrival.ts';
import { type AuthorizationServer, createAuthorizationServer } from './authorization-server.ts';
import type { AuthorizationServerTuning } from './authorization-server-setup.ts';
import { listen } from './listen.ts';
import { Recorder } from './recorder.ts';
import { SessionDoor } from './session-door.ts';
import { serveTools } from './tool-table.ts';
import type { Workspace } from './workspace.ts';

/** An `aly_…` API key, or what a signed-in person granted; what it may do, and a name for it that may be shown. */
export interface AlyKey {
  readonly key: string;
  readonly label: string;
  /** For example `read:orders`; `*` grants every scope. */
  readonly scopes: readonly string[];
}

export interface AlyOptions {
  readonly port?: number;
  readonly keys: readonly AlyKey[];
  /** How its own authorization server behaves. */
  readonly oauth?: AuthorizationServerTuning;
  /** The scopes that its metadata names; all when absent. Fewer make a client ask for the rest later. */
  readonly publishedScopes?: readonly string[];
}

export interface AlyWorkspace extends Workspace {
  /** On the same origin. Its access tokens begin with `aly_oauth_` and carry exactly the scopes that were asked for. */
  readonly oauth: AuthorizationServer;
  /** Every session expires now: its id gets a 404 from now on. */
  expireSessions(): Promise<void>;
  /** Every principal may send this many requests, then gets a 429 until the pause is over; 5 s when absent. */
  rateLimit(requests: number, pauseMs?: number): void;
  /** After this many bad tokens every request from this address gets a 429, whoever sends it, until the pause is over. */
  limitBadTokens(requests: number, pauseMs?: number): void;
  /** Takes both limits away. */
  liftLimits(): void;
  /**
   * The next tool calls come to nothing: `cut` breaks the connection after the call was carried out, a status is
   * answered before anything was done.
   */
  failCalls(how: 'cut' | 500 | 502, times?: number): void;
  /** Takes a key out of service: it gets a 401 from now on. */
  revoke(label: string): void;
  /** Gives a key other scopes. */
  setScopes(label: string, scopes: readonly string[]): void;
}

const PATH = '/api/mcp';
const DEFAULT_PAUSE_MS = 5_000;

/** Why a request is refused before any tool runs. */
interface Refusal {
  readonly status: number;
  readonly code: AlyErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Starts Aly at `/api/mcp`: sessions, JSON answers, no standing stream; scopes per tool, rate buckets, discovery
 * documents.
 * @throws TypeError for a key that does not begin with `aly_`.
 */
export async function startAly(options: AlyOptions): Promise<AlyWorkspace> {
  if (options.keys.some(({ key }) => !key.startsWith('aly_'))) {
    throw new TypeError('A key of Aly begins with aly_.');
  }
  let keys = [...options.keys];
  let principalLimit: { size: number; pauseMs: number } | undefined;
  let principalBuckets = new Map<string, Bucket>();
  let badTokens: Bucket | undefined;
  const faults: ('cut' | 500 | 502)[] = [];
  const requests = new Recorder();
  const records = alyRecords('aly');
  const done = new Map<string, CallToolResult>();
  const door = new SessionDoor<AlyKey>({
    serverFor: ({ label }) => {
      const server = new Server({ name: 'aly-store-mcp', version: '1.0.0' }, { capabilities: { tools: {} } });
      serveTools(server, {
        tools: () => alyTools,
        seat: { principal: label, records, done },
        onBadArguments: ({ message }) => {
          throw alyError('invalid_arguments', message);
        },
      });
      return server;
    },
    nameOf: ({ label }) => label,
    json: true,
  });

  const limit = (label: string): Refusal | undefined => {
    if (principalLimit === undefined) return undefined;
    const bucket = principalBuckets.get(label) ?? new Bucket(principalLimit.size, principalLimit.pauseMs);
    principalBuckets.set(label, bucket);
    const refusal = tooMany(bucket, 'This key has sent too many requests.');
    if (refusal === undefined) bucket.take();
    return refusal;
  };

  const refuse = (arrival: Arrival, key: AlyKey | undefined, origin: string): Refusal | undefined => {
    const foreign = arrival.headers.origin;
    if (foreign !== undefined && foreign !== origin) {
      return { status: 403, code: 'origin_not_allowed', message: 'This origin is not allowed.' };
    }
    const early = badTokens && tooMany(badTokens, 'Too many requests from this address.');
    if (early !== undefined) return early;
    const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource"`;
    if (key === undefined) {
      badTokens?.take();
      return {
        status: 401,
        code: 'invalid_token',
        message: 'The token is missing or invalid.',
        headers: { 'www-authenticate': `Bearer error="invalid_token", ${metadata}` },
      };
    }
    return limit(key.label) ?? missingScope(arrival, key, metadata);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (oauth.owns(new URL(request.url ?? '/', listening.origin).pathname)) {
      await oauth.handle(request, response);
      return;
    }
    const arrival = await readArrival(request);
    const token = bearerOf(arrival) ?? '';
    const key = keys.find((one) => one.key === token) ?? grantedKey(token);
    requests.add(arrival, key === undefined ? {} : { principal: key.label });
    const document = alyDocuments(listening.origin, options.publishedScopes)[arrival.path];
    if (document !== undefined && arrival.method === 'GET') {
      answerJson(response, 200, document);
      return;
    }
    if (arrival.path !== PATH) {
      answerJson(response, 404, { error: 'not_found' });
      return;
    }
    const refusal = refuse(arrival, key, listening.origin);
    if (refusal !== undefined) {
      send(response, refusal, arrival);
    } else if (arrival.method === 'GET') {
      response.writeHead(405, { allow: 'POST, DELETE' }).end();
    } else if (key !== undefined) {
      const fault = calledTools(arrival).length > 0 ? faults.shift() : undefined;
      if (fault === 'cut') cutBeforeAnswer(response);
      if (typeof fault === 'number') response.writeHead(fault).end();
      else await door.handle(arrival, key, request, response);
    }
  };
  const grantedKey = (token: string): AlyKey | undefined => {
    const granted = oauth.granted(token, `${listening.origin}${PATH}`);
    if (granted === undefined) return undefined;
    return { key: token, label: granted.subject, scopes: granted.scopes };
  };
  const listening = await listen(handle, options.port);
  const oauth = createAuthorizationServer({
    ...options.oauth,
    issuer: listening.origin,
    name: 'Aly',
    choices: [],
    scopes: alyScopes,
    defaultScopes: ['read:sites'],
    tokenPrefix: 'aly_oauth_',
  });
  oauth.protect(`${listening.origin}${PATH}`);
  return {
    oauth,
    url: `${listening.origin}${PATH}`,
    origin: listening.origin,
    requests,
    expireSessions: () => door.forget(),
    rateLimit(size, pauseMs = DEFAULT_PAUSE_MS) {
      principalLimit = { size, pauseMs };
      principalBuckets = new Map();
    },
    limitBadTokens(size, pauseMs = DEFAULT_PAUSE_MS) {
      badTokens = new Bucket(size, pauseMs);
    },
    liftLimits() {
      principalLimit = undefined;
      badTokens = undefined;
    },
    failCalls(how, times = 1) {
      for (let left = times; left > 0; left -= 1) faults.push(how);
    },
    revoke(label) {
      keys = keys.filter((key) => key.label !== label);
    },
    setScopes(label, scopes) {
      keys = keys.map((key) => (key.label === label ? { ...key, scopes } : key));
    },
    async [Symbol.asyncDispose]() {
      await door.forget();
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** Lets the request be worked on, and breaks the connection at the moment when the answer would begin. */
function cutBeforeAnswer(response: ServerResponse): void {
  response.writeHead = () => {
    response.destroy();
    return response;
  };
}

function tooMany(bucket: Bucket, message: string): Refusal | undefined {
  const seconds = bucket.retryAfterSeconds;
  if (seconds === undefined) return undefined;
  return {
    status: 429,
    code: 'rate_limited',
    message,
    details: { retry_after: seconds },
    headers: { 'retry-after': String(seconds) },
  };
}

/** A 403 that names the scope, as RFC 6750 section 3.1 has it. */
function missingScope(arrival: Arrival, key: AlyKey, metadata: string): Refusal | undefined {
  if (key.scopes.includes('*')) return undefined;
  const scope = calledTools(arrival)
    .map(scopeOf)
    .find((needed) => needed !== undefined && !key.scopes.includes(needed));
  if (scope === undefined) return undefined;
  return {
    status: 403,
    code: 'insufficient_scope',
    message: `The token lacks the scope ${scope}.`,
    details: { scope },
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}", ${metadata}` },
  };
}

function send(response: ServerResponse, refusal: Refusal, { rpc }: Arrival): void {
  const { status, code, message, details, headers = {} } = refusal;
  const how = rpc?.id === undefined ? { headers } : { headers, id: rpc.id };
  answerRpcError(response, status, { code: alyErrors[code], message, data: { code, ...details } }, how);
}
