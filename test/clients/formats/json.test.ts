import { describe, expect, test } from 'vitest';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import { put, shapeTrouble, syntaxTrouble, take, thrown } from './edits.ts';

const json = formatOf('json');
const list = { path: ['mcpServers'] };
const entry = { command: 'gw', args: ['a'] };
const putInto = (text: string): string => put(json, text, list, 'gangway', entry);

describe('CF-02 a file keeps its style:', () => {
  const whole =
    '{\n  "mcpServers": {\n    "gangway": {\n      "command": "gw",\n      "args": [\n        "a"\n      ]\n    }\n  }\n}';

  test.each([
    ['an empty file', '', `${whole}\n`],
    ['a line break', '\n', `${whole}\n`],
    ['an empty object', '{}', whole],
    ['an empty object with a line break', '{\n}\n', `${whole}\n`],
    ['a comment', '// mine\n', `// mine\n${whole}\n`],
    ['a comment without a final line break', '// mine', `// mine\n${whole}`],
    ['a block comment', '/* mine */', `/* mine */\n${whole}`],
    ['an empty list', '{\n  "mcpServers": {}\n}\n', `${whole}\n`],
    [
      'an empty list in one line',
      '{"mcpServers":{}}',
      '{"mcpServers":{"gangway":{"command":"gw","args":["a"]}}}',
    ],
    [
      'blanks in one line',
      '{ "a": {} }',
      '{ "a": {}, "mcpServers": { "gangway": { "command": "gw", "args": ["a"] } } }',
    ],
    [
      'a member behind the list',
      '{\n  "mcpServers": {},\n  "a": 1\n}',
      `${whole.slice(0, -2)},\n  "a": 1\n}`,
    ],
  ])('%s', (_name, before, after) => {
    expect(putInto(before)).toBe(after);
  });

  test.each([
    ['tabs', '\t', '\n'],
    ['four blanks', '    ', '\n'],
    ['CRLF', '  ', '\r\n'],
    ['CR', '  ', '\r'],
  ])('%s', (_name, unit, lineEnd) => {
    const styled = (text: string): string =>
      text.replace(/^(?: {2})+/gm, (blanks) => unit.repeat(blanks.length / 2)).replaceAll('\n', lineEnd);
    const before = '{\n  "mcpServers": {\n    "one": {\n      "command": "x"\n    }\n  }\n}\n';
    const after = `${before.slice(0, -7)},\n    "gangway": {\n      "command": "gw",\n      "args": [\n        "a"\n      ]\n    }\n  }\n}\n`;
    expect(putInto(styled(before))).toBe(styled(after));
  });

  test('the nearest neighbours decide, not the rest of the file', () => {
    const before =
      '{\n\t"a": {\n\t\t"b": 1\n\t},\n\t"mcpServers": {\n\t    "one": {\n\t      "args": ["x", "y"]\n\t    }\n\t}\n}';
    const added = ',\n\t    "gangway": {\n\t      "command": "gw",\n\t      "args": ["a"]\n\t    }';
    expect(putInto(before)).toBe(before.replace('\n\t}\n}', `${added}\n\t}\n}`));
  });

  test('an entry that is replaced changes in its own place only', () => {
    const before =
      '{\n  "mcpServers": {\n    // above\n    "gangway": { /* gone */ "command": "x" }, // behind\n    "two": 1,\n  }\n}';
    const after =
      '{\n  "mcpServers": {\n    // above\n    "gangway": {\n      "command": "y"\n    }, // behind\n    "two": 1,\n  }\n}';
    expect(put(json, before, list, 'gangway', { command: 'y' })).toBe(after);
  });

  test('an entry that says the same already is left as it is written', () => {
    const before = '{"mcpServers": {"gangway": {"args": ["a"], /* mine */ "command": "gw"}}}';
    expect(json.put(before, list, 'gangway', entry)).toEqual({ start: 0, removed: '', added: '' });
  });

  test('texts are escaped as JSON wants it', () => {
    const odd = { path: 'C:\\a\\"b"', lines: 'a\n\u0000\u2028é😀', __proto__: { a: 'x' }, '': '' };
    expect(json.read(put(json, '{}', list, '__proto__', odd))).toEqual({
      mcpServers: { ['__proto__']: odd },
    });
  });
});

describe('CF-03 comments and commas at the end are kept, and never added:', () => {
  test.each([
    [
      'a note behind the last member',
      '{\n  "mcpServers": {\n    "one": 1 // note\n    // end\n  }\n}',
      '{\n  "mcpServers": {\n    "one": 1, // note\n    "gangway": {}\n    // end\n  }\n}',
    ],
    [
      'a comma behind the last member',
      '{\n  "mcpServers": {\n    "one": 1, // note\n  },\n}',
      '{\n  "mcpServers": {\n    "one": 1, // note\n    "gangway": {},\n  },\n}',
    ],
    [
      'only a comment',
      '{\n  "mcpServers": {\n    // none\n  }\n}',
      '{\n  "mcpServers": {\n    // none\n    "gangway": {}\n  }\n}',
    ],
    [
      'a comment in one line',
      '{ "mcpServers": { /* none */ } }',
      '{ "mcpServers": { /* none */ "gangway": {} } }',
    ],
    ['a comma in one line', '{ "mcpServers": { "a": 1, } }', '{ "mcpServers": { "a": 1, "gangway": {}, } }'],
  ])('%s', (_name, before, after) => {
    for (const kind of ['json', 'jsonc'] as const) {
      const format = formatOf(kind);
      expect(put(format, before, list, 'gangway', {})).toBe(after);
      expect(take(format, after, list, 'gangway')).toBe(before);
    }
  });
});

describe('CF-15 an entry is taken out alone:', () => {
  const around = (inner: string): string => `{\n  "mcpServers": {${inner}\n  }\n}\n`;

  test.each([
    ['the first', around('\n    "gangway": {},\n    "b": 1'), around('\n    "b": 1')],
    ['the last', around('\n    "b": 1,\n    "gangway": {}'), around('\n    "b": 1')],
    ['the last with a comma', around('\n    "b": 1,\n    "gangway": {},'), around('\n    "b": 1,')],
    ['the only one', around('\n    "gangway": {}'), '{\n  "mcpServers": {}\n}\n'],
    [
      'one with comments above, below and behind',
      around('\n    // above\n    "gangway": { /* in */ }, // behind\n    // below\n    "b": 1'),
      around('\n    // above\n    // behind\n    // below\n    "b": 1'),
    ],
    [
      'the last with comments before it',
      around('\n    "b": 1, // b\n    // above\n    "gangway": {}'),
      around('\n    "b": 1 // b\n    // above'),
    ],
    ['the only one with a comment', around('\n    // above\n    "gangway": {}'), around('\n    // above')],
    ['in one line', '{"mcpServers": {"a": 1, "gangway": {}, "b": 2}}', '{"mcpServers": {"a": 1, "b": 2}}'],
    ['last in one line', '{"mcpServers": {"a": 1, "gangway": {}}}', '{"mcpServers": {"a": 1}}'],
    ['a comma in the next line', around('\n    "gangway": {}\n    ,"b": 2'), around('\n    "b": 2')],
  ])('%s', (_name, before, after) => {
    expect(take(json, before, list, 'gangway')).toBe(after);
  });

  test('none of this name is none, also when an object has something of that name by nature', () => {
    for (const text of ['', '{}', '{"mcpServers":{}}', '{"mcpServers":null}', '{"mcpServers":{"b":1}}']) {
      expect(json.take(text, list, 'constructor')).toBeUndefined();
    }
  });
});

describe('CF-04 what is no JSON is refused with its place:', () => {
  test.each([
    ['{', '1:2 a comma or } was expected'],
    ['{\n  "a": 1\n  "b": 2\n}', '3:3 a comma was expected'],
    ["{'a': 1}", '1:2 this is no value'],
    ['{"a": NaN}', '1:7 this is no value'],
    ['{"a": 1, "a": 2}', '1:10 this name stands there twice'],
    ['{"a": 1, "\\u0061": 2}', '1:10 this name stands there twice'],
    ['{"mcpServers": {\r\n  "x": 1,\r\n  "x": 2}}', '3:3 this name stands there twice'],
    ['{"mcpServers": {"x": {"env": {"__proto__": 1,\r"__proto__": 2}}}}', '2:1 this name stands there twice'],
    ['{"a": "x\n"}', '1:7 this text in quotes has no end'],
    ['{} {}', '1:4 nothing more was expected'],
    ['{"a": [1,,2]}', '1:10 a value was expected'],
    ['\n /* open', '2:2 this comment has no end'],
    ['{"a": 1} /* open', '1:10 this comment has no end'],
    ['[]', '1:1 a { was expected'],
  ])('%s', (text, because) => {
    expect(syntaxTrouble(() => json.read(text))).toBe(because);
  });
});

describe('CF-05 a list that is something else', () => {
  test.each([
    ['{"mcpServers": []}', 'mcpServers: it is a list, not a table'],
    ['{"mcpServers": "x"}', 'mcpServers: it is a text, not a table'],
    ['{"mcpServers": 1}', 'mcpServers: it is a number, not a table'],
    ['{"mcpServers": false}', 'mcpServers: it is yes or no, not a table'],
    ['[1]', 'the whole file: it is a list, not a table'],
  ])('%s is refused', (text, because) => {
    expect(shapeTrouble(() => putInto(text))).toBe(because);
    expect(shapeTrouble(() => json.take(text, list, 'gangway'))).toBe(because);
  });

  test('that is null or missing is made, and so is what leads to it', () => {
    const deep = { path: ['a', 'b'] };
    const after = '{\n  "a": {\n    "b": {\n      "x": {}\n    }\n  }\n}';
    for (const before of [
      '{}',
      '{\n  "a": null\n}',
      '{\n  "a": {}\n}',
      '{\n  "a": {\n    "b": null\n  }\n}',
    ]) {
      expect(put(json, before, deep, 'x', {})).toBe(after);
    }
    expect(shapeTrouble(() => put(json, '{"a": 1}', deep, 'x', {}))).toBe('a: it is a number, not a table');
  });

  test('may be an array whose members have a name', () => {
    const named = { path: ['servers'], nameField: 'name' };
    const before = '{\n  "servers": [\n    { "name": "one" }\n  ]\n}';
    const after = put(json, before, named, 'two', { a: 1 });
    expect(json.read(after)).toEqual({ servers: [{ name: 'one' }, { name: 'two', a: 1 }] });
    expect(take(json, after, named, 'two')).toBe(before);
    expect(shapeTrouble(() => put(json, '{"servers": {}}', named, 'x', {}))).toBe(
      'servers: it is a table, not a list',
    );
    const twice = '{"servers": [{"name": "x"}, {"name": "x"}]}';
    expect(shapeTrouble(() => put(json, twice, named, 'x', {}))).toBe(
      'servers: it has several entries of this name',
    );
  });
});

describe('CF-06', () => {
  test('5 MB and 10 000 servers work', () => {
    const servers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`s${index}`, { command: 'x'.repeat(430), args: ['a'] }]),
    );
    for (const text of [
      JSON.stringify({ mcpServers: servers }, null, 2),
      JSON.stringify({ mcpServers: servers }),
    ]) {
      const after = putInto(text);
      expect(json.read(after)).toEqual({ mcpServers: { ...servers, gangway: entry } });
      expect(take(json, after, list, 'gangway')).toBe(text);
    }
  });

  test.each(['[', '{"a":', '[{"a":'])('depth 500 000 of %s is refused', (opening) => {
    const because = syntaxTrouble(() => json.read(opening.repeat(500_000)));
    expect(because).toMatch(/^1:\d+ it is nested too deep$/);
  });

  test('depth 200 is read', () => {
    expect(thrown(() => json.read(`{"a":${'['.repeat(199)}${']'.repeat(199)}}`))).toBeUndefined();
    expect(syntaxTrouble(() => json.read(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`))).toBe(
      '1:205 it is nested too deep',
    );
  });
});
