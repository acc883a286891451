import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let counter = 0;
let seed = '';

/** From here on every id, token and nonce is the same as after the same call in another run or process. */
export function repeatChance(next: string): void {
  seed = next;
  counter = 0;
}

/** Makes `randomBytes` repeatable, so that two runs of one operation can be compared byte for byte. */
export function makeChanceRepeatable(): void {
  Reflect.set(crypto, 'randomBytes', (size: number) => {
    counter += 1;
    const bytes = crypto.createHash('shake256', { outputLength: size });
    return bytes.update(`${seed} ${counter}`).digest();
  });
  syncBuiltinESMExports();
}
