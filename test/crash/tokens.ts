import { Secret } from '#bridge/base/secret.ts';
import type { Grant } from '#bridge/credentials/grant.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { clientOf } from '../oauth/client-of.ts';
import type { Secrets } from './stage.ts';

const ISSUER = 'https://auth.acme.example';
const OBTAINED_AT = Date.parse('2026-11-21T08:00:00Z');

/** What the person's sign-in brought. It is over, so whoever needs its token has to renew it. */
export function firstGrant({ firstKey }: Secrets): Grant {
  return {
    issuer: ISSUER,
    tokenEndpoint: `${ISSUER}/token`,
    revocationEndpoint: undefined,
    resource: undefined,
    client: clientOf(ISSUER),
    accessToken: new Secret(`${firstKey}-access`),
    refreshToken: new Secret(`${firstKey}-refresh`),
    scope: undefined,
    requestedScope: undefined,
    obtainedAt: OBTAINED_AT,
    expiresAt: OBTAINED_AT + 60 * 60_000,
    generation: 0,
    spent: [],
    renewal: undefined,
  };
}

/** Both tokens are new ones, as a server that rotates refresh tokens answers. */
export function rotated({ secondKey }: Secrets): TokenAnswer {
  return {
    accessToken: new Secret(`${secondKey}-access`),
    refreshToken: new Secret(`${secondKey}-refresh`),
    expiresInS: 3600,
    scope: undefined,
    claims: { subject: undefined, name: undefined },
    notes: [],
  };
}
