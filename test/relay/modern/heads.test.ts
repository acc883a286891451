import { describe, expect, test } from 'vitest';
import { readHeads } from '#bridge/relay/modern/heads.ts';
import { readRequest } from './messages.ts';

const VERSION = '2026-07-28';

/** What is said of headers beside a call of `echo` or another request. */
function heads(
  headers: Record<string, string | string[]>,
  method = 'tools/call',
  params: object = { name: 'echo' },
) {
  const message = readRequest(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const all = Object.entries(headers).map(([key, value]): [string, string[]] => [key, [value].flat()]);
  return readHeads(message, VERSION, new Map(all));
}

const right = { 'mcp-protocol-version': VERSION, 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
const without = (name: keyof typeof right): Record<string, string> =>
  Object.fromEntries(Object.entries(right).filter(([key]) => key !== name));
const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('headers that say what the body says', () => {
  test.each<[string, Record<string, string>]>([
    ['plain', right],
    ['with blanks around', { ...right, 'mcp-name': ' \techo ' }],
    ['encoded', { ...right, 'mcp-name': base64('echo') }],
    ['with others beside', { ...right, 'x-other': 'y', accept: 'z' }],
  ])('agree: %s', (_, headers) => {
    expect(heads(headers)).toEqual({ kind: 'agree', params: {} });
  });

  test.each([
    ['prompts/get', { name: 'greet' }, 'greet'],
    ['resources/read', { uri: 'note://a/b' }, 'note://a/b'],
    ['tasks/get', { taskId: 't1' }, 't1'],
    ['tasks/update', { taskId: 't1' }, 't1'],
    ['tasks/cancel', { taskId: 't1' }, 't1'],
    ['tools/call', { name: 'größe' }, base64('größe')],
    ['tools/call', { name: ' x ' }, base64(' x ')],
  ])('agree by name: %s %o', (method, params, name) => {
    const headers = { ...right, 'mcp-method': method, 'mcp-name': name };
    expect(heads(headers, method, params).kind).toBe('agree');
  });

  test('need no name where the body has none', () => {
    expect(heads({ ...without('mcp-name'), 'mcp-method': 'tools/list' }, 'tools/list', {}).kind).toBe(
      'agree',
    );
    expect(heads(without('mcp-name'), 'tools/call', {}).kind).toBe('agree');
  });

  test('may carry arguments, which go on as they are', () => {
    const headers = { ...right, 'mcp-param-region': ' eu ', 'mcp-param-city': base64('Köln') };
    expect(heads(headers)).toEqual({
      kind: 'agree',
      params: { 'mcp-param-region': 'eu', 'mcp-param-city': base64('Köln') },
    });
  });
});

describe('headers that do not', () => {
  test.each<[string, Record<string, string | string[]>]>([
    ['no version', without('mcp-protocol-version')],
    ['another version', { ...right, 'mcp-protocol-version': '2026-07-29' }],
    ['no method', without('mcp-method')],
    ['another method', { ...right, 'mcp-method': 'tools/list' }],
    ['the method in capitals', { ...right, 'mcp-method': 'TOOLS/CALL' }],
    ['no name', without('mcp-name')],
    ['another name', { ...right, 'mcp-name': 'other' }],
    ['the name in capitals', { ...right, 'mcp-name': 'Echo' }],
    ['an encoded other name', { ...right, 'mcp-name': base64('other') }],
    ['a broken encoding', { ...right, 'mcp-name': '=?base64?!!?=' }],
    ['an empty name', { ...right, 'mcp-name': '' }],
    ['the version twice', { ...right, 'mcp-protocol-version': [VERSION, VERSION] }],
    ['the method twice', { ...right, 'mcp-method': ['tools/call', 'tools/call'] }],
    ['the name twice', { ...right, 'mcp-name': ['echo', 'echo'] }],
    ['an argument twice', { ...right, 'mcp-param-region': ['eu', 'us'] }],
  ])('are refused: %s', (_, headers) => {
    expect(heads(headers).kind).toBe('disagree');
  });

  test('are refused: a name that the body does not have', () => {
    expect(heads(right, 'tools/call', {}).kind).toBe('disagree');
    expect(heads(right, 'tools/call', { name: 5 }).kind).toBe('disagree');
  });
});
