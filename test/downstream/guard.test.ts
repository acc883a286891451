import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOfPath, pathOf, readAddress } from '#bridge/downstream/address.ts';
import { checkHead, type Head, hasUnknownVersion, sessionHeader } from '#bridge/downstream/guard.ts';

const door = { port: 8123, origins: [] as string[] };

function head(change: Partial<Head> = {}, headers: Record<string, string | string[] | undefined> = {}): Head {
  const all: Record<string, string | string[] | undefined> = {
    Host: '127.0.0.1:8123',
    Authorization: 'Bearer token-1',
    Accept: 'application/json, text/event-stream',
    'Content-Type': 'application/json',
    ...headers,
  };
  const rawHeaders = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((each) => [name, each]),
  );
  return { method: 'POST', target: '/mcp', httpVersion: '1.1', rawHeaders, ...change };
}

const verdict = (given: Head): number | string => {
  const found = checkHead(given, door);
  return found.kind === 'passed' ? `passed ${found.token ?? 'without token'}` : found.status;
};

test('a plain request passes', () => {
  expect(checkHead(head(), door)).toMatchObject({
    kind: 'passed',
    method: 'POST',
    address: 'current',
    token: 'token-1',
  });
});

test.each([
  ['LH-03', { Host: 'evil.example' }, 403],
  ['LH-04', { Host: ['127.0.0.1:8123', '127.0.0.1:8123'] }, 400],
  ['LH-04', { Host: undefined }, 400],
  ['LH-06', { Origin: 'http://127.0.0.1:8123' }, 403],
  ['LH-07', { 'Sec-Fetch-Site': 'same-origin' }, 403],
  ['LH-07', { 'Sec-Fetch-Mode': 'no-cors' }, 403],
  ['LH-07', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Site': 'none' }, 403],
  ["Node's own fetch", { 'Sec-Fetch-Mode': 'cors' }, 'passed token-1'],
  ['LH-09', { 'Content-Type': 'text/plain' }, 415],
  ['LH-09', { 'Content-Type': ['application/json', 'text/plain'] }, 415],
  ['LH-09', { 'Content-Type': 'APPLICATION/JSON; charset="UTF-8"' }, 'passed token-1'],
  ['LH-10', { 'Content-Encoding': 'gzip' }, 415],
  ['LH-10', { 'Content-Encoding': 'identity' }, 'passed token-1'],
  ['LH-11', { Accept: 'application/json' }, 406],
  ['LH-11', { Accept: 'application/json, text/event-stream;q=0' }, 406],
  ['LH-11', { Accept: '*/*' }, 'passed token-1'],
  ['LH-11', { Accept: ['application/*', 'TEXT/event-stream; q=0.5'] }, 'passed token-1'],
  ['LH-14', { 'Transfer-Encoding': 'chunked', 'Content-Length': '5' }, 400],
  ['LH-21', { Upgrade: 'h2c' }, 400],
  ['LH-01', { Authorization: 'bearer token-1' }, 'passed token-1'],
  ['LH-01', { Authorization: 'Basic dG9rZW4=' }, 'passed without token'],
  ['LH-01', { Authorization: ['Bearer token-1', 'Bearer token-1'] }, 'passed without token'],
  ['LH-01', { Authorization: 'Bearer token-1 token-1' }, 'passed without token'],
  ['LH-01', { Authorization: 'Bearer ' }, 'passed without token'],
])('%s %o gives %s', (_, headers, expected) => {
  expect(verdict(head({}, headers))).toBe(expected);
});

test.each([
  ['GET', { Accept: 'text/event-stream', 'Content-Type': undefined }, 'passed token-1'],
  ['GET', { Accept: 'application/json', 'Content-Type': undefined }, 406],
  ['DELETE', { Accept: undefined, 'Content-Type': undefined }, 'passed token-1'],
  ['OPTIONS', {}, 403],
  ['PUT', {}, 405],
  ['post', {}, 405],
])('method %s with %o gives %s', (method, headers, expected) => {
  expect(verdict(head({ method }, headers))).toBe(expected);
});

test('an Origin passes only where the door was told it, byte for byte', () => {
  const open = { port: 8123, origins: ['http://127.0.0.1:8123'] };
  const status = (origin: string | string[]): string => checkHead(head({}, { Origin: origin }), open).kind;
  expect(status('http://127.0.0.1:8123')).toBe('passed');
  for (const other of [
    'http://127.0.0.1:8124',
    'HTTP://127.0.0.1:8123',
    'http://127.0.0.1:8123/',
    'null',
    '',
  ]) {
    expect(status(other)).toBe('refused');
  }
  expect(status(['http://127.0.0.1:8123', 'http://127.0.0.1:8123'])).toBe('refused');
});

test('no head whatsoever makes the guard fail or pass without its Host, and nothing of it is repeated', () => {
  const token = fc.string({ minLength: 0, maxLength: 30 });
  fc.assert(
    fc.property(
      token,
      token,
      fc.constantFrom('1.0', '1.1', '2.0', '0.9'),
      fc.array(
        fc.tuple(fc.constantFrom('host', 'Origin', 'authorization', 'accept', 'x', 'content-type'), token),
      ),
      (method, target, httpVersion, headers) => {
        const found = checkHead({ method, target, httpVersion, rawHeaders: headers.flat() }, door);
        if (found.kind === 'passed') expect(headers).toContainEqual(['host', '127.0.0.1:8123']);
        else expect(found.status).toBeGreaterThanOrEqual(400);
      },
    ),
  );
});

test.each(['current', 'pelcro', 'acme-billing', 'a', '9', 'x'.repeat(63)])(
  'the address %s has one path',
  (text) => {
    expect(readAddress(text)).toBe(text);
    expect(addressOfPath(pathOf(text))).toBe(text);
  },
);

test.each([
  ['/'],
  ['/mcp/'],
  ['/MCP'],
  ['//mcp'],
  ['/mcp?x=1'],
  ['/../mcp'],
  ['/%6dcp'],
  ['/mcp/current'],
  ['/mcp/a/b'],
  ['/mcp/A'],
  ['/mcp/-a'],
  ['/mcp/a#b'],
  [`/mcp/${'x'.repeat(64)}`],
  ['/.well-known/oauth-protected-resource'],
])('LH-12 the path %s is nobody’s', (path) => {
  expect(addressOfPath(path)).toBeUndefined();
});

const headersOf = (name: string, ...values: string[]): ReadonlyMap<string, string[]> =>
  new Map([[name, values]]);

test.each([
  [[], { kind: 'none' }],
  [['abc-1'], { kind: 'id', id: 'abc-1' }],
  [['a', 'b'], { kind: 'malformed' }],
  [[''], { kind: 'malformed' }],
  [['a b'], { kind: 'malformed' }],
  [['é'], { kind: 'malformed' }],
  [['x'.repeat(129)], { kind: 'malformed' }],
])('LH-24 the session header %o is read as %o', (values, expected) => {
  expect(sessionHeader(values.length === 0 ? new Map() : headersOf('mcp-session-id', ...values))).toEqual(
    expected,
  );
});

test('a protocol version that is not spoken is told apart from none', () => {
  const known = ['2025-11-25'];
  expect(hasUnknownVersion(new Map(), known)).toBe(false);
  expect(hasUnknownVersion(headersOf('mcp-protocol-version', '2025-11-25'), known)).toBe(false);
  expect(hasUnknownVersion(headersOf('mcp-protocol-version', '2026-07-28'), known)).toBe(true);
  expect(hasUnknownVersion(headersOf('mcp-protocol-version', '2025-11-25', '2025-11-25'), known)).toBe(true);
});
