import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Shell, scripts, type Word } from '#bridge/cli/completion-scripts.ts';

const words: Word[] = [
  {
    name: 'add',
    summary: "add an account; it's checked",
    flags: [
      { flag: '--label', says: 'label' },
      { flag: '--environment', says: 'which one' },
    ],
    choices: new Map([['--environment', ['production', 'staging']]]),
    values: [],
  },
  { name: 'completion', summary: 'script', flags: [], choices: new Map(), values: ['bash', 'zsh', 'fish'] },
];
const everywhere = [
  { flag: '--json', says: 'JSON' },
  { flag: '--home', says: 'folder' },
];

/** What bash would offer for a command line that ends in the last word. */
async function offered(line: string[]): Promise<string[]> {
  const script = `${scripts.bash(words, everywhere)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gangway; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', ...line]);
  return stdout.split('\n').filter((word) => word !== '');
}

test.each([
  [
    ['gangway', ''],
    ['add', 'completion', '--json', '--home'],
  ],
  [['gangway', 'a'], ['add']],
  [
    ['gangway', 'add', '--'],
    ['--label', '--environment', '--json', '--home'],
  ],
  [['gangway', 'add', '--environment', 's'], ['staging']],
  [
    ['gangway', '--home', '/data', 'completion', ''],
    ['bash', 'zsh', 'fish', '--json', '--home'],
  ],
])('bash offers after %j what fits', async (line, expected) => {
  expect(await offered(line)).toEqual(expected);
});

test.each(['bash', 'zsh', 'fish'] as Shell[])('the script for %s names every command', (shell) => {
  const script = scripts[shell](words, everywhere);
  for (const { name } of words) expect(script).toContain(name);
});

test('quotes in a summary do not end the text of a fish script', () => {
  expect(scripts.fish(words, everywhere)).toContain("-d 'add an account; it\\'s checked'");
});
