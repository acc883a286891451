import { createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes of the key that both ends of the local socket share. */
export const KEY_BYTES = 32;

export type KeyFile =
  | { readonly kind: 'key'; readonly key: KeyObject; readonly repaired: boolean }
  | { readonly kind: 'missing' }
  /** `foreign`: not ours, or no plain file; it is never touched. `damaged`: ours, but it holds no key. */
  | { readonly kind: 'unusable'; readonly because: 'foreign' | 'damaged' };

/**
 * Reads the key of the local handshake. It must be a plain file of this user; where others may read it, it is closed
 * to them first. Synchronous and small, because the shim does it before anything else.
 */
export function readHandshakeKey(path: string): KeyFile {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? { kind: 'missing' }
      : { kind: 'unusable', because: 'foreign' };
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { kind: 'unusable', because: 'foreign' };
    if (process.getuid && found.uid !== process.getuid()) return { kind: 'unusable', because: 'foreign' };
    const repaired = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
    if (repaired) fchmodSync(file, 0o600);
    const bytes = Buffer.alloc(KEY_BYTES + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length !== KEY_BYTES) return { kind: 'unusable', because: 'damaged' };
    const key = createSecretKey(bytes.subarray(0, KEY_BYTES));
    bytes.fill(0);
    return { kind: 'key', key, repaired };
  } catch {
    return { kind: 'unusable', because: 'damaged' };
  } finally {
    closeSync(file);
  }
}
