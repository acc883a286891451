import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findElectron } from './electron-program.ts';

/*
 * npm run desktop-journeys [-- --allow-missing]
 *
 * Makes journeys with the built app in the real Electron. Where its binary is not, nothing is run, and that is no
 * success: it ends with 2, or with 0 for whoever says `--allow-missing`.
 */

const { values: options } = parseArgs({ options: { 'allow-missing': { type: 'boolean', default: false } } });

if (findElectron() === undefined) {
  process.stdout.write(
    "NOT RUN: desktop journeys need Electron's binary. Get it with `npx install-electron --no`, or name its folder in ELECTRON_OVERRIDE_DIST_PATH.\n",
  );
  process.exitCode = options['allow-missing'] ? 0 : 2;
} else {
  const { startVitest } = await import('vitest/node');
  const vitest = await startVitest('test', [], {
    // Not the settings of the other tests: they put a double in Electron's place.
    config: false,
    root: join(import.meta.dirname, '../..'),
    include: ['test/desktop-journeys/*.journey.ts'],
    setupFiles: ['test/canary/setup.ts'],
    pool: 'forks',
    watch: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  });
  await vitest.close();
}
