#!/usr/bin/env node
import { stdioArguments } from './stdio-arguments.ts';

const words = process.argv.slice(2);
const stdio = stdioArguments(words);
// AI apps start the stdio door often and wait for it, so nothing that it does not need is loaded.
if (stdio) await (await import('../shim/shim.ts')).runShim(stdio);
else process.exitCode = await (await import('./program.ts')).main(words);
