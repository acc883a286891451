import type { OAuthClient } from '#bridge/oauth/client.ts';

/** A client as the authorization server at this address knows it; public unless told otherwise. */
export function clientOf(issuer: string, changes: Partial<OAuthClient> = {}): OAuthClient {
  return {
    kind: 'registered',
    issuer,
    id: 'client-1',
    secret: undefined,
    authentication: 'none',
    ports: [],
    secretExpiresAt: undefined,
    registration: undefined,
    ...changes,
  };
}
