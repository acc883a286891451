import { defineConfig } from 'vitest/config';

/** Runs the sample that leaks on purpose, under the same setup as every test. */
export default defineConfig({
  test: {
    include: ['test/canary/on-purpose.sample.ts'],
    setupFiles: ['test/canary/setup.ts'],
    pool: 'forks',
  },
});
