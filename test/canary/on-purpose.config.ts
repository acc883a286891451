import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Runs the samples that break a promise on purpose, under the same setup as every test. */
export default defineConfig({
  resolve: { alias: { electron: fileURLToPath(new URL('../electron/electron.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.sample.ts'],
    setupFiles: ['test/canary/setup.ts', 'test/invariants/setup.ts'],
    pool: 'forks',
  },
});
