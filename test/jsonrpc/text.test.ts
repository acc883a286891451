import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { locate, outline, replaceSpans } from '#bridge/jsonrpc/text.ts';
import { errorOf, notificationOf, requestOf, resultOf, resultText, withId } from '#bridge/jsonrpc/write.ts';

/** JSON text of a value with blanks wherever they may be, and some strings written in escapes only. */
function spelled(value: unknown, next: () => number): string {
  const blank = (): string => ['', '', ' ', '\t', '\r\n', ' \n '][next() % 6] ?? '';
  const unit = (text: string, at: number): string =>
    `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  const string = (text: string): string =>
    next() % 3 === 0
      ? `"${Array.from({ length: text.length }, (_, at) => unit(text, at)).join('')}"`
      : JSON.stringify(text);
  const write = (part: unknown): string => {
    if (typeof part === 'string') return string(part);
    if (Array.isArray(part)) {
      return `[${blank()}${part.map((one) => write(one) + blank()).join(`,${blank()}`)}]`;
    }
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(
      ([key, one]) => `${string(key)}${blank()}:${blank()}${write(one)}${blank()}`,
    );
    return `{${blank()}${members.join(`,${blank()}`)}}`;
  };
  return blank() + write(value) + blank();
}

const values = fc.jsonValue({ maxDepth: 4 });
const spellings = fc.tuple(values, fc.infiniteStream(fc.nat(1000))).map(([value, stream]) => ({
  // Parsed once, so that -0 and __proto__ compare as JSON has them.
  value: JSON.parse(JSON.stringify(value)) as unknown,
  text: spelled(value, () => stream.next().value ?? 0),
}));

describe('the outline of any JSON text', () => {
  test('names the same parts that JSON.parse finds', () => {
    fc.assert(
      fc.property(spellings, ({ value, text }) => {
        const shape = outline(text);
        const read = (span: { start: number; end: number }): unknown =>
          JSON.parse(text.slice(span.start, span.end));
        if (Array.isArray(value)) {
          expect(shape).toMatchObject({ kind: 'array' });
          expect(shape?.kind === 'array' && shape.elements.map(read)).toEqual(value);
        } else if (typeof value === 'object' && value !== null) {
          expect(shape).toMatchObject({ kind: 'object' });
          if (shape?.kind !== 'object') return;
          expect(shape.members.map(({ key }) => key).sort()).toEqual(Object.keys(value).sort());
          for (const member of shape.members) {
            expect(read(member)).toEqual((value as Record<string, unknown>)[member.key]);
            expect(text.slice(member.start, member.end)).toBe(text.slice(member.start, member.end).trim());
          }
        } else expect(shape).toEqual({ kind: 'other' });
      }),
      { numRuns: 500 },
    );
  });

  test('names the members one level further in, where it is asked for them', () => {
    fc.assert(
      fc.property(spellings, ({ text }) => {
        const shape = outline(text, undefined, { inner: true });
        if (shape?.kind !== 'object') {
          expect(shape).toEqual(outline(text));
          return;
        }
        for (const { key, members, ...span } of shape.members) {
          const below = outline(text, span);
          expect(members).toEqual(below?.kind === 'object' ? below.members : undefined);
        }
        const outermost = shape.members.map(({ key, start, end }) => ({ key, start, end }));
        expect({ ...shape, members: outermost }).toEqual(outline(text));
      }),
      { numRuns: 500 },
    );
  });

  test('does not hold the members of an object that has very many', () => {
    const object = (count: number): string =>
      `{${Array.from({ length: count }, (_, at) => `"${at}":{"a":[1,2]}`).join(',')}}`;
    const shape = outline(`{"some":${object(1000)},"many":${object(1001)},"two":${object(2)}}`, undefined, {
      inner: true,
    });
    const members = shape?.kind === 'object' ? shape.members : [];
    expect(members.map(({ key, members: inner }) => [key, inner?.length])).toEqual([
      ['some', 1000],
      ['many', undefined],
      ['two', 2],
    ]);
  });

  test('leads to every value below it', () => {
    fc.assert(
      fc.property(spellings, ({ value, text }) => {
        const walk = (part: unknown, path: string[]): void => {
          const span = locate(text, path);
          expect(span && JSON.parse(text.slice(span.start, span.end))).toEqual(part);
          if (typeof part !== 'object' || part === null || Array.isArray(part)) return;
          for (const [key, one] of Object.entries(part)) walk(one, [...path, key]);
        };
        walk(value, []);
        expect(locate(text, ['no', 'such', 'place'])).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('counts levels, and gives up at the first that is too deep', () => {
    expect(outline('[[[]]]', undefined, { maxDepth: 3 })).toMatchObject({ kind: 'array' });
    expect(outline('[[[]]]', undefined, { maxDepth: 2 })).toBeUndefined();
    expect(outline('["[[[[", {"]": "{{"}]', undefined, { maxDepth: 2 })).toMatchObject({
      elements: [{}, {}],
    });
    expect(outline(`{"a":${'['.repeat(500_000)}`, undefined, { maxDepth: 200 })).toBeUndefined();
  });

  test('is right after backslashes of any number', () => {
    for (let count = 0; count < 6; count += 1) {
      const string = JSON.stringify(`${'\\'.repeat(count)}"`);
      const text = `{"a":${string},"b":[${string}]}`;
      const span = locate(text, ['b']);
      expect(span && text.slice(span.start, span.end)).toBe(`[${string}]`);
    }
  });

  test('takes the last of two equal keys, as JSON.parse does', () => {
    const text = '{"a":{"x":1},"\\u0061":{"x":2}}';
    const span = locate(text, ['a', 'x']);
    expect(span && text.slice(span.start, span.end)).toBe('2');
  });

  test('of any text at all ends', () => {
    const any = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 0a'.split('')), maxLength: 80 });
    fc.assert(
      fc.property(any, fc.nat(6), (text, depth) => {
        outline(text, undefined, { maxDepth: depth });
        locate(text, ['a', 'a']);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('replacing', () => {
  test('changes the spans and no other character', () => {
    const pieces = fc.array(fc.record({ before: fc.string(), old: fc.string(), by: fc.string() }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(pieces, fc.string(), fc.boolean(), (parts, tail, reversed) => {
        let text = '';
        const edits = parts.map(({ before, old, by }) => {
          text += before;
          const start = text.length;
          text += old;
          return { start, end: text.length, by };
        });
        // Insertions at one place have no order among themselves.
        fc.pre(parts.every(({ before, old }, at) => at === 0 || before + old !== ''));
        if (reversed && parts.every(({ old }) => old !== '')) edits.reverse();
        const expected = parts.map(({ before, by }) => before + by).join('') + tail;
        expect(replaceSpans(text + tail, edits)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('an id keeps all else, and the very bytes when it stays', () => {
    const text =
      '{ "id" : "\\u0061", "jsonrpc":"2.0", "method":"a", "params":{"id":9007199254740993,"n":1E999} }';
    const message = readMessage(Buffer.from(text));
    if (message.kind !== 'request') throw new Error('not a request');
    expect(Buffer.from(withId(message, '7')).toString()).toBe(text.replace('"\\u0061"', '7'));
    expect(withId(message, message.id)).toBe(message.bytes);
  });

  test('an id does not appear where there was none', () => {
    const message = readMessage(Buffer.from('{"jsonrpc":"2.0","method":"a"}'));
    expect(message.kind === 'notification' && withId(message, '7')).toBe(
      message.kind === 'notification' && message.bytes,
    );
  });
});

describe('messages of our own', () => {
  test.each([
    [
      'a result',
      resultOf('9007199254740993', '{"n":1E999}'),
      '{"jsonrpc":"2.0","id":9007199254740993,"result":{"n":1E999}}',
    ],
    [
      'an error',
      errorOf('"a"', -32600, 'no "x"'),
      '{"jsonrpc":"2.0","id":"a","error":{"code":-32600,"message":"no \\"x\\""}}',
    ],
    [
      'an error without id, with data',
      errorOf(null, 1, 'm', { a: 1 }),
      '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m","data":{"a":1}}}',
    ],
    ['a notification', notificationOf('a/b', { c: 1 }), '{"jsonrpc":"2.0","method":"a/b","params":{"c":1}}'],
    ['a bare notification', notificationOf('a/b'), '{"jsonrpc":"2.0","method":"a/b"}'],
    [
      'a request',
      requestOf('1', 'a', '{"n":1.0}'),
      '{"jsonrpc":"2.0","id":1,"method":"a","params":{"n":1.0}}',
    ],
    ['a bare request', requestOf('1', 'a'), '{"jsonrpc":"2.0","id":1,"method":"a"}'],
  ])('%s is one line of JSON', (_, bytes, text) => {
    expect(bytes.toString()).toBe(text);
    expect(readMessage(bytes).kind).not.toBe('refused');
  });

  test('the text of a result is the text that came', () => {
    const message = readMessage(Buffer.from('{"jsonrpc":"2.0","id":1,"result": {"n":1E999 } }'));
    expect(message.kind === 'response' && resultText(message)).toBe('{"n":1E999 }');
  });
});
