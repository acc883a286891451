import * as z from 'zod';
import { Secret } from '../base/secret.ts';
import { BridgeError } from '../contract/errors.ts';
import {
  type Grant,
  grantOf,
  type Revocation,
  revocationOf,
  StoredGrant,
  StoredRevocation,
  sealableGrant,
  sealableRevocation,
  secretsInClient,
  secretsInGrant,
} from './grant.ts';

/** What the vault keeps for one account, before sealing. */
export const StoredCredential = z.strictObject({
  key: z.string().min(1).optional(),
  /** Values of the account's secret headers by lower-case name. */
  headers: z.record(z.string(), z.string()),
  /** Secret of the OAuth client that the person registered. */
  clientSecret: z.string().min(1).optional(),
  oauth: StoredGrant.optional(),
  /** Tokens of ended sign-ins that the authorization server has still to be told of. */
  revocations: z.array(StoredRevocation).optional(),
});
export type StoredCredential = z.infer<typeof StoredCredential>;

/** An account's secrets, ready for use and safe to print. */
export interface Credential {
  readonly key: Secret | undefined;
  readonly headers: ReadonlyMap<string, Secret>;
  readonly clientSecret: Secret | undefined;
  readonly grant: Grant | undefined;
  readonly revocations: readonly Revocation[];
}

/** A credential from texts that were cleaned and checked. */
export function credentialOf(
  key: string | undefined,
  headers: Readonly<Record<string, string>>,
  clientSecret?: string,
): Credential {
  return {
    key: key === undefined ? undefined : new Secret(key),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, new Secret(value)])),
    clientSecret: clientSecret === undefined ? undefined : new Secret(clientSecret),
    grant: undefined,
    revocations: [],
  };
}

/** The same secrets with another key. */
export function withKey(credential: Credential | undefined, key: string): Credential {
  return { ...(credential ?? credentialOf(undefined, {})), key: new Secret(key) };
}

/** The same secrets with another grant; without one when it is undefined. */
export function withGrant(credential: Credential | undefined, grant: Grant | undefined): Credential {
  return { ...(credential ?? credentialOf(undefined, {})), grant };
}

/** The same secrets with other tokens to be revoked. */
export function withRevocations(
  credential: Credential | undefined,
  revocations: readonly Revocation[],
): Credential {
  return { ...(credential ?? credentialOf(undefined, {})), revocations };
}

/**
 * Reads what the vault returned.
 * @throws BridgeError `vault-damaged` when it is not a credential.
 */
export function openCredential(record: unknown): Credential {
  const parsed = StoredCredential.safeParse(record);
  // The schema's own error could quote the secret, so it is not kept as the cause.
  if (!parsed.success) {
    throw new BridgeError(
      'vault-damaged',
      'The saved sign-in of this account cannot be read. Enter its key or sign in again.',
    );
  }
  const { key, headers, clientSecret, oauth, revocations } = parsed.data;
  return {
    ...credentialOf(key, headers, clientSecret),
    grant: oauth && grantOf(oauth),
    revocations: revocations?.map(revocationOf) ?? [],
  };
}

/** The credential as the vault seals it. */
export function sealable(credential: Credential): StoredCredential {
  const { key, clientSecret, grant, revocations } = credential;
  const headers = [...credential.headers].map(([name, value]) => [name, value.reveal()]);
  return {
    ...(key ? { key: key.reveal() } : {}),
    headers: Object.fromEntries(headers),
    ...(clientSecret ? { clientSecret: clientSecret.reveal() } : {}),
    ...(grant ? { oauth: sealableGrant(grant) } : {}),
    ...(revocations.length > 0 ? { revocations: revocations.map(sealableRevocation) } : {}),
  };
}

/** Every secret of the credential. */
export function secretsOf(credential: Credential): Secret[] {
  return [...lastingSecrets(credential), ...passingSecrets(credential)];
}

/** Secrets that only a person replaces. */
export function lastingSecrets({ key, headers, clientSecret }: Credential): Secret[] {
  return [...(key ? [key] : []), ...headers.values(), ...(clientSecret ? [clientSecret] : [])];
}

/** Secrets that come and go by themselves: tokens, and what a server gave a client it registered. */
export function passingSecrets({ grant, revocations }: Credential): Secret[] {
  return [
    ...(grant ? secretsInGrant(grant) : []),
    ...revocations.flatMap(({ token, client }) => [token, ...secretsInClient(client)]),
  ];
}

/** True when both have the same key; two credentials without keys are no such pair. */
export function sameKey(one: Credential, other: Credential): boolean {
  return one.key !== undefined && one.key.reveal() === other.key?.reveal();
}

/**
 * True when both prove the same by the same secrets, and hold any. Grants are never the same: each came from a sign-in
 * of its own.
 */
export function sameCredential(one: Credential, other: Credential): boolean {
  if (one.grant || other.grant || (!one.key && one.headers.size === 0)) return false;
  const [first, second] = [sealable(one), sealable(other)];
  const names = Object.keys(first.headers);
  return (
    first.key === second.key &&
    names.length === Object.keys(second.headers).length &&
    names.every((name) => first.headers[name] === second.headers[name])
  );
}
