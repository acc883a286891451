import type { Grant } from '../credentials/grant.ts';
import type { Discovered } from '../oauth/discovery.ts';
import type { Authorized } from './authorize.ts';

/** What was granted, with everything that renewing and revoking it will need, as found before the person left. */
export function grantFrom(
  { tokens, client }: Extract<Authorized, { kind: 'granted' }>,
  { server, resource }: Discovered,
  requestedScope: string | undefined,
  now: Date,
): Grant {
  const { accessToken, refreshToken, expiresInS, scope } = tokens;
  const obtainedAt = now.getTime();
  return {
    issuer: server.issuer,
    tokenEndpoint: server.tokenEndpoint,
    revocationEndpoint: server.revocationEndpoint,
    resource,
    client,
    accessToken,
    refreshToken,
    scope,
    requestedScope,
    obtainedAt,
    expiresAt: expiresInS === undefined ? undefined : obtainedAt + expiresInS * 1000,
    generation: 0,
    spent: [],
    renewal: undefined,
  };
}
