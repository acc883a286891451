import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { canary } from '../canary/canary.ts';
import { listen } from '../workspaces/listen.ts';

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** The body as a form, for the token and revocation endpoints. */
  readonly form: URLSearchParams;
}

/** What a path answers: a JSON value with 200, or a function that answers by itself. */
export type Answer =
  | object
  | ((seen: Seen, response: ServerResponse, request: IncomingMessage) => void | Promise<void>);

/** An authorization server and the workspace it protects, on one origin; well-behaved until told otherwise. */
export interface HostileServer extends AsyncDisposable {
  readonly origin: string;
  /** The MCP endpoint; it answers 401 with a challenge to everything without the last access token. */
  readonly mcpUrl: string;
  readonly seen: readonly Seen[];
  /** Requests whose path is exactly this. */
  asked(path: string): Seen[];
  /** From now on this path answers so. The path is compared without its query. */
  on(path: string, answer: Answer): void;
  /** Takes `on` back. */
  behave(path: string): void;
  /** Metadata of the well-behaved server, for variations of it. */
  metadata(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  resource(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** A token answer with fresh canaries. */
  tokens(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  cutConnections(): void;
}

export const PATHS = {
  mcp: '/mcp',
  resource: '/.well-known/oauth-protected-resource/mcp',
  resourceRoot: '/.well-known/oauth-protected-resource',
  server: '/.well-known/oauth-authorization-server',
  openid: '/.well-known/openid-configuration',
  authorize: '/authorize',
  token: '/token',
  register: '/register',
  revoke: '/revoke',
} as const;

/** Starts it on 127.0.0.1. Each misbehaviour is one call of `on`. */
export async function startHostile(): Promise<HostileServer> {
  const seen: Seen[] = [];
  const overrides = new Map<string, Answer>();
  const valid = new Set<string>();
  let clients = 0;

  const metadata = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
    issuer: listening.origin,
    authorization_endpoint: `${listening.origin}${PATHS.authorize}`,
    token_endpoint: `${listening.origin}${PATHS.token}`,
    registration_endpoint: `${listening.origin}${PATHS.register}`,
    revocation_endpoint: `${listening.origin}${PATHS.revoke}`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    ...changes,
  });
  const resource = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
    resource: `${listening.origin}${PATHS.mcp}`,
    authorization_servers: [listening.origin],
    ...changes,
  });
  const tokens = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => {
    const answer = {
      access_token: canary('bearer'),
      refresh_token: canary('bearer'),
      token_type: 'Bearer',
      expires_in: 3600,
      ...changes,
    };
    valid.add(String(answer.access_token));
    return answer;
  };

  const defaults: Record<string, (one: Seen, response: ServerResponse) => void> = {
    [PATHS.resource]: (_, response) => json(response, resource()),
    [PATHS.server]: (_, response) => json(response, metadata()),
    [PATHS.token]: (_, response) => json(response, tokens()),
    [PATHS.revoke]: (_, response) => void response.writeHead(200).end(),
    [PATHS.register]: ({ body }, response) => {
      clients += 1;
      const asked = JSON.parse(body) as object;
      json(response, { ...asked, client_id: `client-${clients}` }, 201);
    },
    [PATHS.authorize]: ({ target }, response) => {
      const asked = new URL(target, listening.origin).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? listening.origin);
      back.searchParams.set('code', 'a-code');
      back.searchParams.set('state', asked.get('state') ?? '');
      back.searchParams.set('iss', listening.origin);
      response.writeHead(302, { location: back.href }).end();
    },
    [PATHS.mcp]: ({ headers, body }, response) => {
      const token = String(headers.authorization ?? '').replace(/^Bearer /, '');
      if (!valid.has(token)) {
        const challenge = `Bearer resource_metadata="${listening.origin}${PATHS.resource}"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return;
      }
      if (!body.includes('"id"')) response.writeHead(202).end();
      else json(response, mcpAnswer(body));
    },
  };

  const listening = await listen(async (request, response) => {
    const target = request.url ?? '/';
    const body = await text(request);
    const path = target.split('?')[0] ?? '/';
    const one: Seen = {
      method: request.method ?? '',
      target,
      path,
      headers: request.headers,
      body,
      form: new URLSearchParams(body),
    };
    seen.push(one);
    const override = overrides.get(path);
    if (typeof override === 'function') await override(one, response, request);
    else if (override !== undefined) json(response, override);
    else if (defaults[path]) defaults[path](one, response);
    else json(response, { error: 'not_found' }, 404);
  });

  return {
    origin: listening.origin,
    mcpUrl: `${listening.origin}${PATHS.mcp}`,
    seen,
    asked: (path) => seen.filter((one) => one.path === path),
    on: (path, answer) => void overrides.set(path, answer),
    behave: (path) => void overrides.delete(path),
    metadata,
    resource,
    tokens,
    cutConnections: listening.cutConnections,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** As much MCP as a check of an account asks for. */
function mcpAnswer(body: string): unknown {
  const { id, method } = JSON.parse(body || '{}') as { id?: unknown; method?: string };
  const result =
    method === 'initialize'
      ? {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 'hostile', version: '1' },
        }
      : { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
  return { jsonrpc: '2.0', id: id ?? null, result };
}
