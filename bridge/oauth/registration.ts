import * as z from 'zod';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import { oneLine } from '../base/text.ts';
import { redirectUriAt } from './callback.ts';
import { retryAfterSeconds } from './classify.ts';
import type { OAuthClient } from './client.ts';
import type { AuthorizationServer } from './discovery.ts';
import type { OAuthFetch } from './http.ts';
import { readJsonObject } from './json.ts';
import {
  authenticationBySecret,
  ClientInformation,
  ENTER_ID,
  hostOf,
  isOver,
  type RegistrationRequest,
  type RegistrationServer,
  registeredClient,
  unsafe,
  wantedAuthentication,
} from './registered-client.ts';
import { OAuthTrouble } from './trouble.ts';

/** Names this program at every server, whatever its version (RFC 7591 section 2). */
const SOFTWARE_ID = '6c1f3c0e-5f0b-4e53-9a53-1f2b8f0a7d64';
const SERVER_TEXT_CHARACTERS = 120;

const Refusal = z.object({ error: z.string().min(1), error_description: z.unknown().optional() });

type Answer =
  | { readonly kind: 'registered'; readonly information: ClientInformation }
  | { readonly kind: 'refused'; readonly error: string | undefined; readonly trouble: OAuthTrouble };

/**
 * Registers Gangway as a native client (RFC 7591). Asks for the redirect address without a port too, and does without
 * it where a server minds. A secret that is over already is asked for once more.
 * @throws OAuthTrouble `denied` when the server does not want to; `unsafe` when its answer breaks a rule; `transient`
 * when it cannot now; what `fetch` throws.
 */
export async function register(
  request: RegistrationRequest,
  fetch: OAuthFetch,
  signal: AbortSignal,
  now: () => number = Date.now,
): Promise<OAuthClient> {
  const withPorts = request.ports.map(redirectUriAt);
  let redirectUris = [...withPorts, redirectUriAt(undefined)];
  let answer = await ask(request, redirectUris, fetch, signal);
  if (answer.kind === 'refused' && mindsAddresses(answer.error) && withPorts.length > 0) {
    redirectUris = withPorts;
    answer = await ask(request, redirectUris, fetch, signal);
  }
  if (answer.kind === 'refused') throw answer.trouble;
  const client = registeredClient(request, answer.information);
  if (!isOver(client, now())) return client;
  const again = await ask(request, redirectUris, fetch, signal);
  if (again.kind === 'refused') throw again.trouble;
  const second = registeredClient(request, again.information);
  if (!isOver(second, now())) return second;
  throw unsafe(request.server, 'gave a client secret that has expired already');
}

/** Deletes the registration at the server (RFC 7592 section 2.3), if it can be. Never rejects. */
export async function unregister(client: OAuthClient, fetch: OAuthFetch, signal: AbortSignal): Promise<void> {
  if (!client.registration) return;
  const { uri, token } = client.registration;
  const headers = { authorization: `Bearer ${token.reveal()}` };
  // What stays behind is a client that nobody can use.
  await fetch(uri, { method: 'DELETE', headers, signal }).catch(() => undefined);
}

/** The client belongs to this server and its secret lasts at least another day. `now`: milliseconds since 1970. */
export function usableClient(
  client: OAuthClient,
  server: Pick<AuthorizationServer, 'issuer' | 'takesClientMetadata'>,
  now: number,
): boolean {
  if (client.issuer !== server.issuer) return false;
  if (client.kind === 'metadata' && !server.takesClientMetadata) return false;
  return client.secretExpiresAt === undefined || client.secretExpiresAt - now > limits.clientSecretAheadMs;
}

/** Gangway by the address of its client id metadata document. */
export function metadataClient(url: string, issuer: string): OAuthClient {
  return { ...nobody, kind: 'metadata', issuer, id: url };
}

/** The client a person registered and entered. @throws OAuthTrouble `unsafe` when the server takes its secret in no way we know. */
export function ownClient({
  id,
  secret,
  server,
}: {
  readonly id: string;
  readonly secret?: Secret | undefined;
  readonly server: RegistrationServer;
}): OAuthClient {
  const authentication = secret ? authenticationBySecret(server) : 'none';
  return { ...nobody, kind: 'own', issuer: server.issuer, id, secret, authentication };
}

const nobody = {
  secret: undefined,
  authentication: 'none',
  ports: [],
  secretExpiresAt: undefined,
  registration: undefined,
} as const;

async function ask(
  { server, clientName, version }: RegistrationRequest,
  redirectUris: readonly string[],
  fetch: OAuthFetch,
  signal: AbortSignal,
): Promise<Answer> {
  const host = hostOf(server);
  if (server.registrationEndpoint === undefined) {
    throw new OAuthTrouble('denied', `${host} does not register programs by itself. ${ENTER_ID}`, { host });
  }
  const metadata = {
    client_name: clientName,
    application_type: 'native',
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: wantedAuthentication(server),
    software_id: SOFTWARE_ID,
    software_version: version,
  };
  const response = await fetch(server.registrationEndpoint, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
    signal,
  });
  return read(
    server,
    response.status,
    jsonOf(await response.arrayBuffer()),
    response.headers.get('retry-after'),
  );
}

/** RFC 7591 sections 3.2.1 and 3.2.2; 200 instead of 201 is common. */
function read(server: RegistrationServer, status: number, body: unknown, retryAfter: string | null): Answer {
  const refusal = Refusal.safeParse(body);
  const isDone = status === 200 || status === 201;
  const isRefusal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  if (isRefusal || (isDone && refusal.success)) return refused(server, status, refusal.data);
  if (!isDone || body === undefined) throw transient(server, status, retryAfter);
  const information = ClientInformation.safeParse(body);
  // The schema's own error could quote a secret.
  if (!information.success)
    throw unsafe(server, 'answered the registration with something that is no client');
  return { kind: 'registered', information: information.data };
}

function refused(
  server: RegistrationServer,
  status: number,
  refusal: z.infer<typeof Refusal> | undefined,
): Answer {
  const host = hostOf(server);
  const texts = [refusal?.error, refusal?.error_description].filter((text) => typeof text === 'string');
  const said = oneLine(texts.join(': '), SERVER_TEXT_CHARACTERS) || `status ${status}`;
  const error = known.find((code) => code === refusal?.error);
  const facts = { host, status, ...(error ? { error } : {}) };
  const trouble = new OAuthTrouble(
    'denied',
    `${host} did not register Gangway (${said}). ${ENTER_ID}`,
    facts,
  );
  return { kind: 'refused', error: refusal?.error, trouble };
}

/** Error codes of RFC 7591 section 3.2.2 and RFC 6750 section 3.1. */
const known = [
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  'access_denied',
];

function mindsAddresses(error: string | undefined): boolean {
  return error === 'invalid_redirect_uri' || error === 'invalid_client_metadata';
}

function transient(server: RegistrationServer, status: number, retryAfter: string | null): OAuthTrouble {
  const host = hostOf(server);
  const wait = retryAfterSeconds(retryAfter, Date.now());
  const facts = { host, status, ...(wait === undefined ? {} : { retryAfterSeconds: wait }) };
  const message =
    status < 400
      ? `${host} did not answer the registration properly. Is there a network sign-in page? Try again later.`
      : `${host} cannot register Gangway right now (status ${status}). Try again later, or enter a client id.`;
  return new OAuthTrouble('transient', message, facts);
}

function jsonOf(bytes: ArrayBuffer): Record<string, unknown> | undefined {
  try {
    return readJsonObject(bytes);
  } catch {
    return undefined;
  }
}
