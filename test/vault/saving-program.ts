import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { silentLog } from '#bridge/base/log.ts';
import { sealingKey } from '#bridge/vault/seal.ts';
import { SealedFiles } from '#bridge/vault/sealed-files.ts';
import { accountNamed } from './accounts.ts';

/*
 * Saves one account over and over until it is killed, and prints the number of each save that is done. Run with the
 * folder and the first number as arguments; the master key comes as a line of hexadecimal digits on stdin.
 */

const [folder, first] = process.argv.slice(2);
const lines = createInterface(process.stdin);
const [master] = (await once(lines, 'line')) as [string];
const key = sealingKey(Buffer.from(master, 'hex'));
const files = new SealedFiles(folder ?? '', silentLog);
// Large, so that a kill often falls into the writing.
const padding = 'p'.repeat(1_000_000);
for (let turn = Number(first); ; turn += 1) {
  await files.save(key, accountNamed('ann'), { turn, padding });
  process.stdout.write(`${turn}\n`);
}
