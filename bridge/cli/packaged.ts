import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import { runKeychain } from '../vault/keychain-process.ts';
import type { Installation } from './command.ts';
import { stdioArguments } from './stdio-arguments.ts';

/*
 * `gangway` as one file, with nothing of the source beside it: a single executable in an installed app, or
 * `node gangway.cjs`. It is also the program of its own keychain process, which this first word asks for.
 */
const KEYCHAIN = '--keychain-child';

const file = import.meta.filename;

const installation: Installation = {
  program: isSea() ? [process.execPath] : [process.execPath, file],
  keychain: {
    // A single executable takes every word after its name; Node takes the file to run first.
    start: (...question) => runKeychain(isSea() ? [KEYCHAIN] : [file, KEYCHAIN], ...question),
  },
  window: join(dirname(file), isSea() ? '../panel' : 'panel'),
};

const words = process.argv.slice(2);
const stdio = stdioArguments(words);
if (words[0] === KEYCHAIN) void import('../vault/keychain-child.ts');
else if (stdio) void runStdio(stdio);
else void runCommand();

/** AI apps start the stdio door often and wait for it, so nothing that it does not need is set up. */
async function runStdio(options: NonNullable<typeof stdio>): Promise<void> {
  const { runShim } = await import('../shim/shim.ts');
  await runShim({ ...options, program: installation.program });
}

async function runCommand(): Promise<void> {
  const { main } = await import('./program.ts');
  process.exitCode = await main(words, installation);
}
