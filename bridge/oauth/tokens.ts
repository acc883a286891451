import type { Secret } from '../base/secret.ts';

/** What a token endpoint granted (RFC 6749 section 5.1), checked and cleaned. */
export interface TokenAnswer {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | undefined;
  /** Seconds from receipt, 0 to 30 days; undefined when the server did not say, or said nonsense. */
  readonly expiresInS: number | undefined;
  /** Granted scope; undefined when the server did not say, which means as requested (RFC 6749 section 5.1). */
  readonly scope: string | undefined;
  /** Who signed in, by the server's own unverified word: for people and for telling accounts apart, never for access. */
  readonly claims: { readonly subject: string | undefined; readonly name: string | undefined };
  /** What was odd but bearable, one sentence each, for the log. */
  readonly notes: readonly string[];
}
