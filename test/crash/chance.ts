import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let counter = 0;
let seed = '';

/** From here on every id, token and nonce is the same as after the same call in another run or process. */
export function repeatChance(next: string): void {
  seed = next;
  counter = 0;
}

/** Keys that `scrypt` was asked for: it is slow on purpose, and gives the same for the same. */
const derived = new Map<string, Buffer>();

/** Derives a key only once for the same passphrase, salt and cost. */
export function rememberDerived(): void {
  const { scrypt } = crypto;
  Reflect.set(crypto, 'scrypt', (text: string, salt: Buffer, size: number, cost: object, done: Done) => {
    const asked = [text, salt.toString('hex'), size, JSON.stringify(cost)].join(' ');
    const known = derived.get(asked);
    if (known) return setImmediate(done, null, Buffer.from(known));
    scrypt(text, salt, size, cost, (error, key) => {
      if (!error) derived.set(asked, Buffer.from(key));
      done(error, key);
    });
  });
  syncBuiltinESMExports();
}

type Done = (error: Error | null, key: Buffer) => void;

/** Makes `randomBytes` repeatable, so that two runs of one operation can be compared byte for byte. */
export function makeChanceRepeatable(): void {
  Reflect.set(crypto, 'randomBytes', (size: number) => {
    counter += 1;
    const bytes = crypto.createHash('shake256', { outputLength: size });
    return bytes.update(`${seed} ${counter}`).digest();
  });
  syncBuiltinESMExports();
}
