import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'renderer');

/**
 * How the window is built, for the desktop app and for the browser alike. Every file is one of its own: the content
 * security policy takes no `data:` but for pictures.
 */
export default defineConfig({
  root,
  // The desktop app and the panel serve it from different places.
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    minify: true,
    license: { fileName: 'licenses.md' },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: join(root, 'index.html'),
      // Else zod tries whether it may compile text, which the policy forbids and reports.
      output: { intro: 'globalThis.__zod_globalConfig = { jitless: true };' },
    },
  },
});
