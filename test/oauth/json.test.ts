import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRecord } from '#bridge/base/record.ts';
import { readJsonObject } from '#bridge/oauth/json.ts';

const read = (text: string): unknown => readJsonObject(new TextEncoder().encode(text));

describe('OA-16 metadata whose meaning can be disputed is refused', () => {
  test.each([
    ['__proto__', '{"a":1,"__proto__":{"b":2}}', 'no such document has'],
    ['__proto__ in escapes', '{"\\u005f_proto__":{}}', 'no such document has'],
    ['__proto__ deep within', '{"a":[{"b":{"__proto__" : 1}}]}', 'no such document has'],
    ['a name twice', '{"issuer":"a","issuer":"b"}', 'says one thing twice'],
    ['a name twice, once in escapes', '{"issuer":"a","\\u0069ssuer":"b"}', 'says one thing twice'],
    ['a name twice deep within', '{"a":[1,{"b":1,"c":[],"b":1}]}', 'says one thing twice'],
    ['201 levels', '['.repeat(201) + ']'.repeat(201), 'deeper than 200 levels'],
    ['10 000 levels', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'deeper than 200 levels'],
    ['a list', '[{}]', 'is not a JSON object'],
    ['null', 'null', 'is not a JSON object'],
    ['a text', '"{}"', 'is not a JSON object'],
    ['nothing', '', 'is not JSON'],
    ['a page', '<!doctype html><p>"{}"', 'is not JSON'],
    ['two objects', '{}{}', 'is not JSON'],
    ['a cut object', '{"a":"b', 'is not JSON'],
    ['a cut escape', '{"a":"\\', 'is not JSON'],
    ['a name with a bad escape', '{"\\x":1}', 'is not JSON'],
    ['JSON with comments', '{/* a */}', 'is not JSON'],
  ])('%s', (_, text, fault) => {
    expect(() => read(text)).toThrow(fault);
  });

  test('bytes that are no UTF-8', () => {
    expect(() => readJsonObject(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(
      'is not JSON',
    );
  });
});

test.each([
  ['{}', {}],
  ['\ufeff {"a":1}\n', { a: 1 }],
  ['{"a":{"b":1},"c":{"b":1},"b":[{"b":1},{"b":2}]}', { a: { b: 1 }, c: { b: 1 }, b: [{ b: 1 }, { b: 2 }] }],
  ['{"a":"b\\":{\\"a","c":"{[\\\\"}', { a: 'b":{"a', c: '{[\\' }],
])('%s is read', (text, value) => {
  expect(read(text)).toEqual(value);
});

test('200 levels are read', () => {
  const text = `${'{"a":'.repeat(199)}{}${'}'.repeat(199)}`;
  expect(JSON.stringify(read(text))).toBe(text);
});

test('every JSON object is read as JSON.parse reads it', () => {
  const json = fc.json().filter((text) => {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && !text.includes('__proto__');
  });
  fc.assert(
    fc.property(json, (text) => {
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});
