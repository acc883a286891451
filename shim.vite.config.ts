import { defineConfig } from 'vite';

/**
 * The shim as one file without packages, for bundles that an app starts with a Node of its own. As CommonJS, because an
 * `import` of `node:fs` or `node:crypto` runs every getter they have, which loads promises, readline and Web Crypto as well.
 */
export default defineConfig({
  build: {
    ssr: true,
    outDir: 'out/shim',
    // The native shims lie beside it.
    emptyOutDir: false,
    target: 'node20',
    rollupOptions: {
      input: { 'gangway-shim': 'bridge/shim/bundled.ts' },
      output: {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        codeSplitting: false,
        dynamicImportInCjs: false,
      },
    },
  },
  ssr: { noExternal: true },
});
