import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programIn } from '#main/start.ts';

const INSTALLED = join(import.meta.dirname, '../../node_modules/electron/dist');

/** Electron's program: that of `ELECTRON_OVERRIDE_DIST_PATH`, or the one that its package downloaded. Downloads nothing. */
export function findElectron(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const program = programIn(env.ELECTRON_OVERRIDE_DIST_PATH || INSTALLED, platform);
  return existsSync(program) ? program : undefined;
}
