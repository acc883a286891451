import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type Paths, pathsFor } from '#bridge/base/paths.ts';
import { programFromSource, programOfLastOwner } from '#bridge/shim/start-owner.ts';
import { keepStartWords } from '#bridge/start-words.ts';
import { temporaryHome } from '../canary/home.ts';

async function pathsWithRun(): Promise<Paths> {
  const paths = pathsFor((await temporaryHome()).path, {});
  mkdirSync(paths.run, { mode: 0o700 });
  return paths;
}

test('an owner leaves the words it is started with, for its user only', async () => {
  const paths = await pathsWithRun();
  await keepStartWords(paths, [process.execPath], silentLog);
  expect(readFileSync(paths.startWords, 'utf8')).toBe(`${JSON.stringify({ program: [process.execPath] })}\n`);
  expect(statSync(paths.startWords).mode & 0o777).toBe(0o600);
  expect(programOfLastOwner(paths.startWords)).toEqual([process.execPath]);
  await keepStartWords(paths, undefined, silentLog);
  expect(programOfLastOwner(paths.startWords)).toEqual(programFromSource());
});

test('an owner that nobody can start again leaves the words of an earlier one', async () => {
  const paths = await pathsWithRun();
  await keepStartWords(paths, null, silentLog);
  expect(existsSync(paths.startWords)).toBe(false);
  await keepStartWords(paths, [process.execPath], silentLog);
  await keepStartWords(paths, null, silentLog);
  await keepStartWords(paths, ['node', 'main.ts'], silentLog);
  expect(programOfLastOwner(paths.startWords)).toEqual([process.execPath]);
});

test('an owner that cannot leave its words runs all the same', async () => {
  const paths = await pathsWithRun();
  mkdirSync(paths.startWords);
  await keepStartWords(paths, [process.execPath], silentLog);
  expect(programOfLastOwner(paths.startWords)).toBeUndefined();
});

const right = [process.execPath, import.meta.filename];
test.each<[string, (words: string) => void]>([
  ['that are not there', () => undefined],
  ['that the group may write', (words) => leave(words, { program: right }, 0o620)],
  ['that everybody may write', (words) => leave(words, { program: right }, 0o602)],
  ['with a name for the search path', (words) => leave(words, { program: ['node'] })],
  ['with a file that is gone', (words) => leave(words, { program: [...right, '/nonexistent'] })],
  ['without a word', (words) => leave(words, { program: [] })],
  ['with a number', (words) => leave(words, { program: [...right, 1] })],
  ['that are a text', (words) => leave(words, { program: process.execPath })],
  ['that are a list', (words) => leave(words, right)],
  ['that are cut', (words) => writeFileSync(words, '{"program":["/')],
  ['that are very long', (words) => leave(words, { program: right, more: 'x'.repeat(64 * 1024) })],
  ['in a folder', (words) => void mkdirSync(words)],
  [
    'behind a link',
    (words) => {
      leave(`${words}.real`, { program: right });
      symlinkSync(`${words}.real`, words);
    },
  ],
])('words %s are not used', async (_, lay) => {
  const words = join((await temporaryHome()).path, 'start.json');
  lay(words);
  expect(programOfLastOwner(words)).toBeUndefined();
});

function leave(path: string, content: unknown, mode = 0o600): void {
  writeFileSync(path, JSON.stringify(content));
  chmodSync(path, mode);
}
