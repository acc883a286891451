import { registerHooks } from 'node:module';

/*
 * node --import ./test/desktop-host/register.ts out/main/index.js
 *
 * Gives the built app the desktop host wherever it asks for `electron`. The app itself stays as it was built.
 */
const host = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: host, shortCircuit: true } : next(specifier, context),
});
