import type { Secret } from '../base/secret.ts';

/** How the client proves itself at the token endpoint (RFC 7591 section 2). */
export type ClientAuthentication = 'none' | 'client_secret_basic' | 'client_secret_post';

/**
 * Gangway as one authorization server knows it. Never used with another issuer.
 *
 * - `own`: the person registered it beforehand and entered its id.
 * - `metadata`: a client id metadata document; the id is its URL.
 * - `registered`: dynamic registration (RFC 7591).
 */
export interface OAuthClient {
  readonly kind: 'own' | 'metadata' | 'registered';
  readonly issuer: string;
  readonly id: string;
  readonly secret: Secret | undefined;
  readonly authentication: ClientAuthentication;
  /** Loopback ports of the registered redirect addresses; empty where any port may be used (RFC 8252 section 7.3). */
  readonly ports: readonly number[];
  /** Milliseconds since 1970; undefined: never. */
  readonly secretExpiresAt: number | undefined;
  /** Where the registration can be deleted (RFC 7592). */
  readonly registration: { readonly uri: string; readonly token: Secret } | undefined;
}
