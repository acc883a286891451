import { describe, expect, test } from 'vitest';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import { betrays, masked, maskedEntry, secretsIn } from '#bridge/clients/masks.ts';
import { canary } from '../canary/canary.ts';

const PLACES: readonly (readonly [string, (secret: string) => object])[] = [
  ['an environment', (secret) => ({ command: 'x', env: { WHATEVER: secret } })],
  ['a header', (secret) => ({ url: 'https://a.example', headers: { 'X-A': `Bearer ${secret}` } })],
  ['nested headers', (secret) => ({ requestOptions: { headers: { 'X-A': secret } } })],
  ['a header of the command', (secret) => ({ args: ['--header', `X-A: ${secret}`] })],
  ['a header in one word', (secret) => ({ args: [`--header=X-A:${secret}`] })],
  ['a short option', (secret) => ({ args: ['-H', `Authorization: Bearer ${secret}`] })],
  ['an assignment', (secret) => ({ args: ['-e', `WHATEVER=${secret}`] })],
  ['an option that names a key', (secret) => ({ args: ['--api-key', secret] })],
  ['an option with its value', (secret) => ({ args: [`--anything=${secret}`] })],
  ['a field that names a secret', (secret) => ({ clientSecret: secret })],
  ['a query', (secret) => ({ url: `https://a.example/mcp?id=${secret}` })],
  ['a password in an address', (secret) => ({ url: `https://user:${secret}@a.example/mcp` })],
  ['a path', (secret) => ({ url: `https://a.example/s/${secret}/mcp` })],
];

describe('a secret in an entry is not shown', () => {
  for (const kind of ['jsonc', 'toml', 'yaml'] as const) {
    test.each(PLACES)(`as ${kind} in %s`, (_where, make) => {
      const entry = JSON.parse(JSON.stringify(make(canary('generic'))));
      const text = formatOf(kind).put('', { path: ['servers'] }, 'a', entry).added;
      const secret = /CANARY\w+/.exec(text)?.[0] ?? 'none';
      expect(text.includes(secret)).toBe(true);
      expect(masked(text, [entry]).includes(secret)).toBe(false);
      expect(JSON.stringify(maskedEntry(entry)).includes(secret)).toBe(false);
    });
  }
});

test.each(PLACES.filter(([where]) => where !== 'a path'))(
  'a plain word counts as a secret in %s',
  (_where, make) => {
    const entry = JSON.parse(JSON.stringify(make('bluebird')));
    expect(secretsIn([entry])).toContain('bluebird');
    expect(masked(JSON.stringify(entry), [entry])).not.toContain('bluebird');
  },
);

test('what is no secret stays readable', () => {
  const entry = {
    type: 'stdio',
    command: '/usr/local/bin/some-program',
    args: ['-y', 'mcp-remote', 'https://mcp.shop.example/mcp', '--transport', 'http-only'],
  };
  const text = JSON.stringify(entry);
  expect(masked(text, [entry])).toBe(text);
  expect(maskedEntry(entry)).toEqual(entry);
  expect(secretsIn([entry])).toEqual([]);
});

test('a text that says a secret in another way is found out', () => {
  const secret = canary('generic');
  const entry = { env: { A: secret } };
  expect(betrays({ env: { A: `x${secret}` } }, [entry])).toBe(true);
  expect(betrays({ env: { A: '••••••••' } }, [entry])).toBe(false);
  expect(betrays(undefined, [entry])).toBe(false);
});
