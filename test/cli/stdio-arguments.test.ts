import { expect, test } from 'vitest';
import { stdioArguments } from '#bridge/cli/stdio-arguments.ts';

test.each([
  ['stdio', { address: 'current', client: '' }],
  ['stdio pelcro', { address: 'pelcro', client: '' }],
  ['stdio acme --home /data', { address: 'acme', client: '', home: '/data' }],
  ['--home /data stdio acme', { address: 'acme', client: '', home: '/data' }],
  ['stdio --home=/data', { address: 'current', client: '', home: '/data' }],
  ['stdio --client Cursor acme', { address: 'acme', client: 'Cursor' }],
  ['stdio acme --client=Cursor', { address: 'acme', client: 'Cursor' }],
])('"%s" opens the stdio door without the rest of the command line', (words, expected) => {
  expect(stdioArguments(words.split(' '))).toEqual(expected);
});

test.each([
  '',
  'serve',
  'stdio --help',
  'stdio a b',
  'stdio --home',
  'stdio --json',
  'status stdio',
  '--home stdio',
])('"%s" is left to the command line', (words) => {
  expect(stdioArguments(words.split(' '))).toBeUndefined();
});
