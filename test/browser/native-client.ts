import { createHash, randomBytes } from 'node:crypto';
import { type Listening, listen } from '../workspaces/listen.ts';

/** What an authorization server publishes about itself (RFC 8414), as far as tests ask. */
export interface ServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint: string;
  readonly revocation_endpoint: string;
  readonly [other: string]: unknown;
}

/** What the token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly error: string | undefined;
  /** Empty without one. */
  readonly access: string;
  readonly refresh: string;
  readonly scope: string | undefined;
  readonly expiresIn: number | undefined;
  /** `sub` of the ID token. */
  readonly subject: string | undefined;
}

/** One authorization request. */
export interface Attempt {
  readonly link: string;
  readonly verifier: string;
}

/** A small native client with a loopback page of its own (RFC 8252), for tests of the sample servers alone. */
export interface NativeClient extends AsyncDisposable {
  readonly metadata: ServerMetadata;
  readonly clientId: string;
  readonly redirectUri: string;
  attempt(extra?: Readonly<Record<string, string>>): Attempt;
  /** The parameters of the last callback. */
  readonly answered: URLSearchParams;
  exchange(attempt: Attempt): Promise<TokenAnswer>;
  refresh(token: string): Promise<TokenAnswer>;
  revoke(token: string): Promise<number>;
}

/** Reads the metadata of the server and registers itself there (RFC 7591). */
export async function startNativeClient(issuer: string, resource: string): Promise<NativeClient> {
  let answered = new URLSearchParams();
  const listening: Listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', listening.origin);
    if (url.pathname === '/callback') answered = url.searchParams;
    const page = '<!doctype html><html lang="en"><title>Done</title><h1>You can close this window</h1>';
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  const redirectUri = `${listening.origin}/callback`;
  const metadata: ServerMetadata = await getJson(`${issuer}/.well-known/oauth-authorization-server`);
  const registered: { client_id: string } = await getJson(metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test <client>',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  });
  const clientId = registered.client_id;
  const ask = (form: Readonly<Record<string, string>>) =>
    askForTokens(metadata.token_endpoint, { client_id: clientId, resource, ...form });
  return {
    metadata,
    clientId,
    redirectUri,
    get answered() {
      return answered;
    },
    attempt(extra = {}) {
      const verifier = randomBytes(32).toString('base64url');
      const link = new URL(metadata.authorization_endpoint);
      link.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state: 'a-state',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        resource,
        ...extra,
      }).toString();
      return { link: link.href, verifier };
    },
    exchange: ({ verifier }) =>
      ask({
        grant_type: 'authorization_code',
        code: answered.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    refresh: (token) => ask({ grant_type: 'refresh_token', refresh_token: token }),
    async revoke(token) {
      const body = new URLSearchParams({ token, client_id: clientId });
      return (await fetch(metadata.revocation_endpoint, { method: 'POST', body })).status;
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

async function getJson<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}.`);
  return (await answer.json()) as Answer;
}

async function askForTokens(url: string, form: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body = (await answer.json()) as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : undefined);
  return {
    status: answer.status,
    error: text('error'),
    access: text('access_token') ?? '',
    refresh: text('refresh_token') ?? '',
    scope: text('scope'),
    subject: subjectOf(text('id_token')),
    expiresIn: typeof body.expires_in === 'number' ? body.expires_in : undefined,
  };
}

/** Without a look at the signature: the token came straight from its issuer. */
function subjectOf(idToken: string | undefined): string | undefined {
  const payload = idToken?.split('.')[1];
  if (payload === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub?: string };
  return claims.sub;
}
