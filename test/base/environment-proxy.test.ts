import { expect, test } from 'vitest';
import { type EnvironmentProxy, environmentProxy } from '#bridge/base/environment-proxy.ts';
import { canary } from '../canary/canary.ts';

const via = (url: string): EnvironmentProxy => ({ kind: 'proxy', url });
const PROXY = 'http://proxy.example.com:8080';
const HTTPS = 'https://workspace.test/mcp';

test.each<[Record<string, string>, string, EnvironmentProxy]>([
  [{}, HTTPS, { kind: 'none' }],
  [{ HTTPS_PROXY: '' }, HTTPS, { kind: 'none' }],
  [{ HTTPS_PROXY: PROXY }, HTTPS, via(PROXY)],
  [{ HTTPS_PROXY: PROXY }, 'http://workspace.test/mcp', { kind: 'none' }],
  [{ HTTP_PROXY: PROXY }, 'http://workspace.test/mcp', via(PROXY)],
  [{ HTTP_PROXY: PROXY }, HTTPS, via(PROXY)],
  [{ HTTP_PROXY: 'http://other.example.com', HTTPS_PROXY: PROXY }, HTTPS, via(PROXY)],
  [{ https_proxy: PROXY, HTTPS_PROXY: 'http://other.example.com' }, HTTPS, via(PROXY)],
  [{ https_proxy: '', HTTPS_PROXY: PROXY }, HTTPS, { kind: 'none' }],
  [{ HTTPS_PROXY: ' proxy.example.com:8080 ' }, HTTPS, via(PROXY)],
  [{ HTTPS_PROXY: '127.0.0.1:3128' }, HTTPS, via('http://127.0.0.1:3128')],
  [{ HTTPS_PROXY: 'https://proxy.example.com/' }, HTTPS, via('https://proxy.example.com')],
  [{ HTTPS_PROXY: `${PROXY}/path?a=1#b` }, HTTPS, via(PROXY)],
  [{ HTTPS_PROXY: 'socks5://proxy.example.com:1080' }, HTTPS, { kind: 'unusable' }],
  [{ HTTPS_PROXY: 'ftp://proxy.example.com' }, HTTPS, { kind: 'unusable' }],
  [{ HTTPS_PROXY: 'not a proxy' }, HTTPS, { kind: 'unusable' }],
  [{ HTTPS_PROXY: 'http://me:p%zz@proxy.example.com' }, HTTPS, { kind: 'unusable' }],
])('%j leads to %s by this proxy', (environment, address, expected) => {
  expect(environmentProxy(new URL(address), environment)).toEqual(expected);
});

test('a proxy may want a password of its own', () => {
  const password = canary('generic');
  const named = `http://me:${password}@proxy.example.com:8080`;
  const found = environmentProxy(new URL(HTTPS), { HTTPS_PROXY: named });
  expect(found.kind === 'proxy' && found.url === named).toBe(true);
});

test.each([
  ['*', HTTPS, true],
  ['workspace.test', HTTPS, true],
  ['WORKSPACE.test.', HTTPS, true],
  ['.workspace.test', HTTPS, true],
  ['test', HTTPS, true],
  ['a.example, workspace.test', HTTPS, true],
  ['a.example workspace.test', HTTPS, true],
  ['workspace.test:443', HTTPS, true],
  ['workspace.test:8443', HTTPS, false],
  ['workspace.test:8443', 'https://workspace.test:8443/mcp', true],
  ['*:443', HTTPS, true],
  ['*:80', HTTPS, false],
  ['*.workspace.test', HTTPS, false],
  ['*.workspace.test', 'https://eu.workspace.test/', true],
  ['workspace.test', 'https://eu.workspace.test/', true],
  ['workspace.test', 'https://myworkspace.test/', false],
  ['space.test', HTTPS, false],
  ['10.0.0.1', 'https://10.0.0.1/', true],
  ['2001:db8::1', 'https://[2001:db8::1]/', true],
  ['[2001:db8::1]', 'https://[2001:db8::1]/', true],
  ['[2001:db8::1]:443', 'https://[2001:db8::1]/', true],
  ['[2001:db8::1]:80', 'https://[2001:db8::1]/', false],
  ['', HTTPS, false],
  [' , ', HTTPS, false],
])('NO_PROXY=%s and %s: without a proxy %s', (exempt, address, isExempt) => {
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const found = environmentProxy(new URL(address), { HTTPS_PROXY: PROXY, [name]: exempt });
    expect(found.kind).toBe(isExempt ? 'none' : 'proxy');
  }
});

test('a proxy that cannot be used does not matter to who goes without', () => {
  const environment = { HTTPS_PROXY: 'socks5://proxy.example.com', NO_PROXY: 'workspace.test' };
  expect(environmentProxy(new URL(HTTPS), environment)).toEqual({ kind: 'none' });
});
