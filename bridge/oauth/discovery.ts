import { type Challenge, parseChallenge } from '../base/challenge.ts';
import { VERSION } from '../base/version.ts';
import { hostIn, isSameOrigin } from './address.ts';
import type { Search } from './document.ts';
import type { Bounds, OAuthHttp } from './http.ts';
import { noSafeSignIn } from './refusal.ts';
import { canonicalResource, findResourceMetadata } from './resource-metadata.ts';
import { type AuthorizationServer, findLegacyServer, findServer } from './server-metadata.ts';
import { OAuthTrouble } from './trouble.ts';

export type { AuthorizationServer } from './server-metadata.ts';

/** Where and how one workspace lets people sign in. */
export interface Discovered {
  readonly server: AuthorizationServer;
  /** The resource indicator, always this very string (RFC 8707 section 2). */
  readonly resource: string;
  /** To ask for; undefined leaves the choice to the server. */
  readonly scope: string | undefined;
  /** What the workspace calls itself, one line. */
  readonly resourceName?: string;
  /** By MCP 2025-03-26: nothing but the workspace's own origin vouches for it. */
  readonly legacy: boolean;
}

export type Discovery =
  | { readonly kind: 'found'; readonly found: Discovered }
  /** The workspace no longer names the issuer that the account's sign-in came from. Only a person may go on. */
  | { readonly kind: 'moved'; readonly from: string; readonly to: string; readonly found: Discovered }
  /** Only the old method is left, which a person must agree to first. */
  | { readonly kind: 'legacy' }
  /** The workspace asks for no sign-in. */
  | { readonly kind: 'none' };

/** Whose sign-in is looked for. */
export interface Wanted {
  /** Address of the workspace, as stored. */
  readonly url: string;
  readonly bounds: Bounds;
  /** Issuer of the account's last sign-in. */
  readonly pinnedIssuer?: string | undefined;
  /** A person agreed to the method of MCP 2025-03-26. */
  readonly legacy: boolean;
}

/**
 * Finds out where a person signs in to a workspace (MCP authorization, RFC 9728, RFC 8414). Nothing secret is sent.
 * @throws OAuthTrouble `unsafe` when what is published breaks a rule, `transient` when it cannot be told right now; the
 * signal's reason when it aborts.
 */
export async function discover(wanted: Wanted, http: OAuthHttp, signal: AbortSignal): Promise<Discovery> {
  const { url, bounds } = wanted;
  const fetch = http.fetch(bounds, http.waits.metadataMs);
  const search: Search = { host: hostIn(url), fetch, signal };
  const { asksForSignIn, challenge } = await knock(wanted, http, signal);
  const resource = await findResourceMetadata(url, challenge?.resourceMetadata, bounds, search);
  if (resource.kind === 'found') {
    const { authorizationServers, scope, name, resource: indicator } = resource.metadata;
    const server = await chooseServer(authorizationServers, wanted, search);
    const found = {
      server,
      resource: indicator,
      scope: scopeFor(server, challenge?.scope ?? scope),
      ...(name === undefined ? {} : { resourceName: name }),
      legacy: false,
    };
    return settled(found, wanted);
  }
  if (!resource.isClean) {
    if (!asksForSignIn) return { kind: 'none' };
    throw noSafeSignIn(search.host, 'it does not say where to sign in');
  }
  if (!wanted.legacy) return { kind: asksForSignIn ? 'legacy' : 'none' };
  const server = await findLegacyServer(url, bounds, search);
  const scope = scopeFor(server, challenge?.scope);
  return settled({ server, resource: canonicalResource(url), scope, legacy: true }, wanted);
}

/** Asks the workspace for a session without any credential, to hear what it wants. */
async function knock(
  { url, bounds }: Wanted,
  http: OAuthHttp,
  signal: AbortSignal,
): Promise<{ asksForSignIn: boolean; challenge: Challenge | undefined }> {
  const fetch = http.fetchHead(bounds, http.waits.metadataMs);
  const accept = 'application/json, text/event-stream';
  const headers = { accept, 'content-type': 'application/json' };
  let response = await fetch(url, { method: 'POST', headers, body: INITIALIZE, signal }).catch(asRead);
  // A workspace of MCP 2024-11-05 takes no messages at its address; it opens a stream there.
  if (isAbsent(response.status)) {
    response = await fetch(url, { method: 'GET', headers: { accept: 'text/event-stream' }, signal });
  }
  // Some shake hands with everybody and ask for a sign-in only when something is wanted of them.
  const session = response.headers.get('mcp-session-id');
  if (response.status !== 401 && !isAbsent(response.status)) {
    const inSession = session === null ? headers : { ...headers, 'mcp-session-id': session };
    const asked = {
      method: 'POST',
      headers: { ...inSession, 'mcp-protocol-version': VERSION_ASKED },
      signal,
    };
    response = await fetch(url, { ...asked, body: LIST_TOOLS }).catch(asRead);
    if (session !== null) await fetch(url, { ...asked, method: 'DELETE' }).catch(asNothing);
  }
  if (response.status !== 401) return { asksForSignIn: false, challenge: undefined };
  const challenge = parseChallenge(response.headers.get('www-authenticate') ?? undefined);
  return { asksForSignIn: true, challenge };
}

function isAbsent(status: number): boolean {
  return status === 404 || status === 405;
}

/** A session that cannot be ended ends by itself. */
function asNothing(): void {}

const VERSION_ASKED = '2025-11-25';
const LIST_TOOLS = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: VERSION_ASKED,
    capabilities: {},
    clientInfo: { name: 'gangway', version: VERSION },
  },
});

/** A handshake that was cut off did nothing that matters. */
function asRead(error: unknown): never {
  if (error instanceof OAuthTrouble && error.kind === 'ambiguous') {
    throw new OAuthTrouble('transient', error.message, error.facts, error);
  }
  throw error;
}

/**
 * The pinned issuer while it is listed, otherwise the first that can be used. One that cannot be reached right now is
 * not passed over, so that nobody steers people to another server by blocking one.
 */
async function chooseServer(
  issuers: readonly string[],
  { pinnedIssuer, bounds }: Wanted,
  search: Search,
): Promise<AuthorizationServer> {
  if (pinnedIssuer !== undefined && issuers.includes(pinnedIssuer)) {
    return findServer(pinnedIssuer, bounds, search);
  }
  let refusal: unknown;
  for (const issuer of issuers) {
    try {
      return await findServer(issuer, bounds, search);
    } catch (error) {
      if (!(error instanceof OAuthTrouble) || error.kind !== 'unsafe') throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function settled(found: Discovered, { pinnedIssuer }: Wanted): Discovery {
  const to = found.server.issuer;
  if (pinnedIssuer === undefined || pinnedIssuer === to) return { kind: 'found', found };
  return { kind: 'moved', from: pinnedIssuer, to, found };
}

/** Adds `offline_access` to a scope where the authorization server has it (OpenID Connect Core section 11). */
function scopeFor({ scopes }: AuthorizationServer, scope: string | undefined): string | undefined {
  if (scope === undefined || !scopes?.includes('offline_access')) return scope;
  return scope.split(' ').includes('offline_access') ? scope : `${scope} offline_access`;
}

/** Where tokens of a stored sign-in may go. */
export interface StoredEndpoints {
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string | undefined;
}

/**
 * The server now wants tokens at another origin than the one they were stored for. Nothing may be sent there before a
 * person agrees; another path at the same origin is no change of who gets them.
 */
export function endpointMoved(stored: StoredEndpoints, server: StoredEndpoints): boolean {
  const { tokenEndpoint, revocationEndpoint } = stored;
  if (!isSameOrigin(tokenEndpoint, server.tokenEndpoint)) return true;
  if (revocationEndpoint === undefined || server.revocationEndpoint === undefined) return false;
  return !isSameOrigin(revocationEndpoint, server.revocationEndpoint);
}
