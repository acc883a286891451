import type * as oauth from 'oauth4webapi';
import { checkAddress, hostIn } from './address.ts';
import { type Document, fetchDocument, type Search } from './document.ts';
import type { Bounds } from './http.ts';
import { noSafeSignIn } from './refusal.ts';

/** An authorization server by its checked metadata (RFC 8414 section 2). Addresses are as published, byte by byte. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint?: string;
  readonly revocationEndpoint?: string;
  /** How clients may prove themselves at the token endpoint; empty when the server does not say. */
  readonly authentications: readonly string[];
  /** It takes client id metadata documents. */
  readonly takesClientMetadata: boolean;
  /** It promises `iss` in authorization responses (RFC 9207 section 3). */
  readonly issInResponse: boolean;
  readonly scopes: readonly string[] | undefined;
  /** For oauth4webapi; it holds what was checked, and nothing else. */
  readonly metadata: oauth.AuthorizationServer;
}

const WHAT = 'the metadata of its authorization server';
const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';
/** A gateway in front of a server that has no such path. */
const PASSABLE = [502];

/**
 * Where an issuer's metadata may be, in order (RFC 8414 sections 3.1 and 5, OpenID Connect Discovery section 4): the
 * path after the well-known one of OAuth, the same for OpenID Connect, and OpenID Connect's own form.
 */
export function serverMetadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [`${origin}${OAUTH}${path}`, `${origin}${OPENID}${path}`, `${origin}${path}${OPENID}`];
  return [...new Set(urls)];
}

/** Finds and checks the metadata of one issuer. @throws OAuthTrouble `unsafe`, `transient`. */
export async function findServer(
  issuer: string,
  bounds: Bounds,
  search: Search,
): Promise<AuthorizationServer> {
  for (const url of serverMetadataUrls(issuer)) {
    const document: Document = await fetchDocument(url, WHAT, search, { passable: PASSABLE });
    if (document.kind === 'found') {
      return readServerMetadata(document.members, { issuers: [issuer], legacy: false, bounds }, search.host);
    }
  }
  throw noSafeSignIn(search.host, `its authorization server ${hostIn(issuer)} publishes no metadata`);
}

/**
 * The authorization server that a workspace of MCP 2025-03-26 is itself: by the metadata at its origin, or at the
 * paths that version fixes where there is none.
 * @throws OAuthTrouble `unsafe`, `transient`.
 */
export async function findLegacyServer(
  workspace: string,
  bounds: Bounds,
  search: Search,
): Promise<AuthorizationServer> {
  const { origin } = new URL(workspace);
  const headers = { 'mcp-protocol-version': '2025-03-26' };
  const document = await fetchDocument(`${origin}${OAUTH}`, WHAT, search, { headers });
  if (document.kind === 'found') {
    // Nobody named this issuer, so whether it ends in a slash is the server's choice.
    const expected = { issuers: [origin, `${origin}/`], legacy: true, bounds };
    return readServerMetadata(document.members, expected, search.host);
  }
  if (document.status !== 404) {
    throw noSafeSignIn(search.host, `it did not say where its sign-in is (${document.status})`);
  }
  const fixed = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  };
  return readServerMetadata(fixed, { issuers: [origin], legacy: true, bounds }, search.host);
}

/** What a document has to say. */
interface Expected {
  /** One of these, byte by byte (RFC 8414 section 3.3). */
  readonly issuers: readonly string[];
  /** MCP 2025-03-26, whose clients use S256 whether the server names it or not. */
  readonly legacy: boolean;
  readonly bounds: Bounds;
}

type Members = Readonly<Record<string, unknown>>;

/** Checks a metadata document of an authorization server. @throws OAuthTrouble `unsafe`. */
export function readServerMetadata(
  members: Members,
  { issuers, legacy, bounds }: Expected,
  host: string,
): AuthorizationServer {
  const issuer = issuers.find((one) => one === members.issuer);
  if (issuer === undefined) throw noSafeSignIn(host, `${WHAT} is for another issuer`);
  if (!texts(members.response_types_supported)?.includes('code')) {
    throw noSafeSignIn(host, 'its authorization server does not offer the code flow');
  }
  const challenges = members.code_challenge_methods_supported;
  if (!(legacy && challenges === undefined) && !texts(challenges)?.includes('S256')) {
    throw noSafeSignIn(host, 'its authorization server does not offer PKCE with S256');
  }
  for (const [name, value] of Object.entries(members)) {
    if (/_endpoint$/.test(name) && typeof value === 'string') endpoint(members, name, bounds, host);
  }
  const authorizationEndpoint = endpoint(members, 'authorization_endpoint', bounds, host);
  const tokenEndpoint = endpoint(members, 'token_endpoint', bounds, host);
  const registrationEndpoint = optionalEndpoint(members, 'registration_endpoint', bounds, host);
  const revocationEndpoint = optionalEndpoint(members, 'revocation_endpoint', bounds, host);
  const authentications = texts(members.token_endpoint_auth_methods_supported);
  const scopes = texts(members.scopes_supported);
  const issInResponse = members.authorization_response_iss_parameter_supported === true;
  const signing = texts(members.id_token_signing_alg_values_supported);
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    ...(registrationEndpoint === undefined ? {} : { registrationEndpoint }),
    ...(revocationEndpoint === undefined ? {} : { revocationEndpoint }),
    authentications: authentications ?? [],
    takesClientMetadata: members.client_id_metadata_document_supported === true,
    issInResponse,
    scopes,
    metadata: {
      issuer,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
      ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
      ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: issInResponse,
      ...(authentications ? { token_endpoint_auth_methods_supported: authentications } : {}),
      ...(scopes ? { scopes_supported: scopes } : {}),
      ...(signing ? { id_token_signing_alg_values_supported: signing } : {}),
    },
  };
}

function endpoint(members: Members, name: string, bounds: Bounds, host: string): string {
  return checkAddress(members[name], `the ${name.replaceAll('_', ' ')}`, bounds, host);
}

/** Absent, or null as some servers write it. */
function optionalEndpoint(members: Members, name: string, bounds: Bounds, host: string): string | undefined {
  if (members[name] === undefined || members[name] === null) return undefined;
  return endpoint(members, name, bounds, host);
}

/** The texts of a list; undefined when it is no list. */
function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((one: unknown) => typeof one === 'string');
}
