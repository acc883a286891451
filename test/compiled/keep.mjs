import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What this program starts in turn reads the environment.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../.cache/node-compile', import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);
