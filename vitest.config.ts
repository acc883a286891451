import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Hundreds of the programs that tests start are the same; Node keeps what it made of their source.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('./.cache/node-compile', import.meta.url));

export default defineConfig({
  resolve: {
    // The real package would download Electron.
    alias: { electron: fileURLToPath(new URL('./test/electron/electron.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/canary/setup.ts', 'test/invariants/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine may take longer than the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default'],
  },
});
