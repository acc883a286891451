import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import * as oauth from 'oauth4webapi';
import { limits } from '../base/limits.ts';
import { reachOfHost } from '../connectors/reach.ts';
import { faultOfAddress, hostIn } from './address.ts';
import type { OAuthClient } from './client.ts';
import type { AuthorizationServer } from './discovery.ts';
import type { Bounds } from './http.ts';
import { OAuthTrouble } from './trouble.ts';

export interface AuthorizationRequest {
  readonly server: Pick<AuthorizationServer, 'issuer' | 'authorizationEndpoint'>;
  readonly client: Pick<OAuthClient, 'id'>;
  readonly redirectUri: string;
  readonly scope?: string | undefined;
  /** Sent verbatim (RFC 8707 section 2); absent where the server has no resource metadata. */
  readonly resource?: string | undefined;
  readonly state: string;
  /** Stays here; only its hash is in the link (RFC 7636 section 4.2). */
  readonly verifier: string;
  readonly bounds: Bounds;
}

/** The page to sign in at. */
export interface AuthorizationLink {
  /** Printable ASCII without quotes, blanks or anything a shell would read; opened by a person's click only. */
  readonly link: string;
  /** As the link has it: lower case, punycode, with its port. */
  readonly host: string;
  /** A host that people cannot tell from another by reading it. */
  readonly unusual: 'ip' | 'punycode' | undefined;
}

/** Parameters of ours, and those by which a link could replace them (RFC 9101). */
const RESERVED = new Set([
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'prompt',
  'request',
  'request_uri',
]);

/**
 * The link of an authorization request (RFC 6749 section 4.1.1, RFC 7636, RFC 8707).
 * @throws OAuthTrouble `unsafe` when the server's authorization endpoint is no address to send a person to.
 */
export function authorizationRequest(request: AuthorizationRequest): AuthorizationLink {
  const { client, redirectUri, scope, resource, state, verifier } = request;
  const endpoint = checkedEndpoint(request);
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(scope ? { scope } : {}),
    ...(resource === undefined ? {} : { resource }),
    // Servers give a refresh token only after being asked so (OpenID Connect Core section 11).
    ...(scope?.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
  });
  // A plus means a blank only where forms are read; %20 means one everywhere.
  const ours = parameters.toString().replaceAll('+', '%20');
  const query = [endpoint.search.slice(1), ours].filter(Boolean).join('&');
  const link = encoded(`${endpoint.origin}${endpoint.pathname}?${query}`);
  if (link.length > limits.signInLinkCharacters) throw notSafe(request, 'it is longer than 8 KB');
  return { link, host: endpoint.host, unusual: unusualHost(endpoint.hostname) };
}

/** 256 random bits that tell this sign-in's callback from any other (RFC 6749 section 10.12). */
export function newState(): string {
  return oauth.generateRandomState();
}

/** 256 random bits in 43 characters (RFC 7636 section 4.1). */
export function newVerifier(): string {
  return oauth.generateRandomCodeVerifier();
}

function checkedEndpoint(request: AuthorizationRequest): URL {
  const text = request.server.authorizationEndpoint;
  const fault = faultOfAddress(text, request.bounds);
  if (fault !== undefined) throw notSafe(request, `it ${fault}`);
  const url = new URL(text);
  // The person's own network may go without https; nothing makes that safe on the internet.
  if (url.protocol !== 'https:' && reachOfHost(url.hostname) === 'public') {
    throw notSafe(request, 'it does not use https');
  }
  const taken = [...url.searchParams.keys()].find((name) => RESERVED.has(name.toLowerCase()));
  if (taken) throw notSafe(request, `it sets "${taken.toLowerCase()}" by itself`);
  return url;
}

/** Nothing of the address is in the message. */
function notSafe({ server }: AuthorizationRequest, reason: string): OAuthTrouble {
  const host = hostIn(server.issuer);
  const message = `This sign-in link is not safe to open: ${reason}. Tell the people who run ${host}.`;
  return new OAuthTrouble('unsafe', message, { host });
}

/** Everything outside RFC 3986, every percent sign that begins no escape, and what shells or HTML give a meaning. */
function encoded(link: string): string {
  return link
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replace(/[^A-Za-z0-9\-._~:/?#[\]@!*+,;=&%]/g, (character) => {
      return [...Buffer.from(character)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join('');
    });
}

/** Private addresses were refused or named by the person; this computer's own is no stranger. */
function unusualHost(hostname: string): AuthorizationLink['unusual'] {
  if (hostname.split('.').some((label) => label.startsWith('xn--'))) return 'punycode';
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress && reachOfHost(hostname) !== 'loopback' ? 'ip' : undefined;
}
