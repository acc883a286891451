import { defineConfig } from 'electron-vite';
import rendererConfig from './renderer.vite.config.ts';

/** What stays a package at run time: Electron itself, and the one module with native code. */
const external = ['electron', /^electron\//, /^@napi-rs\/keyring/];

export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      license: { fileName: 'licenses.md' },
      rollupOptions: {
        external,
        input: { index: 'main/index.ts', 'keychain-child': 'main/keychain-child.ts' },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        external,
        input: { index: 'main/preload.ts' },
        // A sandboxed window runs no ES module before its page.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: rendererConfig,
});
