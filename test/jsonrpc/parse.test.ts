import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '#bridge/jsonrpc/parse.ts';
import { outline, type Span } from '#bridge/jsonrpc/text.ts';

/** As `readMessage` asks; the bytes begin at any place of a larger buffer, as they do in a connection. */
function parsed(text: string, lead = 0): unknown {
  const long: Span[] = [];
  outline(text, undefined, { long });
  return parse(text, Buffer.from(' '.repeat(lead) + text).subarray(lead), long);
}

const LONG = 'x'.repeat(20_000);
const strings = fc.oneof(
  { weight: 3, arbitrary: fc.nat(3).map((more) => LONG + 'yz'.repeat(more)) },
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom(`${LONG}"`, `${LONG}\\`, `é${LONG}`, `${LONG}\n`),
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 2, arbitrary: strings },
    fc.constantFrom(null, true, 1e300),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom('a', '__proto__', LONG), strings), tie('value'), { maxKeys: 3 }),
  ),
})).value;

test.each([
  ['ASCII', LONG],
  ['every script', `é€😀${LONG}ÿ`],
])('a long value of %s is a part of the text', (_, value) => {
  const text = JSON.stringify({ a: [value, 1, { b: value }] });
  expect(parsed(text)).toEqual({ a: [value, 1, { b: value }] });
});

test('what is parsed without its long strings is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(values, fc.nat(5), fc.nat(2), (value, lead, indent) => {
      const text = JSON.stringify(value, null, indent);
      const expected: unknown = JSON.parse(text);
      const actual = parsed(text, lead);
      expect(actual).toEqual(expected);
      expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
    }),
    { numRuns: 300 },
  );
});

describe('what is no JSON is refused, however long its strings are', () => {
  test.each([
    ['a control character', `{"a":"${LONG}\u0001${LONG}"}`],
    ['a line end', `["${LONG}\n"]`],
    ['a line end beside other letters', `["é€😀${LONG}é\né€😀"]`],
    ['a control character at the very end', `{"a":"${LONG}"}\u0000`],
    ['a string that does not end', `{"a":"${LONG}`],
    ['two values', `{"a":"${LONG}" "b"}`],
    ['a comma too many', `{"a":"${LONG}",}`],
    ['a key alone', `{"${LONG}"}`],
    ['two keys', `{"${LONG}":"${LONG}":1}`],
    ['an unknown escape', `{"a":"${LONG}\\x"}`],
  ])('%s', (_, text) => {
    for (const lead of [0, 1, 2, 3]) expect(() => parsed(text, lead)).toThrow(SyntaxError);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });
});
