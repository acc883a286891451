import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConfigFormat, type ServerList, type Splice, spliced } from '#bridge/clients/formats/format.ts';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import { choices, entries, names } from './choices.ts';
import { jsonDocument, type Made, tomlDocument, yamlDocument } from './documents.ts';

/** The text with a splice, which has to name what really stands there. */
function applied(text: string, splice: Splice | undefined): string {
  if (splice === undefined) return text;
  expect(text.slice(splice.start, splice.start + splice.removed.length)).toBe(splice.removed);
  return spliced(text, splice);
}

function valueAt(content: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value, key) => (Object.hasOwn(Object(value), key) ? Object(value)[key] : undefined),
    content,
  );
}

const byName: ServerList = { path: ['mcpServers'], nameField: 'name' };
const inTable: ServerList = { path: ['mcpServers'] };
const inToml: ServerList = { path: ['mcp_servers'] };

const cases: readonly [string, ConfigFormat, ServerList, fc.Arbitrary<Made>][] = [
  ['JSON', formatOf('jsonc'), inTable, choices.map(jsonDocument)],
  ['TOML', formatOf('toml'), inToml, choices.map(tomlDocument)],
  ['YAML, a table', formatOf('yaml'), inTable, choices.map((one) => yamlDocument(one, false))],
  ['YAML, a list with names', formatOf('yaml'), byName, choices.map((one) => yamlDocument(one, true))],
];

describe.each(cases)('CF-15 CF-02 %s', (_name, format, list, documents) => {
  test('an entry that is put in and taken out leaves every character as it was', () => {
    fc.assert(
      fc.property(documents, names, entries, ({ text, hasList }, name, entry) => {
        const before = format.read(text);
        const put = applied(text, format.put(text, list, name, entry));
        const taken = applied(put, format.take(put, list, name));
        if (hasList) expect(taken).toBe(text);
        else {
          // The list that had to be made stays; from then on nothing changes.
          const again = applied(taken, format.put(taken, list, name, entry));
          expect(applied(again, format.take(again, list, name))).toBe(taken);
        }
        const [key = ''] = list.path;
        expect({ ...format.read(taken), [key]: 0 }).toEqual({ ...before, [key]: 0 });
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  test('an entry that is replaced or taken out leaves every other value as it was', () => {
    fc.assert(
      fc.property(documents, entries, ({ text }, entry) => {
        const put = applied(text, format.put(text, list, 's1', entry));
        const member = list.nameField === undefined ? entry : { name: 's1', ...entry };
        const listed = valueAt(format.read(put), list.path);
        const found = Array.isArray(listed)
          ? listed.find((one) => valueAt(one, ['name']) === 's1')
          : valueAt(listed, ['s1']);
        expect(JSON.stringify(found)).toBe(JSON.stringify(member, (_, one) => (one === 0 ? 0 : one)));
        const comments = (one: string): number => one.split('# two').length + one.split('# one').length;
        const taken = applied(put, format.take(put, list, 's1'));
        expect(format.take(taken, list, 's1')).toBeUndefined();
        expect(comments(taken)).toBe(comments(put));
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});
