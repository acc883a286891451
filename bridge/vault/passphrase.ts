import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { writeWhole } from '../base/json-file.ts';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import { BridgeError } from '../contract/errors.ts';
import type { KeyAnswer, KeySource } from './key-source.ts';
import { readPrivate } from './private-file.ts';
import { MASTER_KEY_BYTES } from './seal.ts';

const VERSION = 1;
const LEAST_CHARACTERS = 8;
const VERIFIER_BYTES = 32;
/** 128 MB of memory per guess (RFC 7914; OWASP Password Storage: N=2^17, r=8, p=1). */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const satisfies ScryptOptions;

const base64Of = (bytes: number) =>
  z.base64().refine((text) => Buffer.from(text, 'base64').length === bytes, `${bytes} bytes in base64`);

/** What is needed besides the passphrase, and a value that only the right one gives. Neither is a secret. */
const Header = z.strictObject({
  version: z.literal(VERSION),
  kdf: z.literal('scrypt'),
  n: z.literal(COST.N),
  r: z.literal(COST.r),
  p: z.literal(COST.p),
  salt: base64Of(32),
  verifier: base64Of(VERIFIER_BYTES),
});
type Header = z.infer<typeof Header>;

/** Where that is kept. */
export function headerIn(folder: string): string {
  return join(folder, 'passphrase.json');
}

/** The master key derived from a passphrase, for machines without a keychain. Only when a person asks for it. */
export class PassphraseKey implements KeySource {
  readonly kind = 'passphrase';
  readonly waitMs = limits.passphraseMs;
  readonly #path: string;
  #passphrase: Secret | undefined;

  constructor(folder: string, passphrase: Secret | undefined) {
    this.#path = headerIn(folder);
    this.#passphrase = passphrase;
  }

  take(passphrase: Secret): void {
    this.#passphrase = passphrase;
  }

  async key({ create }: { create: boolean }): Promise<KeyAnswer> {
    // Another one may be given meanwhile.
    const passphrase = this.#passphrase;
    if (!passphrase) return { kind: 'trouble', because: 'no-passphrase' };
    const header = await this.#read();
    if (!header) return create ? this.#make(passphrase) : { kind: 'trouble', because: 'header-missing' };
    const { master, verifier } = await derive(passphrase, Buffer.from(header.salt, 'base64'));
    if (timingSafeEqual(verifier, Buffer.from(header.verifier, 'base64'))) return { kind: 'key', master };
    master.fill(0);
    return { kind: 'trouble', because: 'wrong-passphrase' };
  }

  async #make(passphrase: Secret): Promise<KeyAnswer> {
    if (passphrase.reveal().length < LEAST_CHARACTERS) {
      throw new BridgeError(
        'invalid-input',
        `The passphrase is too short: it takes at least ${LEAST_CHARACTERS} characters. Nothing was saved.`,
      );
    }
    const salt = randomBytes(32);
    const { master, verifier } = await derive(passphrase, salt);
    const header: Header = {
      version: VERSION,
      kdf: 'scrypt',
      n: COST.N,
      r: COST.r,
      p: COST.p,
      salt: salt.toString('base64'),
      verifier: verifier.toString('base64'),
    };
    await writeWhole(this.#path, Buffer.from(`${JSON.stringify(header, null, 2)}\n`));
    return { kind: 'key', master };
  }

  async #read(): Promise<Header | undefined> {
    const found = await readPrivate(this.#path, { mostBytes: limits.passphraseBytes, whenLoose: 'repair' });
    if (found.kind === 'absent') return undefined;
    const raw = found.kind === 'content' ? parse(found.bytes) : undefined;
    const version = z.looseObject({ version: z.number() }).safeParse(raw);
    if (version.success && version.data.version > VERSION) {
      throw new BridgeError(
        'newer-file',
        `${this.#path} was made by a newer Gangway. Update Gangway; the file was left untouched.`,
      );
    }
    const header = Header.safeParse(raw);
    if (header.success) return header.data;
    throw new BridgeError(
      'vault-damaged',
      `${this.#path} is damaged, and no passphrase opens the saved sign-ins without it. It was left in place. Restore it from a backup.`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** One derivation gives both halves, so the verifier says nothing about the key (RFC 7914). */
async function derive(passphrase: Secret, salt: Uint8Array): Promise<{ master: Buffer; verifier: Buffer }> {
  // Keyboards compose the same letter in different ways; NFC makes them one (RFC 8265, 4.2.2).
  const text = passphrase.reveal().normalize('NFC');
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    scrypt(text, salt, MASTER_KEY_BYTES + VERIFIER_BYTES, COST, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
  return { master: bytes.subarray(0, MASTER_KEY_BYTES), verifier: bytes.subarray(MASTER_KEY_BYTES) };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
