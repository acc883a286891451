import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { listen } from '../workspaces/listen.ts';
import { excuse } from './broken.ts';
import { bystanderIsServed } from './bystander.ts';
import { Ledger } from './ledger.ts';
import { openedBy } from './openers.ts';
import { readBack } from './read-back.ts';

/*
 * Each test breaks one invariant in the way a fault of Gangway would. `invariants.test.ts` says what must be noticed.
 */

/** A shim that answers each line of its client with what `answers` makes of it, as Node code. */
async function talkTo(answers: string, said: readonly string[]): Promise<void> {
  await using home = await temporaryHome();
  const program = join(home.path, 'gangway-shim.cjs');
  writeFileSync(
    program,
    `const say = (text) => process.stdout.write(text);
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('line', (line) => { ${answers} });`,
  );
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.resume();
  for (const line of said) child.stdin.write(`${line}\n`);
  child.stdin.end();
  await once(child, 'close');
}

const question = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const answer = `say('{"jsonrpc":"2.0","id":1,"result":{}}\\n');`;

test('INV-1 two answers', async () => talkTo(answer + answer, [question]));

test('INV-1 no answer', () => {
  const ledger = new Ledger('a client');
  ledger.asks(question);
  ledger.ends();
});

test('INV-2 a line that is no message', async () =>
  talkTo(`say('Listening on port 1234\\n');${answer}`, [question]));

test('INV-2 half a line', async () => talkTo(`${answer}say('{"jsonrpc":"2.0"')`, [question]));

test('INV-3 a key at another origin', async () => {
  const key = canary('bearer');
  for (const _ of ['its own', 'another']) {
    await using server = await listen(async (_request, response) => void response.end());
    await fetch(server.origin, { headers: { authorization: `Bearer ${key}` } });
  }
});

test('INV-3 a key in an address', async () => {
  await using server = await listen(async (_request, response) => void response.end());
  await fetch(`${server.origin}/?key=${canary('aly')}`);
});

test('INV-5 half a file', async () => {
  await using home = await temporaryHome();
  mkdirSync(join(home.path, 'config'));
  writeFileSync(join(home.path, 'config', 'accounts.json'), '{"version":1,"acc');
});

test('INV-5 a file that was not finished', async () => {
  await using home = await temporaryHome();
  writeFileSync(join(home.path, `.accounts.json.${process.pid}.0123456789ab.tmp`), '');
});

test('INV-5 a store that cannot be read back', async () => {
  await using home = await temporaryHome();
  excuse('INV-5', /damaged: /, 'It is found by the product itself here.');
  const [accounts, settings, clients] = ['accounts.json', 'settings.json', 'clients.json'].map((name) =>
    join(home.path, name),
  ) as [string, string, string];
  writeFileSync(settings, '{"version":');
  await readBack({ accounts, settings, clients });
});

test('INV-6 a page that nobody asked for', () => openedBy('a program'));

test('INV-6 a browser that nobody asked for', async () => {
  await using home = await temporaryHome();
  symlinkSync('/bin/true', join(home.path, 'xdg-open'));
  await once(spawn(join(home.path, 'xdg-open'), ['https://as.example/']), 'close');
});

test('INV-8 an answer to somebody else', async () =>
  talkTo(answer, ['{"jsonrpc":"2.0","id":2,"method":"ping"}']));

test.each([
  ['a path', 'The file /home/ada/.gangway/accounts.json cannot be read.'],
  ['a stack', 'It failed at open (node:internal/fs:1:1).'],
  ['an error of the system', 'The connection failed: ECONNREFUSED.'],
  ['300 characters', `${'It failed. '.repeat(30)}`],
  ['no sentence', 'undefined'],
])('INV-9 %s', (_what, message) => {
  const error = { code: -31006, message, data: { source: 'bridge', code: 'bad-answer' } };
  const ledger = new Ledger('a client');
  ledger.asks(question);
  ledger.hears(JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
});

test('INV-10 a bystander that is not served', async () => {
  await bystanderIsServed(async () => ({ heard: [], error: new Error('The connection dropped.') }));
});

test('nothing is broken', async () => {
  await talkTo(answer, [question]);
  expect(await import('node:fs')).toBeDefined();
});
