import { properScope } from '../base/challenge.ts';
import { limits } from '../base/limits.ts';
import { oneLine } from '../base/text.ts';
import { checkAddress, faultOfAddress, isSameOrigin } from './address.ts';
import { type Document, fetchDocument, type Search } from './document.ts';
import type { Bounds } from './http.ts';
import { noSafeSignIn } from './refusal.ts';

/** What a workspace publishes about itself (RFC 9728 section 2), as far as it is used, checked. */
export interface ResourceMetadata {
  /** Byte by byte as published. */
  readonly resource: string;
  /** Issuers, each once, in the published order; at least one. */
  readonly authorizationServers: readonly string[];
  /** All scopes it names, except `offline_access`, which is the authorization server's to name. */
  readonly scope: string | undefined;
  /** One line for people. */
  readonly name: string | undefined;
}

export type ResourceSearch =
  | { readonly kind: 'found'; readonly metadata: ResourceMetadata }
  /** `isClean`: the server said plainly (404) of every place that there is nothing. */
  | { readonly kind: 'absent'; readonly isClean: boolean };

const WHAT = 'its resource metadata';
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Where resource metadata may be when the workspace does not say, in order: its path after the well-known one, with
 * its query (RFC 9728 section 3.1), then the origin's own.
 */
export function resourceMetadataUrls(workspace: string): string[] {
  const { origin, pathname, search } = new URL(workspace);
  const path = pathname.replace(/\/+$/, '');
  return [...new Set([`${origin}${WELL_KNOWN}${path}${search}`, `${origin}${WELL_KNOWN}`])];
}

/**
 * Finds and checks the resource metadata of a workspace.
 * @param named address from the workspace's challenge; it must be on the workspace's own origin.
 * @throws OAuthTrouble `unsafe`, `transient`.
 */
export async function findResourceMetadata(
  workspace: string,
  named: string | undefined,
  bounds: Bounds,
  search: Search,
): Promise<ResourceSearch> {
  if (named !== undefined) refuseElsewhere(named, workspace, bounds, search.host);
  const urls = new Set([...(named === undefined ? [] : [named]), ...resourceMetadataUrls(workspace)]);
  // A workspace that names metadata has some, wherever it went.
  let isClean = named === undefined;
  for (const url of urls) {
    const document: Document = await fetchDocument(url, WHAT, search);
    if (document.kind === 'found') {
      const metadata = readResourceMetadata(document.members, workspace, bounds, search.host);
      return { kind: 'found', metadata };
    }
    if (document.status !== 404) isClean = false;
  }
  return { kind: 'absent', isClean };
}

function refuseElsewhere(named: string, workspace: string, bounds: Bounds, host: string): void {
  checkAddress(named, `the address of ${WHAT}`, bounds, host);
  if (!isSameOrigin(named, workspace)) {
    throw noSafeSignIn(host, `${WHAT} is at another host, ${oneLine(new URL(named).host, 100)}`);
  }
}

/** Checks a resource metadata document (RFC 9728 section 3.3). @throws OAuthTrouble `unsafe`. */
export function readResourceMetadata(
  members: Readonly<Record<string, unknown>>,
  workspace: string,
  bounds: Bounds,
  host: string,
): ResourceMetadata {
  const { resource, authorization_servers: servers, scopes_supported: scopes, resource_name: name } = members;
  const fault = faultOfAddress(resource, bounds);
  if (fault !== undefined || typeof resource !== 'string') {
    throw noSafeSignIn(host, `the resource in ${WHAT} ${fault}`);
  }
  if (!coversWorkspace(resource, workspace)) throw noSafeSignIn(host, `${WHAT} is for another address`);
  if (!Array.isArray(servers) || servers.length === 0) {
    throw noSafeSignIn(host, `${WHAT} names no authorization server`);
  }
  if (servers.length > limits.authorizationServers) {
    throw noSafeSignIn(host, `${WHAT} names more than ${limits.authorizationServers} authorization servers`);
  }
  const issuers = servers.map((server: unknown) => issuer(server, bounds, host));
  const named = Array.isArray(scopes) ? scopes.filter((scope: unknown) => scope !== 'offline_access') : [];
  return {
    resource,
    authorizationServers: [...new Set(issuers)],
    scope: properScope(named),
    name: typeof name === 'string' ? oneLine(name, 100) || undefined : undefined,
  };
}

/** An issuer has neither query nor fragment (RFC 8414 section 2). */
function issuer(text: unknown, bounds: Bounds, host: string): string {
  const what = 'the address of its authorization server';
  const address = checkAddress(text, what, bounds, host);
  if (address.includes('?')) throw noSafeSignIn(host, `${what} has a query`);
  return address;
}

/**
 * The workspace is the resource, or below it path segment by path segment. RFC 9728 section 3.3 wants them identical,
 * but servers publish their origin or a path above. A slash at the end of the path counts as none.
 */
function coversWorkspace(resource: string, workspace: string): boolean {
  const [above, below] = [new URL(resource), new URL(workspace)];
  if (above.origin !== below.origin) return false;
  if (above.search !== '' && above.search !== below.search) return false;
  const path = above.pathname.replace(/\/$/, '');
  const segments = path === '' ? [] : path.split('/').slice(1);
  const own = below.pathname.split('/').slice(1);
  return segments.every((segment, index) => segment === own[index]);
}

/**
 * How a workspace without resource metadata is called in `resource` parameters (RFC 8707; MCP authorization, canonical
 * server URI): its address as stored, without fragment and without the slash of an empty path.
 */
export function canonicalResource(workspace: string): string {
  const plain = workspace.replace(/#.*$/s, '');
  const { pathname, search } = new URL(plain);
  return pathname === '/' && search === '' ? plain.replace(/\/$/, '') : plain;
}
