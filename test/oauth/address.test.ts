import { describe, expect, test } from 'vitest';
import { checkAddress, faultOfAddress, isSameOrigin } from '#bridge/oauth/address.ts';
import type { Bounds } from '#bridge/oauth/http.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';

const LONGEST = `https://as.example.com/${'x'.repeat(2048 - 23)}`;

test.each<[string, Bounds]>([
  ['https://as.example.com', 'public'],
  ['https://as.example.com/', 'public'],
  ['https://AS.example.com:8443/t1/?a=b%20c&d', 'public'],
  ['HTTPS://as.example.com?x', 'public'],
  ['https://93.184.216.34/x', 'public'],
  ['https://[2606:2800:220:1:248:1893:25c8:1946]/x', 'public'],
  ['https://xn--bcher-kva.example/a.b/..c', 'public'],
  [LONGEST, 'public'],
  ['http://127.0.0.1:3000/x', 'loopback'],
  ['http://localhost:3000', 'loopback'],
  ['http://[::1]:3000/', 'loopback'],
  ['https://as.example.com/x', 'loopback'],
  ['http://127.0.0.1:3000/x', 'own-network'],
  ['http://10.0.0.1/x', 'own-network'],
  ['https://sso.corp/x', 'own-network'],
  ['http://as.office.lan/x', 'own-network'],
])('%s is taken within %s, byte by byte', (text, bounds) => {
  expect(checkAddress(text, 'its token endpoint', bounds)).toBe(text);
});

describe('OA-03 an address that a server names is refused', () => {
  test.each<[string, unknown, string]>([
    ['no text', 7, 'is missing or no text'],
    ['nothing', undefined, 'is missing or no text'],
    ['an empty text', '', 'is missing or no text'],
    ['a list', ['https://as.example.com'], 'is missing or no text'],
    ['one character too long', `${LONGEST}x`, 'is longer than 2048 characters'],
    ['20 KB', `https://as.example.com/${'x'.repeat(20_000)}`, 'is longer than 2048 characters'],
    ['http', 'http://as.example.com/x', 'does not use https'],
    ['file:', 'file:///etc/passwd', 'does not use https'],
    ['javascript:', 'javascript:alert(1)', 'does not use https'],
    ['data:', 'data:text/html,x', 'does not use https'],
    ['a scheme of an app', 'vscode://x', 'does not use https'],
    ['relative', '/.well-known/x', 'is not a whole address'],
    ['relative to the scheme', '//evil.example', 'is not a whole address'],
    ['a bare host', 'as.example.com', 'is not a whole address'],
    ['without slashes', 'https:as.example.com', 'is not a proper address'],
    ['with one slash', 'https:/as.example.com', 'is not a proper address'],
    ['with three slashes', 'https:///as.example.com', 'is not a proper address'],
    ['without a host', 'https://', 'is not a proper address'],
    ['a share', '\\\\evil\\share', 'has characters that do not belong in an address'],
    ['a backslash', 'https://as.example.com\\@evil.example', 'has characters that do not belong'],
    ['a tab', 'https://as.exa\tmple.com/', 'has characters that do not belong'],
    ['a line break', 'https://as.example.com/\n', 'has characters that do not belong'],
    ['a blank before', ' https://as.example.com/', 'has characters that do not belong'],
    ['a blank within', 'https://as.example.com/a b', 'has characters that do not belong'],
    ['letters outside ASCII', 'https://аs.example.com/', 'has characters that do not belong'],
    ['a full-width dot', 'https://as。example.com/', 'has characters that do not belong'],
    ['a user', 'https://good@evil.example/', 'names a user'],
    ['a user and a password', 'https://a:b@as.example.com/', 'names a user'],
    ['an empty user', 'https://@as.example.com/', 'names a user'],
    ['a fragment', 'https://as.example.com/#x', 'has a fragment'],
    ['an empty fragment', 'https://as.example.com/#', 'has a fragment'],
    ['percent signs in the host', 'https://as%2eexample.com/', 'is not a proper address'],
    ['a port that is none', 'https://as.example.com:99999/', 'is not a proper address'],
    ['a hexadecimal address', 'https://0x7f000001/', 'hides its host behind another spelling'],
    ['a decimal address', 'https://2130706433/', 'hides its host behind another spelling'],
    ['an octal address', 'https://0177.0.0.1/', 'hides its host behind another spelling'],
    ['a short address', 'https://127.1/', 'hides its host behind another spelling'],
    ['dots for folders', 'https://as.example.com/a/../b', 'has a path with dots for folders'],
    ['dots in percent', 'https://as.example.com/a/%2E%2e', 'has a path with dots for folders'],
    ['the metadata service of clouds', 'https://169.254.169.254/', 'leads into a private network'],
    ['the same in IPv6 clothes', 'https://[::ffff:a9fe:a9fe]/', 'leads into a private network'],
    ['a private address', 'https://10.0.0.1/', 'leads into a private network'],
    ['a private name', 'https://as.internal/', 'leads into a private network'],
    ['a bare name', 'https://intranet/', 'leads into a private network'],
    ['localhost', 'https://localhost/', 'leads to this computer'],
    ['localhost with a dot', 'https://localhost./', 'leads to this computer'],
    ['loopback', 'https://127.0.0.1/', 'leads to this computer'],
    ['the unspecified address', 'https://0.0.0.0/', 'leads to no server'],
    ['the unspecified address of IPv6', 'https://[::]/', 'leads to no server'],
  ])('%s', (_, text, fault) => {
    expect(faultOfAddress(text, 'public')).toContain(fault);
  });

  test.each<[string, Bounds]>([
    ['http://as.example.com/x', 'loopback'],
    ['https://10.0.0.1/x', 'loopback'],
    ['https://sso.corp/x', 'loopback'],
    ['https://224.0.0.1/x', 'own-network'],
    ['http://as.example.com/x', 'own-network'],
    ['ftp://10.0.0.1/x', 'own-network'],
  ])('%s within %s', (text, bounds) => {
    expect(() => checkAddress(text, 'its token endpoint', bounds)).toThrow(OAuthTrouble);
  });

  test('in words that name the workspace and never the address', () => {
    const secret = 'https://user:not-a-secret@as.example.com/';
    const trouble = (host?: string): OAuthTrouble => {
      try {
        checkAddress(secret, 'its token endpoint', 'public', host);
      } catch (error) {
        if (error instanceof OAuthTrouble) return error;
      }
      throw new Error('It was taken.');
    };
    expect(trouble('acme.example.com')).toMatchObject({
      kind: 'unsafe',
      message:
        'acme.example.com offers no sign-in method Gangway can use safely: its token endpoint names a user.',
      facts: { host: 'acme.example.com' },
    });
    expect(trouble()).toMatchObject({
      kind: 'unsafe',
      message: 'Gangway cannot use its token endpoint safely: it names a user.',
      facts: { host: 'as.example.com' },
    });
  });
});

test.each([
  ['https://a.example/x', 'https://A.example:443/y?z', true],
  ['https://a.example', 'http://a.example', false],
  ['https://a.example', 'https://a.example:444', false],
  ['https://a.example', 'https://b.example', false],
  ['data:a', 'data:a', false],
  ['nothing', 'nothing', false],
])('%s and %s: same origin? %s', (one, other, same) => {
  expect(isSameOrigin(one, other)).toBe(same);
});
