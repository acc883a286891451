import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // The real package would download Electron.
    alias: { electron: fileURLToPath(new URL('./test/electron/electron.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/canary/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine may take longer than the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default'],
  },
});
