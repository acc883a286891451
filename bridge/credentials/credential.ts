import * as z from 'zod';
import { Secret } from '../base/secret.ts';
import { BridgeError } from '../contract/errors.ts';

/** What the vault keeps for one account, before sealing. */
export const StoredCredential = z.strictObject({
  key: z.string().min(1).optional(),
  /** Values of the account's secret headers by lower-case name. */
  headers: z.record(z.string(), z.string()),
});
export type StoredCredential = z.infer<typeof StoredCredential>;

/** An account's secrets, ready for use and safe to print. */
export interface Credential {
  readonly key: Secret | undefined;
  readonly headers: ReadonlyMap<string, Secret>;
}

/** A credential from texts that were cleaned and checked. */
export function credentialOf(key: string | undefined, headers: Readonly<Record<string, string>>): Credential {
  return {
    key: key === undefined ? undefined : new Secret(key),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, new Secret(value)])),
  };
}

/**
 * Reads what the vault returned.
 * @throws BridgeError `vault-damaged` when it is not a credential.
 */
export function openCredential(record: unknown): Credential {
  const parsed = StoredCredential.safeParse(record);
  // The schema's own error could quote the secret, so it is not kept as the cause.
  if (!parsed.success) {
    throw new BridgeError('vault-damaged', 'The saved key of this account cannot be read. Enter it again.');
  }
  return credentialOf(parsed.data.key, parsed.data.headers);
}

/** The credential as the vault seals it. */
export function sealable(credential: Credential): StoredCredential {
  const headers = [...credential.headers].map(([name, value]) => [name, value.reveal()]);
  return {
    ...(credential.key ? { key: credential.key.reveal() } : {}),
    headers: Object.fromEntries(headers),
  };
}

/** Every secret of the credential. */
export function secretsOf(credential: Credential): Secret[] {
  return [...(credential.key ? [credential.key] : []), ...credential.headers.values()];
}

/** True when both have the same key; two credentials without keys are no such pair. */
export function sameKey(one: Credential, other: Credential): boolean {
  return one.key !== undefined && one.key.reveal() === other.key?.reveal();
}

/** True when both hold exactly the same secrets, and at least one. */
export function sameCredential(one: Credential, other: Credential): boolean {
  const [first, second] = [sealable(one), sealable(other)];
  const names = Object.keys(first.headers);
  return (
    secretsOf(one).length > 0 &&
    first.key === second.key &&
    names.length === Object.keys(second.headers).length &&
    names.every((name) => first.headers[name] === second.headers[name])
  );
}
