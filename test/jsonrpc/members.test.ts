import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberAt, objectAt, withMembers, withoutMembers } from '#bridge/jsonrpc/members.ts';

const keys = fc.constantFrom('a', 'b', 'c,', 'd"}', '');
const blanks = fc.constantFrom('', ' ', '\n', ' \t');
/** Members in any order, some keys twice, with blanks everywhere. */
const objects = fc
  .array(fc.tuple(keys, fc.jsonValue({ maxDepth: 2 }), blanks, blanks), { maxLength: 6 })
  .map((members) => {
    const parts = members.map(
      ([key, value, one, other]) =>
        `${one}${JSON.stringify(key)}${other}:${one}${JSON.stringify(value)}${other}`,
    );
    return ` {"id":1 , "params" : {${parts.join(',')}} ,"z":[{}]} `;
  });

interface Around {
  readonly params: Record<string, unknown>;
}

function read(text: string): Around {
  return JSON.parse(text) as Around;
}

function placeIn(text: string): NonNullable<ReturnType<typeof objectAt>> {
  const place = objectAt(text, ['params']);
  if (!place) throw new Error('no object');
  return place;
}

test('members are set and nothing else', () => {
  fc.assert(
    fc.property(objects, keys, (text, key) => {
      const edited = withMembers(text, placeIn(text), { [key]: '[1]', new: '"x"' });
      const { params, ...rest } = read(edited);
      const { params: before, ...around } = read(text);
      expect(rest).toEqual(around);
      expect(params).toEqual({ ...before, [key]: [1], new: 'x' });
      expect(memberAt(edited, placeIn(edited), key)).toEqual([1]);
      const isNew = !placeIn(text).members.some((member) => member.key === key);
      const written = placeIn(edited).members.filter((member) => member.key === key);
      expect(written).toHaveLength(isNew ? 1 : placeIn(text).members.filter((m) => m.key === key).length);
      for (const { start, end } of written) expect(edited.slice(start, end)).toBe('[1]');
    }),
  );
});

test('a member is taken out and nothing else', () => {
  fc.assert(
    fc.property(objects, keys, (text, key) => {
      const edited = withoutMembers(text, placeIn(text), (name) => name === key);
      const { [key]: _, ...kept } = read(text).params;
      expect(read(edited)).toEqual({ ...read(text), params: kept });
      const spelt = (whole: string): string[] =>
        placeIn(whole).members.flatMap((m) => (m.key === key ? [] : [whole.slice(m.start, m.end)]));
      expect(spelt(edited)).toEqual(spelt(text));
      if (Object.hasOwn(read(text).params, key)) expect(edited).not.toBe(text);
      else expect(edited).toBe(text);
    }),
  );
});

test('what is no object has no place for members', () => {
  expect(objectAt('{"params":[1]}', ['params'])).toBeUndefined();
  expect(objectAt('{"params":null}', ['params'])).toBeUndefined();
  expect(objectAt('{}', ['params'])).toBeUndefined();
  expect(objectAt('{}', [])?.members).toEqual([]);
});
