import * as z from 'zod';
import { Secret } from '../base/secret.ts';
import type { OAuthClient } from '../oauth/client.ts';

const StoredClient = z.strictObject({
  kind: z.enum(['own', 'metadata', 'registered']),
  issuer: z.string(),
  id: z.string(),
  secret: z.string().optional(),
  authentication: z.enum(['none', 'client_secret_basic', 'client_secret_post']),
  ports: z.array(z.number().int()),
  secretExpiresAt: z.number().optional(),
  registration: z.strictObject({ uri: z.string(), token: z.string() }).optional(),
});

/** Tokens of one account as the vault seals them. Times are milliseconds since 1970. */
export const StoredGrant = z.strictObject({
  issuer: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
  resource: z.string().optional(),
  client: StoredClient,
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1).optional(),
  scope: z.string().optional(),
  requestedScope: z.string().optional(),
  obtainedAt: z.number(),
  expiresAt: z.number().optional(),
  generation: z.number().int().nonnegative(),
  spent: z.array(z.string()),
  renewal: z.strictObject({ fingerprint: z.string(), startedAt: z.number(), by: z.string() }).optional(),
});
export type StoredGrant = z.infer<typeof StoredGrant>;

/** A token that the authorization server has still to be told of (RFC 7009). */
export const StoredRevocation = z.strictObject({
  token: z.string().min(1),
  hint: z.enum(['refresh_token', 'access_token']),
  endpoint: z.string(),
  client: StoredClient,
  since: z.number(),
  /** What the account was called, for people. */
  label: z.string(),
});
export type StoredRevocation = z.infer<typeof StoredRevocation>;

/** What an OAuth sign-in gave one account. A renewed grant is a new value with the next generation. */
export interface Grant {
  readonly issuer: string;
  /** Refresh tokens go to this address and to no other. */
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | undefined;
  /** The resource indicator, always the same string (RFC 8707). */
  readonly resource: string | undefined;
  readonly client: OAuthClient;
  readonly accessToken: Secret;
  readonly refreshToken: Secret | undefined;
  /** Granted scope; undefined when the server never named one. */
  readonly scope: string | undefined;
  readonly requestedScope: string | undefined;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  /** Milliseconds since 1970; undefined: unknown, used until a 401. */
  readonly expiresAt: number | undefined;
  readonly generation: number;
  /** Fingerprints of refresh tokens that were exchanged already; sending one again would end the whole grant. */
  readonly spent: readonly string[];
  /** The journal: a renewal was begun with this refresh token and its outcome is not stored yet. */
  readonly renewal:
    | { readonly fingerprint: string; readonly startedAt: number; readonly by: string }
    | undefined;
}

export interface Revocation {
  readonly token: Secret;
  readonly hint: 'refresh_token' | 'access_token';
  readonly endpoint: string;
  readonly client: OAuthClient;
  readonly since: number;
  readonly label: string;
}

export function grantOf(stored: StoredGrant): Grant {
  const { client, accessToken, refreshToken, ...open } = stored;
  return {
    ...open,
    revocationEndpoint: open.revocationEndpoint,
    resource: open.resource,
    scope: open.scope,
    requestedScope: open.requestedScope,
    expiresAt: open.expiresAt,
    renewal: open.renewal,
    client: clientOf(client),
    accessToken: new Secret(accessToken),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
  };
}

export function sealableGrant(grant: Grant): StoredGrant {
  const { client, accessToken, refreshToken, ...open } = grant;
  return {
    ...present(open),
    spent: [...open.spent],
    client: sealableClient(client),
    accessToken: accessToken.reveal(),
    ...(refreshToken ? { refreshToken: refreshToken.reveal() } : {}),
  };
}

export function revocationOf({ token, client, ...open }: StoredRevocation): Revocation {
  return { ...open, token: new Secret(token), client: clientOf(client) };
}

export function sealableRevocation({ token, client, ...open }: Revocation): StoredRevocation {
  return { ...open, token: token.reveal(), client: sealableClient(client) };
}

/** True for grants of one client at one server, which servers may treat as one. */
export function isSameClient(one: Grant, other: Grant): boolean {
  return one.issuer === other.issuer && one.client.id === other.client.id;
}

/** Every secret in a grant or a revocation. */
export function secretsInGrant(grant: Grant): Secret[] {
  return [
    grant.accessToken,
    ...(grant.refreshToken ? [grant.refreshToken] : []),
    ...secretsInClient(grant.client),
  ];
}

export function secretsInClient(client: OAuthClient): Secret[] {
  return [
    ...(client.secret ? [client.secret] : []),
    ...(client.registration ? [client.registration.token] : []),
  ];
}

function clientOf({ secret, registration, ...open }: z.infer<typeof StoredClient>): OAuthClient {
  return {
    ...open,
    secretExpiresAt: open.secretExpiresAt,
    secret: secret === undefined ? undefined : new Secret(secret),
    registration: registration && { uri: registration.uri, token: new Secret(registration.token) },
  };
}

function sealableClient({ secret, registration, ...open }: OAuthClient): z.infer<typeof StoredClient> {
  return {
    ...present(open),
    ports: [...open.ports],
    ...(secret ? { secret: secret.reveal() } : {}),
    ...(registration ? { registration: { uri: registration.uri, token: registration.token.reveal() } } : {}),
  };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same without the fields that are undefined, which a strict schema would not take. */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>;
}
