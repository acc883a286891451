import { expect, test } from 'vitest';
import { sourceFiles, textOf } from './sources.ts';

/**
 * Where a secret may be taken out of its coat, and how often: a header or a form is built, a file is sealed, a hash is
 * taken, the redactor learns it, an account takes over what a client sent.
 */
const reveals: Readonly<Record<string, number>> = {
  'bridge/clients/foreign/migration.ts': 1,
  'bridge/credentials/authorizer.ts': 3,
  'bridge/credentials/credential.ts': 5,
  'bridge/credentials/fingerprint.ts': 1,
  'bridge/credentials/grant.ts': 5,
  'bridge/credentials/known-secrets.ts': 2,
  'bridge/oauth/client-authentication.ts': 1,
  'bridge/oauth/refresh.ts': 1,
  'bridge/oauth/registration.ts': 1,
  'bridge/oauth/revocation.ts': 1,
  'bridge/vault/passphrase.ts': 2,
};

test('secrets are revealed only in the few files that send, seal, hash or redact them', () => {
  const found = sourceFiles()
    .filter((file) => file.startsWith('bridge/') && file !== 'bridge/base/secret.ts')
    .map((file): [string, number] => [
      file,
      textOf(file).match(/\breveal\s*\(|\.reveal\b(?!\s*\()/g)?.length ?? 0,
    ])
    .filter(([, count]) => count > 0);
  expect(Object.fromEntries(found)).toEqual(reveals);
});
