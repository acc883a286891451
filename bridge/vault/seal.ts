import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { AccountId } from '../contract/account.ts';
import type { StoredSecret } from './vault.ts';

/** Like PNG's signature: names the format and shows when a text-mode copy changed line ends. */
const MAGIC = Buffer.from('GWSEAL\r\n', 'latin1');
const VERSION = 1;
const KEY_ID_BYTES = 8;
/** Magic, version (u16), key id, generation (u64). */
const HEAD_BYTES = MAGIC.length + 2 + KEY_ID_BYTES + 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const MASTER_KEY_BYTES = 32;

/** The key files are sealed with, and the name by which a file says which key that was. */
export interface SealingKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Derives the sealing key from the master key (HKDF, RFC 5869), so that the master itself touches no file. */
export function sealingKey(master: Uint8Array): SealingKey {
  const bytes = Buffer.from(hkdfSync('sha256', master, '', 'gangway sealed account 1', 32));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  const id = createHmac('sha256', key).update('gangway key id 1').digest().subarray(0, KEY_ID_BYTES);
  return { id: id.toString('hex'), key };
}

/** Counts the saves of one account; part of what is authenticated. */
export type Generation = number;

/** What a sealed file turned out to be. */
export type Unsealed =
  | { kind: 'opened'; generation: Generation; value: StoredSecret }
  | { kind: 'newer'; version: number }
  | { kind: 'other-key' }
  | { kind: 'damaged' };

/**
 * Seals a value: head, nonce, ciphertext, tag. AES-256-GCM with a random 96-bit nonce per call, which stays safe for
 * 2^32 saves under one key (NIST SP 800-38D, 8.3). Head and account id are the associated data, so a file cannot be
 * moved to another account, relabelled or given another generation.
 */
export function seal(
  { id, key }: SealingKey,
  account: AccountId,
  generation: Generation,
  value: StoredSecret,
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt16BE(VERSION, MAGIC.length);
  head.write(id, MAGIC.length + 2, 'hex');
  head.writeBigUInt64BE(BigInt(generation), HEAD_BYTES - 8);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(head, account));
  const plain = Buffer.from(JSON.stringify(value));
  const sealed = Buffer.concat([head, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  return sealed;
}

/** Opens what `seal` made for the same key and account; says what is wrong instead of throwing. */
export function unseal({ id, key }: SealingKey, account: AccountId, bytes: Buffer): Unsealed {
  const found = readHead(bytes);
  if (found.kind !== 'head') return found;
  if (found.keyId !== id) return { kind: 'other-key' };
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(associated(bytes.subarray(0, HEAD_BYTES), account))
      .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const sealed = bytes.subarray(HEAD_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES);
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    // Authenticated, so it is the object `seal` was given.
    const value = JSON.parse(plain.toString('utf8')) as StoredSecret;
    plain.fill(0);
    return { kind: 'opened', generation: found.generation, value };
  } catch {
    return { kind: 'damaged' };
  }
}

type Head =
  | { kind: 'head'; keyId: string; generation: Generation }
  | { kind: 'newer'; version: number }
  | { kind: 'damaged' };

/** What the file says of itself, before anything is authenticated. */
export function readHead(bytes: Buffer): Head {
  if (bytes.length < MAGIC.length + 2 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { kind: 'damaged' };
  }
  const version = bytes.readUInt16BE(MAGIC.length);
  if (version > VERSION) return { kind: 'newer', version };
  if (version < VERSION || bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES) return { kind: 'damaged' };
  const keyId = bytes.toString('hex', MAGIC.length + 2, MAGIC.length + 2 + KEY_ID_BYTES);
  const generation = bytes.readBigUInt64BE(HEAD_BYTES - 8);
  if (generation >= BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'damaged' };
  return { kind: 'head', keyId, generation: Number(generation) };
}

/** The head has a fixed length, so no account id can make two pairs look alike. */
function associated(head: Uint8Array, account: AccountId): Buffer {
  return Buffer.concat([head, Buffer.from(account, 'utf8')]);
}
