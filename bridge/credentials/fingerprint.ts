import { createHash } from 'node:crypto';
import type { Secret } from '../base/secret.ts';

/**
 * Names a token without giving it away: the first 16 hexadecimal digits of its SHA-256. Tokens are long random texts,
 * so nobody finds one from its fingerprint.
 */
export function fingerprint(token: Secret | string): string {
  const text = typeof token === 'string' ? token : token.reveal();
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
