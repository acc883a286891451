import fc from 'fast-check';
import { calculatePKCECodeChallenge } from 'oauth4webapi';
import { expect, test } from 'vitest';
import {
  type AuthorizationLink,
  type AuthorizationRequest,
  authorizationRequest,
  newState,
  newVerifier,
} from '#bridge/oauth/authorization.ts';
import type { Bounds } from '#bridge/oauth/http.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';

const RESOURCE = 'https://mcp.example';
const REDIRECT = 'http://127.0.0.1:4711/callback';

function link(endpoint: string, changes: Partial<AuthorizationRequest> = {}): AuthorizationLink {
  return authorizationRequest({
    server: { issuer: 'https://as.example', authorizationEndpoint: endpoint },
    client: { id: 'a client/ü' },
    redirectUri: REDIRECT,
    resource: RESOURCE,
    state: 'the-state',
    verifier: 'the-verifier-the-verifier-the-verifier-the-v',
    bounds: 'public',
    ...changes,
  });
}

function refusal(
  endpoint: string,
  bounds: Bounds = 'public',
  changes: Partial<AuthorizationRequest> = {},
): string {
  try {
    return `accepted: ${link(endpoint, { bounds, ...changes }).link}`;
  } catch (error) {
    if (!(error instanceof OAuthTrouble)) throw error;
    expect(error.kind).toBe('unsafe');
    expect(error.message.length).toBeLessThanOrEqual(300);
    return error.message;
  }
}

const M15 = /^This sign-in link is not safe to open: it [^.]+\./;
/** What may be handed to the system's opener whatever it does with it. */
const OPENABLE = /^https?:\/\/[!-~]+$/;
const TEMPTING = /["'`$\\<>|^{}()\s]/;

test('the request has every parameter, and keeps those of the endpoint', async () => {
  const verifier = newVerifier();
  const { link: text, host } = link('https://as.example:8443/auth?tenant=a%20b&x', {
    verifier,
    scope: 'read write',
  });
  const url = new URL(text);
  expect(host).toBe('as.example:8443');
  expect(url.origin + url.pathname).toBe('https://as.example:8443/auth');
  expect([...url.searchParams]).toEqual([
    ['tenant', 'a b'],
    ['x', ''],
    ['response_type', 'code'],
    ['client_id', 'a client/ü'],
    ['redirect_uri', REDIRECT],
    ['state', 'the-state'],
    ['code_challenge', await calculatePKCECodeChallenge(verifier)],
    ['code_challenge_method', 'S256'],
    ['scope', 'read write'],
    ['resource', RESOURCE],
  ]);
  expect(text).not.toContain(verifier);
  expect(text).not.toContain('+');
});

test('what is not asked for is left out, and consent is asked for only with offline_access', () => {
  const names = (changes: Partial<AuthorizationRequest>): string[] => [
    ...new URL(link('https://as.example/', changes).link).searchParams.keys(),
  ];
  expect(names({ resource: undefined })).not.toContain('resource');
  expect(names({})).not.toContain('scope');
  expect(names({ scope: 'offline_access_not' })).not.toContain('prompt');
  expect(
    new URL(link('https://as.example/', { scope: 'a offline_access' }).link).searchParams.get('prompt'),
  ).toBe('consent');
});

test('state and verifier have 256 random bits', () => {
  const all = Array.from({ length: 50 }, () => [newState(), newVerifier()]).flat();
  expect(new Set(all).size).toBe(100);
  for (const one of all) expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test.each([
  'javascript:alert(1)',
  'JavaScript://as.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'smb://evil/share',
  'ms-msdt:/id PCWDiagnostic',
  'search-ms:query=x',
  'vscode://file/etc/passwd',
  'gangway://x',
  'intent://x#Intent;end',
  'about:blank',
  'blob:https://as.example/1',
  'view-source:https://as.example/',
  'mailto:a@b.example',
  '\\\\evil\\share',
  '//evil',
  '/authorize',
  'https:as.example',
  'https:/as.example',
  'https:\\\\as.example',
  'https://user:pass@as.example/',
  'https://as.example/#fragment',
  ' https://as.example/',
  'as.example/authorize',
  '',
])('OA-20 %j is no page to sign in at', (endpoint) => {
  for (const bounds of ['public', 'loopback', 'own-network'] as const) {
    expect(refusal(endpoint, bounds)).toMatch(M15);
  }
});

test.each([
  ['https://x.example/$(calc)', 'encoded'],
  ['https://x.example/`calc`', 'encoded'],
  ['https://x.example/"&calc&"', 'encoded'],
  ["https://x.example/'a'?b='c'", 'encoded'],
  ['https://x.example/%22?q=%22', 'encoded'],
  ['https://x.example/%zz%?q=%', 'encoded'],
  ['https://x.example/<a>|{b}^', 'encoded'],
  ['https://x.example/%PATH%', 'encoded'],
  ['https://x.example/a\nb', 'refused'],
  ['https://x.example/a\r\nHost: evil', 'refused'],
  ['https://x.example/a\0b', 'refused'],
  ['https://x.example/ --flag', 'refused'],
  ['https://x.example/a\\b', 'refused'],
  ['https://x.example/ü', 'refused'],
  [`https://x.example/${'a'.repeat(20 * 1024)}`, 'refused'],
])('OA-21 %j is percent-encoded or refused', (endpoint, outcome) => {
  if (outcome === 'refused') expect(refusal(endpoint)).toMatch(M15);
  else {
    const { link: text } = link(endpoint);
    expect(text).toMatch(OPENABLE);
    expect(text).not.toMatch(TEMPTING);
    expect(text).not.toMatch(/%(?![0-9A-F]{2})/i);
    expect(new URL(text).searchParams.get('redirect_uri')).toBe(REDIRECT);
  }
});

test('OA-21 whatever the parameters are, the link is harmless to open and says the same', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 50 }),
    fc.string({ unit: 'binary', maxLength: 50 }),
  );
  const values = fc.record({ id: text, state: text, scope: text, resource: text });
  fc.assert(
    fc.property(values, ({ id, ...rest }) => {
      const made = link('https://as.example/', { client: { id }, ...rest });
      expect(made.link).toMatch(OPENABLE);
      expect(made.link).not.toMatch(TEMPTING);
      const { searchParams } = new URL(made.link);
      expect(searchParams.get('client_id')).toBe(id);
      expect(searchParams.get('resource')).toBe(rest.resource);
      expect(searchParams.get('state')).toBe(rest.state);
    }),
  );
});

test('OA-21 a link of more than 8 KB is refused', () => {
  expect(refusal('https://as.example/', 'public', { scope: 'x'.repeat(9000) })).toMatch(/longer than 8 KB/);
});

test('OA-22 plain http is refused on the internet, whatever the bounds', () => {
  for (const bounds of ['public', 'loopback', 'own-network'] as const) {
    expect(refusal('http://as.example/authorize', bounds)).toMatch(/does not use https\./);
  }
  expect(refusal('http://127.0.0.1:1/authorize')).toMatch(M15);
  expect(refusal('http://192.168.1.5/authorize', 'loopback')).toMatch(M15);
  expect(link('http://127.0.0.1:1/authorize', { bounds: 'loopback' }).link).toMatch(
    /^http:\/\/127\.0\.0\.1:1\//,
  );
});

test.each([
  'client_id=evil&redirect_uri=https://evil.example',
  'response_type=token',
  'state=x',
  'x=1&STATE=x',
  'code_challenge=x',
  'code_challenge_method=plain',
  'scope=all',
  'resource=x',
  'prompt=none',
  '%63lient_id=evil',
  'request_uri=https://evil.example',
  'request=x',
])('OA-23 an endpoint that brings %s is refused', (query) => {
  expect(refusal(`https://as.example/authorize?${query}`)).toMatch(/it sets "[a-z_]+" by itself/);
});

test.each<[string, Bounds, string, AuthorizationLink['unusual']]>([
  ['https://xn--pple-43d.example/', 'public', 'xn--pple-43d.example', 'punycode'],
  ['https://login.XN--pple-43d.example/', 'public', 'login.xn--pple-43d.example', 'punycode'],
  ['https://93.184.216.34/', 'public', '93.184.216.34', 'ip'],
  ['https://[2606:4700::1111]/', 'public', '[2606:4700::1111]', 'ip'],
  ['https://192.168.1.5:8443/', 'own-network', '192.168.1.5:8443', 'ip'],
  ['http://127.0.0.1:9/', 'loopback', '127.0.0.1:9', undefined],
  ['https://as.example/', 'public', 'as.example', undefined],
])('OA-24 the host of %s is shown as it is', (endpoint, bounds, host, unusual) => {
  expect(link(endpoint, { bounds })).toMatchObject({ host, unusual });
});

test('OA-24 a host in other letters than ASCII, or an address in disguise, is refused', () => {
  for (const endpoint of [
    'https://аpple.example/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::ffff:a9fe:a9fe]/',
  ]) {
    expect(refusal(endpoint)).toMatch(M15);
  }
});
