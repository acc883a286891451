import type { ErrorCode } from '../contract/errors.ts';

/**
 * What a failed step of OAuth means for the account, whatever the server called it.
 *
 * - `unsafe`: metadata or an address breaks a rule of ours; trying again changes nothing.
 * - `grant-lost`: the server no longer takes the code or refresh token (`invalid_grant`, RFC 6749 section 5.2).
 * - `client-lost`: the server no longer knows the client (`invalid_client`, `unauthorized_client`).
 * - `configuration`: the server refuses what we ask for (`invalid_scope`, `invalid_target`, …); no loop.
 * - `denied`: a person or a rule said no (`access_denied`, a refused registration).
 * - `suspicious`: 401 or 403 without OAuth's JSON, as firewalls answer.
 * - `transient`: down, busy, or a network sign-in page; nothing was used up.
 * - `ambiguous`: it was sent and the answer was lost; the server may have acted.
 */
export type OAuthTroubleKind =
  | 'unsafe'
  | 'grant-lost'
  | 'client-lost'
  | 'configuration'
  | 'denied'
  | 'suspicious'
  | 'transient'
  | 'ambiguous';

export interface OAuthTroubleFacts {
  /** Host that failed, for people. */
  readonly host: string;
  /** The server's error code (RFC 6749 section 5.2), only when it is one of the known ones. */
  readonly error?: string;
  readonly retryAfterSeconds?: number;
  readonly status?: number;
}

/**
 * A step failed. `message` is one sentence for people without any secret, at most 300 characters; what a server said is
 * in it only as far as it is safe to show.
 */
export class OAuthTrouble extends Error {
  readonly kind: OAuthTroubleKind;
  readonly facts: OAuthTroubleFacts;

  constructor(kind: OAuthTroubleKind, message: string, facts: OAuthTroubleFacts, cause?: unknown) {
    super(message.slice(0, 300).toWellFormed(), cause === undefined ? undefined : { cause });
    this.name = 'OAuthTrouble';
    this.kind = kind;
    this.facts = facts;
  }
}

/** The code under which a person or a client hears of it. */
export const codeOfTrouble: Readonly<Record<OAuthTroubleKind, ErrorCode>> = {
  unsafe: 'refused',
  'grant-lost': 'sign-in-needed',
  'client-lost': 'sign-in-needed',
  configuration: 'refused',
  denied: 'refused',
  suspicious: 'unreachable',
  transient: 'unreachable',
  ambiguous: 'unreachable',
};
