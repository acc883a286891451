import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { temporaryHome } from '../canary/home.ts';
import { NODE } from '../compiled/node.ts';

const COMMAND = fileURLToPath(new URL('../workspaces/allegro-command.ts', import.meta.url));

/** A tenant's local door on this computer, with the `.env` of its own that such an installation has. */
export interface Artisan extends AsyncDisposable {
  /** As a person types it, without the acting user. */
  readonly command: string[];
  /** How often it was started so far. */
  starts(): Promise<number>;
}

/** Installs the local door of one tenant in a throw-away folder. @param env for example `{ APP_ENV: 'production' }`. */
export async function installArtisan(
  tenant: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Artisan> {
  const home = await temporaryHome();
  const [environment, counter, starts] = ['.env', 'count.mjs', 'starts'].map((name) => join(home.path, name));
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(environment!, lines.join(''));
  await writeFile(starts!, '');
  await writeFile(
    counter!,
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(starts)}, '.');\n`,
  );
  return {
    command: [
      ...NODE,
      `--env-file=${environment}`,
      `--import=${pathToFileURL(counter!).href}`,
      COMMAND,
      `--tenant=${tenant}`,
    ],
    starts: async () => (await readFile(starts!)).length,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}
