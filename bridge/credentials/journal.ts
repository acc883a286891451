import type { TokenAnswer } from '../oauth/tokens.ts';
import { fingerprint } from './fingerprint.ts';
import type { Grant } from './grant.ts';

/** Exchanged refresh tokens that are remembered. */
const SPENT = 8;
/** After this long the process that began a renewal is taken for dead. */
export const LEASE_MS = 30_000;

/** The grant with the note that a renewal with its refresh token begins now. */
export function begun(grant: Grant, refreshToken: string, startedAt: number, by: string): Grant {
  return { ...grant, renewal: { fingerprint: refreshToken, startedAt, by } };
}

/** The grant without that note: nothing is on its way that could have used up the refresh token. */
export function ended(grant: Grant): Grant {
  return { ...grant, renewal: undefined };
}

/**
 * True while another process is probably renewing this grant.
 * @param deadBefore whoever began a renewal before this moment is known to be gone; milliseconds since 1970.
 */
export function isLeased({ renewal }: Grant, now: number, self: string, deadBefore: number): boolean {
  if (!renewal || renewal.by === self || renewal.startedAt < deadBefore) return false;
  // Far in the future is as dead as long ago: then a clock was set.
  return Math.abs(now - renewal.startedAt) < LEASE_MS;
}

/** True when the refresh token may have been used up by a renewal whose answer nobody saw. */
export function isDoubtful({ renewal }: Grant, refreshToken: string): boolean {
  return renewal?.fingerprint === refreshToken;
}

/** True for a refresh token that was exchanged already; servers answer a second use by ending everything. */
export function isSpent({ spent }: Grant, refreshToken: string): boolean {
  return spent.includes(refreshToken);
}

/** The next generation. What the server left out stays as it was (RFC 6749 section 6). */
export function renewedBy(grant: Grant, answer: TokenAnswer, receivedAt: number): Grant {
  const before = grant.refreshToken && fingerprint(grant.refreshToken);
  const after = answer.refreshToken && fingerprint(answer.refreshToken);
  const isRotated = before !== undefined && after !== undefined && before !== after;
  const spent = isRotated ? [...grant.spent, before] : grant.spent;
  return {
    ...grant,
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken ?? grant.refreshToken,
    scope: answer.scope ?? grant.scope,
    obtainedAt: receivedAt,
    expiresAt: answer.expiresInS === undefined ? undefined : receivedAt + answer.expiresInS * 1000,
    generation: grant.generation + 1,
    // A token the server gives again is its to take again.
    spent: spent.filter((one) => one !== after).slice(-SPENT),
    renewal: undefined,
  };
}
