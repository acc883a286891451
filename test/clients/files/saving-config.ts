import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { readConfigFile, removeConfigFile, writeConfigFile } from '#bridge/clients/files/config-file.ts';
import { BridgeError } from '#contract/errors.ts';

/*
 * Changes one settings file in a process that may be killed, or that has hardly any disk. Arguments: what to do, the file,
 * the home.
 * - `on-and-on`: after a line on stdin saves number upon number over the file until it is killed, and prints each number
 *   that is saved. `anew`: removes it before each of them.
 * - `once`: saves more than fits, and prints as JSON how that went and which names there are in the folder then.
 */

const [what, path = '', home = ''] = process.argv.slice(2);
const PADDING = 'p'.repeat(100_000);

if (what === 'once') {
  const before = await readConfigFile(path, home, 'look');
  const failed = await writeConfigFile(before, PADDING).then(
    () => undefined,
    (error: unknown) => error,
  );
  const said =
    failed instanceof BridgeError
      ? { code: failed.code, message: failed.message, cause: (failed.cause as NodeJS.ErrnoException)?.code }
      : { message: String(failed) };
  const now = await readConfigFile(path, home, 'look');
  const same = now.exists === before.exists && now.bytes.equals(before.bytes);
  process.stdout.write(JSON.stringify({ ...said, same, names: readdirSync(dirname(path)) }));
} else {
  const [first] = (await once(createInterface(process.stdin), 'line')) as [string];
  for (let turn = Number(first); ; turn += 1) {
    const before = await readConfigFile(path, home);
    if (what === 'anew') await removeConfigFile(before);
    const now = what === 'anew' ? await readConfigFile(path, home) : before;
    await writeConfigFile(now, `${JSON.stringify({ turn, padding: PADDING })}\n`);
    process.stdout.write(`${turn}\n`);
  }
}
