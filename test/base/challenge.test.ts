import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Challenge, parseChallenge, properScope } from '#bridge/base/challenge.ts';

const URL_ = 'https://acme.example.com/.well-known/oauth-protected-resource/mcp';
const NAMED: Challenge = { resourceMetadata: URL_ };

describe('OA-02 the challenge of a 401', () => {
  test.each<[string, readonly string[] | string | undefined, Challenge | undefined]>([
    ['none', undefined, undefined],
    ['no header', [], undefined],
    ['an empty header', '', undefined],
    ['another scheme', 'Basic realm="x"', undefined],
    ['a Bearer without parameters', 'Bearer', {}],
    ['the usual form', `Bearer resource_metadata="${URL_}"`, NAMED],
    ['upper case', `BEARER RESOURCE_METADATA="${URL_}"`, NAMED],
    ['an unquoted address', `Bearer resource_metadata=${URL_}`, NAMED],
    [
      'an unquoted address before more',
      `Bearer resource_metadata=${URL_}, error=x`,
      { ...NAMED, error: 'x' },
    ],
    ['blanks around the equals sign', `Bearer resource_metadata \t=  "${URL_}"`, NAMED],
    [
      'escaped quotes and commas in quotes',
      `Bearer realm="a \\"Bearer resource_metadata=evil\\", b=\\\\", resource_metadata="${URL_}"`,
      NAMED,
    ],
    [
      'all three parameters',
      `Bearer error="invalid_token", resource_metadata="${URL_}", scope="a b:c  d"`,
      { ...NAMED, error: 'invalid_token', scope: 'a b:c d' },
    ],
    ['two Bearer challenges in one header', `Bearer scope="a", Bearer scope="b"`, { scope: 'a' }],
    ['two Bearer headers', ['Bearer scope="a"', 'Bearer scope="b"'], { scope: 'a' }],
    ['a parameter twice', 'Bearer scope="a", scope="b"', { scope: 'a' }],
    ['behind another scheme', `Basic realm="x, y", Bearer scope="a"`, { scope: 'a' }],
    ['behind a scheme with a token', 'Negotiate YWJj==, Bearer scope="a"', { scope: 'a' }],
    ['behind a scheme alone', 'Negotiate, Bearer scope="a"', { scope: 'a' }],
    ['before another scheme', 'Bearer scope="a", DPoP algs="ES256", scope="b"', { scope: 'a' }],
    ['in one of several headers', ['Basic realm="x"', 'DPoP', 'Bearer scope="a"'], { scope: 'a' }],
    ['empty elements of the list', ', ,Bearer scope="a" , , error="b",', { scope: 'a', error: 'b' }],
    ['within a string of another scheme', 'Basic realm="Bearer scope=a"', undefined],
    ['a string that never ends', `Bearer scope="a", resource_metadata="${URL_}`, { scope: 'a' }],
    ['a string that ends in a backslash', 'Bearer scope="a\\', {}],
    ['signs outside the grammar', 'Bearer scope="a", =, "b" , ü, error="c"', { scope: 'a', error: 'c' }],
    ['a scope with control characters', 'Bearer scope="a \u0007b \\"c"', { scope: 'a' }],
    ['an empty scope', 'Bearer scope=""', {}],
    ['an error that is a page', `Bearer error="${'x'.repeat(101)}"`, {}],
    ['64 KB', `Bearer realm="${'x'.repeat(65_536)}", scope="a"`, undefined],
  ])('%s', (_, header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });

  test('any text is read to its end, and quickly', () => {
    const pieces = fc.constantFrom('Bearer', ' ', '"', '\\', ',', '=', 'scope', 'a', '==', 'ü', '\t', '~+/');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        parseChallenge(parts.join(''));
      }),
    );
    for (const part of ['"', '\\', '\\"', 'a', ', ', '=', 'a=', 'a="', 'Bearer ']) {
      parseChallenge(part.repeat(32_768 / part.length));
    }
  });

  test('what was written is what is read', () => {
    const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (metadata, realm) => {
        const header = `Bearer realm=${quoted(realm)},resource_metadata=${quoted(metadata)}`;
        expect(parseChallenge(['Basic realm="x"', header])?.resourceMetadata).toBe(metadata);
      }),
    );
  });
});

test.each([
  [undefined, undefined],
  [[], undefined],
  [['a', 'b', 'a'], 'a b'],
  [['a', 7, null, 'b c', '', 'd"', 'e\\', 'ü', 'https://x/y'], 'a https://x/y'],
])('scope values %j are %j', (values, scope) => {
  expect(properScope(values)).toBe(scope);
});
