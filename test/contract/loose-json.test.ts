import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLooseJson } from '#contract/loose-json.ts';

describe('JSON', () => {
  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(0, 2), (text, indent) => {
        const value: unknown = JSON.parse(text);
        const written = JSON.stringify(value, null, indent);
        expect(readLooseJson(written)).toEqual({ kind: 'value', value });
      }),
      { numRuns: 500 },
    );
  });

  test.each(['0', '-0.5e-3', '1E+2', '"\\u00e9\\n\\/"', 'null', ' \t\r\n[]', '{"__proto__":{"a":1}}'])(
    '%s',
    (text) => {
      expect(readLooseJson(text)).toEqual({ kind: 'value', value: JSON.parse(text) });
    },
  );

  test('a member called __proto__ is an ordinary one', () => {
    const read = readLooseJson('{"__proto__":{"url":"x"}}');
    expect(read.kind === 'value' && Object.keys(Object(read.value))).toEqual(['__proto__']);
    expect(read.kind === 'value' && Reflect.get(Object(read.value), 'url')).toBeUndefined();
  });

  test('may have comments, and commas before a closing bracket', () => {
    const text = `// a file
      { /* one */ "a": [1, 2, ], // two
        "b": "// no comment /* either */",
      } // the end`;
    expect(readLooseJson(text)).toEqual({
      kind: 'value',
      value: { a: [1, 2], b: '// no comment /* either */' },
    });
  });
});

describe('what is damaged is refused with its place:', () => {
  test.each([
    ['', 1, 1, 'it ends too early'],
    ['{', 1, 2, 'it ends too early'],
    ['{"a": 1', 1, 8, 'a comma or } was expected'],
    ['{\n  "a": x\n}', 2, 8, 'a value was expected'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or } was expected'],
    ['{\n  a: 1\n}', 2, 3, 'a name in double quotes was expected'],
    ["{'a': 1}", 1, 2, 'a name in double quotes was expected'],
    ['{"a" 1}', 1, 6, 'a colon was expected'],
    ['{"a": 1, "a": 2}', 1, 10, 'this name stands there twice'],
    ['[1,,2]', 1, 4, 'a value was expected'],
    ['[,]', 1, 2, 'a value was expected'],
    ['{} {}', 1, 4, 'nothing more was expected'],
    ['["open]', 1, 2, 'this text in quotes has no end, or contains what JSON does not allow'],
    ['["a\nb"]', 1, 2, 'this text in quotes has no end, or contains what JSON does not allow'],
    ['["\\x41"]', 1, 2, 'this text in quotes has no end, or contains what JSON does not allow'],
    ['[01]', 1, 2, 'a value was expected'],
    ['[1 /* open', 1, 4, 'a comma or ] was expected'],
    ['[tru]', 1, 2, 'a value was expected'],
    [`${'['.repeat(60)}`, 1, 52, 'it is nested too deeply'],
  ])('%j', (text, line, column, because) => {
    expect(readLooseJson(text)).toEqual({ kind: 'damaged', line, column, because });
  });
});

test('no text makes it throw, and what it takes without forgiving anything JSON takes too', () => {
  const near = fc.stringMatching(/^[[\]{}",:0-9a-e\\/* \n.+-]{0,60}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
      const read = readLooseJson(text);
      const forgives = /,\s*[\]}]|\/\/|\/\*|\ufeff|[^\S \t\r\n]/.test(text);
      if (read.kind === 'value' && !forgives) expect(JSON.parse(text)).toEqual(read.value);
      if (read.kind === 'damaged') expect(read.line * read.column).toBeGreaterThan(0);
    }),
    { numRuns: 3000 },
  );
});
