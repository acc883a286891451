import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withOrigin } from '#main/packaging/update-origin.ts';

const source = await readFile(join(import.meta.dirname, '../../main/update-key.ts'), 'utf8');
const base64 = (type: 'ed25519' | 'x25519'): string => {
  const { publicKey } = type === 'ed25519' ? generateKeyPairSync(type) : generateKeyPairSync(type);
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
};
const key = base64('ed25519');
const FEED = 'https://updates.example/gangway/';

test('a release knows whose signature it trusts and where updates are', () => {
  const written = withOrigin(source, key, FEED);
  const origin = `{"publicKey":"${key}","feed":"${FEED}"}`;
  expect(written).toContain(`export const updateOrigin: UpdateOrigin | null = ${origin};\n`);
  expect(written.length).toBe(source.length - 'null'.length + origin.length);
  expect(() => withOrigin(written, key, FEED)).toThrow('has an origin already');
});

test.each([
  ['no key', '', FEED],
  ['text instead of a key', 'c2VjcmV0', FEED],
  ['a key for something else', base64('x25519'), FEED],
  ['no feed', key, ''],
  ['a feed without https', key, 'http://updates.example/gangway/'],
  ['a feed that is a file', key, 'https://updates.example/latest.yml'],
  ['a feed that breaks out of its quotes', key, 'https://updates.example/";steal()//'],
])('%s is refused', (_, publicKey, feed) => {
  expect(() => withOrigin(source, publicKey, feed)).toThrow();
});
