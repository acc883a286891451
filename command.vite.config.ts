import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The command line of an installed app as one CommonJS file, the only form that a single executable of Node 24 takes.
 * The keychain's native code cannot be in it; `packaged-keyring.ts` finds it in the app.
 */
export default defineConfig({
  resolve: {
    alias: {
      '@napi-rs/keyring': fileURLToPath(new URL('./bridge/vault/packaged-keyring.ts', import.meta.url)),
    },
  },
  build: {
    ssr: true,
    outDir: 'out/command',
    target: 'node24',
    license: { fileName: 'licenses/gangway.md' },
    rollupOptions: {
      input: { gangway: 'bridge/cli/packaged.ts' },
      output: {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        codeSplitting: false,
        // A single executable can only require what comes with Node.
        dynamicImportInCjs: false,
      },
    },
  },
  ssr: { noExternal: true },
});
