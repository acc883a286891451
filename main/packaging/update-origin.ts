import { createPublicKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * UPDATE_PUBLIC_KEY=... UPDATE_FEED=https://.../ node main/packaging/update-origin.ts
 *
 * Writes into main/update-key.ts where the packages of a release take updates from. Both are public.
 */

const NONE = 'export const updateOrigin: UpdateOrigin | null = null;';

/**
 * The source of `update-key.ts` with this origin.
 *
 * @throws Error when the key is no ed25519 key (RFC 8410), the feed no folder on https, or the source has an origin.
 */
export function withOrigin(source: string, publicKey: string, feed: string): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('UPDATE_PUBLIC_KEY is no ed25519 key.');
  const address = new URL(feed);
  const isFolder = address.protocol === 'https:' && address.pathname.endsWith('/') && address.href === feed;
  if (!isFolder) throw new Error('UPDATE_FEED is no folder on https; it ends with a slash.');
  if (!source.includes(NONE)) throw new Error('main/update-key.ts has an origin already.');
  const origin = JSON.stringify({ publicKey, feed });
  return source.replace(NONE, () => NONE.replace('null;', `${origin};`));
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'update-key.ts');
  const { UPDATE_PUBLIC_KEY = '', UPDATE_FEED = '' } = process.env;
  await writeFile(file, withOrigin(await readFile(file, 'utf8'), UPDATE_PUBLIC_KEY, UPDATE_FEED));
}
