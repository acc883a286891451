import { defineConfig } from 'vite';

/** The shim as one file without packages, for bundles that an app starts with a Node of its own. */
export default defineConfig({
  build: {
    ssr: true,
    outDir: 'out/shim',
    // The native shims lie beside it.
    emptyOutDir: false,
    target: 'node20',
    rollupOptions: {
      input: { 'gangway-shim': 'bridge/shim/bundled.ts' },
      output: { format: 'es', entryFileNames: '[name].mjs', codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
});
