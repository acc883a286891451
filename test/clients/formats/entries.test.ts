import { describe, expect, test } from 'vitest';
import { type Language, verified } from '#bridge/clients/formats/entries.ts';
import { type ConfigValue, type Splice, SyntaxTrouble } from '#bridge/clients/formats/format.ts';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import { thrown } from './edits.ts';

const list = { path: ['servers'] };
const before = '{"servers":{"a":1},"b":2}';

/** JSON by an implementation that answers every edit with this text. */
function answering(after: string) {
  const splice = (): Splice => ({ start: 0, removed: before, added: after });
  const language: Language<ConfigValue> = {
    parse(text) {
      try {
        return JSON.parse(text);
      } catch {
        throw new SyntaxTrouble('broken', 1, 1);
      }
    },
    content: (content) => content,
    noTable: () => new SyntaxTrouble('no table', 1, 1),
    add: splice,
    replace: splice,
    remove: splice,
  };
  return verified(language);
}

describe('an edit that would damage a file is never given away:', () => {
  test.each([
    ['another value is lost', '{"servers":{"a":1,"x":{}}}'],
    ['another value changes', '{"servers":{"a":1,"x":{}},"b":3}'],
    ['another entry is lost', '{"servers":{"x":{}},"b":2}'],
    ['the entry is missing', before],
    ['the entry is another', '{"servers":{"a":1,"x":{"y":1}},"b":2}'],
    ['the text is broken', '{"servers":{"a":1,"x":{},"b":2}'],
  ])('%s', (_name, after) => {
    const format = answering(after);
    expect(thrown(() => format.put(before, list, 'x', {}))).toMatchObject({
      name: 'BridgeError',
      code: 'internal',
    });
    expect(thrown(() => format.take(before, list, 'a'))).toMatchObject({
      name: 'BridgeError',
      code: 'internal',
    });
  });

  test('what is right is given away', () => {
    const after = '{"b":2,"servers":{"x":{},"a":1}}';
    expect(answering(after).put(before, list, 'x', {})).toEqual({ start: 0, removed: before, added: after });
  });
});

test('an entry that a file cannot hold is refused in every format', () => {
  for (const kind of ['json', 'jsonc', 'toml', 'yaml'] as const) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800']) {
      const edit = () => formatOf(kind).put('', list, 'x', { a: [value] });
      expect(thrown(edit)).toMatchObject({ name: 'BridgeError', code: 'internal' });
    }
  }
});
