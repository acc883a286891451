import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';

/*
 * Takes the place of `@napi-rs/keyring` in the bundled command. A single executable is in the folder `bin` of an app, which
 * has the package's native file outside its archive, and only that exact place is looked at: searching upwards would reach
 * folders that others may write to. `node gangway.cjs` uses the packages around it.
 */

type Keyring = typeof import('@napi-rs/keyring');

const load = createRequire(import.meta.filename);

export const { AsyncEntry, findCredentialsAsync } = keyring();

function keyring(): Keyring {
  if (!isSea()) return load('@napi-rs/keyring');
  const resources = join(dirname(process.execPath), '..');
  const platform = `keyring-${process.platform}-${process.arch}`;
  const [file] = globSync(`app.asar.unpacked/node_modules/@napi-rs/${platform}*/*.node`, { cwd: resources });
  if (file === undefined)
    throw new Error('There is no app around this command, and so no access to the keychain.');
  return load(join(resources, file));
}
