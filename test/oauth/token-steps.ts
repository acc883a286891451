import { expect } from 'vitest';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { collectError } from '../canary/collect.ts';

/** The trouble a step ends in. What it shows is searched for secrets like a log. */
export async function troubleIn(step: () => unknown): Promise<OAuthTrouble> {
  try {
    await step();
  } catch (error) {
    collectError('trouble of a step', error);
    expect(error).toBeInstanceOf(OAuthTrouble);
    if (error instanceof OAuthTrouble) return error;
  }
  throw new Error('The step ended without trouble.');
}

/** A JWT that says this, with a signature that nobody checks. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}
