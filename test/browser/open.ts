import { parseArgs } from 'node:util';
import { signInByScript } from './scripted.ts';

// A browser without a window, for `gangway login --browser`: it opens the link and does what the person would do there.
const { values, positionals } = parseArgs({
  options: { account: { type: 'string' }, email: { type: 'string' }, decline: { type: 'boolean' } },
  allowPositionals: true,
});
const [link] = positionals;
if (link === undefined) throw new Error('Usage: node test/browser/open.ts [--account <name>] <link>');
const { status } = await signInByScript(link, values);
if (status !== 200) process.exitCode = 1;
