import { expect, test } from 'vitest';
import { sourceFiles, textOf } from './sources.ts';

/** Where a secret may be taken out of its coat, and how often: a header is built, a file is sealed. */
const reveals: Readonly<Record<string, number>> = {
  'bridge/credentials/authorizer.ts': 4,
  'bridge/credentials/credential.ts': 4,
  'bridge/vault/passphrase.ts': 2,
};

test('secrets are revealed only in the few files that build headers or seal files', () => {
  const found = sourceFiles()
    .filter((file) => file.startsWith('bridge/') && file !== 'bridge/base/secret.ts')
    .map((file): [string, number] => [
      file,
      textOf(file).match(/\breveal\s*\(|\.reveal\b(?!\s*\()/g)?.length ?? 0,
    ])
    .filter(([, count]) => count > 0);
  expect(Object.fromEntries(found)).toEqual(reveals);
});
