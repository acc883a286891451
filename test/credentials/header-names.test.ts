import { describe, expect, test } from 'vitest';
import { isAlwaysSecret, isSignInHeader, readHeaderName } from '#bridge/credentials/header-names.ts';
import { refusal } from '../connectors/refusal.ts';

test.each([
  ['X-Team', 'x-team'],
  [' x-api-key ', 'x-api-key'],
  ['Authorization', 'authorization'],
])('the header %j is taken as %s', (typed, name) => {
  expect(readHeaderName(typed)).toBe(name);
});

describe('HV-14 a header that is no header, or is not the account’s, is refused', () => {
  test.each([
    'Host',
    'Content-Length',
    'Connection',
    'Transfer-Encoding',
    'Mcp-Session-Id',
    'MCP-Protocol-Version',
    'Last-Event-ID',
    'Proxy-Authorization',
    'Sec-Fetch-Site',
    'Origin',
    'X-Forwarded-For',
    'x-allv-user-email',
    'x-allv-user-id',
    ':path',
    'bad name',
    'bad:name',
    'naïve',
    'x-evil\r\nhost',
    '',
    'x'.repeat(300),
  ])('%j', (name) => {
    expect(refusal(() => readHeaderName(name))).not.toBe('');
  });
});

test('headers that sign in are known as such', () => {
  expect(['authorization', 'x-api-key', 'cookie', 'x-team'].map(isSignInHeader)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['authorization', 'x-api-key', 'cookie', 'x-team'].map(isAlwaysSecret)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
