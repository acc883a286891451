import { randomBytes } from 'node:crypto';

/** A made-up key in the shape that Laravel Sanctum gives its personal access tokens: `<id>|<40 or more characters>`. */
export function newSanctumToken(id: number): string {
  return `${id}|${randomBytes(24).toString('hex')}`;
}

/** A made-up workspace key for allv. */
export function newAllvKey(): string {
  return `sk_live_${randomBytes(16).toString('hex')}`;
}

/** A made-up API key for Aly. */
export function newAlyKey(): string {
  return `aly_${randomBytes(16).toString('hex')}`;
}

/** A made-up bearer token. */
export function newBearerToken(): string {
  return randomBytes(24).toString('base64url');
}
