import { describe, expect, test } from 'vitest';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import type { BridgeError } from '#bridge/contract/errors.ts';
import { put, shapeTrouble, syntaxTrouble, take, thrown } from './edits.ts';

const yaml = formatOf('yaml');
const named = { path: ['mcpServers'], nameField: 'name' };
const table = { path: ['extensions'] };
const entry = { cmd: 'gw', args: ['a'], envs: { A: 'b' } };

describe('CF-02 CF-15 an entry joins a list, and leaves without a trace:', () => {
  test.each([
    [
      'members that are indented',
      'mcpServers:\n  - name: a # one\n    args:\n      - x\n    # in a\n  # two\nz: 1\n',
      'mcpServers:\n  - name: a # one\n    args:\n      - x\n    # in a\n  - name: gangway\n    cmd: gw\n    args:\n      - a\n    envs:\n      A: b\n  # two\nz: 1\n',
    ],
    [
      'members below their key',
      '---\r\nmcpServers:\r\n- name: a\r\n\r\n# z\r\nz: |\r\n  text\r\n',
      '---\r\nmcpServers:\r\n- name: a\r\n- name: gangway\r\n  cmd: gw\r\n  args:\r\n  - a\r\n  envs:\r\n    A: b\r\n\r\n# z\r\nz: |\r\n  text\r\n',
    ],
    [
      'wide members without a final line break',
      'mcpServers:\n    -   name: a\n        env:\n            A: 1',
      'mcpServers:\n    -   name: a\n        env:\n            A: 1\n    -   name: gangway\n        cmd: gw\n        args:\n            - a\n        envs:\n            A: b',
    ],
    [
      'a text block at the end',
      'mcpServers:\n  - name: a\n    text: |+\n      x\n\n',
      'mcpServers:\n  - name: a\n    text: |+\n      x\n\n  - name: gangway\n    cmd: gw\n    args:\n      - a\n    envs:\n      A: b\n',
    ],
    [
      'one line',
      'mcpServers: [{name: a}] # one\n',
      'mcpServers: [{name: a}, { name: "gangway", cmd: "gw", args: ["a"], envs: { A: "b" } }] # one\n',
    ],
    [
      'an empty list',
      'mcpServers: [] # none\nz: 1',
      'mcpServers: # none\n  - name: gangway\n    cmd: gw\n    args:\n      - a\n    envs:\n      A: b\nz: 1',
    ],
    [
      'CR',
      'z: 1\rmcpServers:\r  - name: a\r',
      'z: 1\rmcpServers:\r  - name: a\r  - name: gangway\r    cmd: gw\r    args:\r      - a\r    envs:\r      A: b\r',
    ],
    [
      'anchors elsewhere',
      'x: &x {a: 1}\ny: *x\nmcpServers: &l\n  - name: a\n    y: *x\n',
      'x: &x {a: 1}\ny: *x\nmcpServers: &l\n  - name: a\n    y: *x\n  - name: gangway\n    cmd: gw\n    args:\n      - a\n    envs:\n      A: b\n',
    ],
  ])('of names: %s', (_name, before, after) => {
    expect(put(yaml, before, named, 'gangway', entry)).toBe(after);
    expect(take(yaml, after, named, 'gangway')).toBe(before);
  });

  test.each([
    ['empty', 'extensions: {}\n', 'extensions:\n  gangway:\n    a: 1\n'],
    [
      'with members',
      'extensions:\n    b: {c: 1} # one\n\n# z\nz: 1\n',
      'extensions:\n    b: {c: 1} # one\n    gangway:\n      a: 1\n\n# z\nz: 1\n',
    ],
    ['in one line', 'extensions: {b: {c: 1}}\n', 'extensions: {b: {c: 1}, gangway: { a: 1 }}\n'],
    [
      'in lines and brackets',
      'extensions: {\n  b: 1, # one\n}\n',
      'extensions: {\n  b: 1, # one\n  gangway: { a: 1 },\n}\n',
    ],
    ['empty in brackets', 'a: {extensions: {}}\n', 'a: {extensions: { gangway: { a: 1 } }}\n'],
  ])('a table: %s', (_name, before, after) => {
    const list = before.startsWith('a:') ? { path: ['a', 'extensions'] } : table;
    const expected = _name === 'with members' ? after.replace('      a: 1', '        a: 1') : after;
    expect(put(yaml, before, list, 'gangway', { a: 1 })).toBe(expected);
    expect(take(yaml, expected, list, 'gangway')).toBe(before);
  });

  test.each([
    ['an empty file', '', '', 'mcpServers: []\n'],
    ['comments', '# mine\n', '# mine\n', '# mine\nmcpServers: []\n'],
    ['comments without a final line break', '# mine', '# mine\n', '# mine\nmcpServers: []'],
    ['a beginning', '---\n', '---\n', '---\nmcpServers: []\n'],
    ['an empty table', '{}\n', '', 'mcpServers: []\n'],
    ['an empty value', 'mcpServers:\n', '', 'mcpServers: []\n'],
    ['null', 'mcpServers: null # one\nz: 1\n', '', 'mcpServers: [] # one\nz: 1\n'],
    ['other members', 'name: x\n...\n', 'name: x\n', 'name: x\nmcpServers: []\n...\n'],
  ])('a list that had to be made stays: %s', (_name, before, start, after) => {
    const made = put(yaml, before, named, 'gangway', {});
    expect(made).toMatch(new RegExp(`^${start}mcpServers:(?: # one)?\n  - name: gangway`));
    expect(made.endsWith('\n')).toBe(after.endsWith('\n'));
    expect(take(yaml, made, named, 'gangway')).toBe(after);
  });
});

describe('CF-03 CF-15 comments around an entry stay when it is', () => {
  const before =
    'mcpServers:\n  # above\n  - name: x # in\n    a: 1 # in\n    # in\n    b: 2\n    # below\n\n  - name: y\n';

  test('replaced', () => {
    expect(put(yaml, before, named, 'x', { c: 3 })).toBe(
      'mcpServers:\n  # above\n  - name: x\n    c: 3\n    # below\n\n  - name: y\n',
    );
    expect(put(yaml, 'extensions:\n  x: {a: 1} # one\n  y: 1\n', table, 'x', { c: 3 })).toBe(
      'extensions:\n  x: # one\n    c: 3\n  y: 1\n',
    );
    expect(put(yaml, 'extensions: {x, y: 1}', table, 'x', { c: 3 })).toBe('extensions: {x: { c: 3 }, y: 1}');
  });

  test('taken out', () => {
    expect(take(yaml, before, named, 'x')).toBe('mcpServers:\n  # above\n    # below\n\n  - name: y\n');
    expect(take(yaml, 'extensions:\n  # above\n  x: {a: 1} # one\n', table, 'x')).toBe(
      'extensions: {}\n  # above\n  # one\n',
    );
    expect(take(yaml, 'extensions:\n  x:\n    a: 1\n  # below\n', table, 'x')).toBe(
      'extensions: {}\n  # below\n',
    );
  });

  test('taken out below a text block, which does not take them in', () => {
    const text =
      'mcpServers:\n  - name: a\n    b: |\n      text\n  - name: x\n\n      # below\n      # more\n';
    const after = 'mcpServers:\n  - name: a\n    b: |\n      text\n\n  # below\n      # more\n';
    expect(take(yaml, text, named, 'x')).toBe(after);
  });

  test('of no use to others: an entry that something else refers to is left alone', () => {
    const text = 'extensions:\n  x: &x {a: 1}\n  y: *x\n';
    for (const edit of [() => put(yaml, text, table, 'x', {}), () => take(yaml, text, table, 'x')]) {
      expect(thrown(edit)).toMatchObject({
        name: 'BridgeError',
        code: 'internal',
      } satisfies Partial<BridgeError>);
    }
    expect(shapeTrouble(() => put(yaml, 'a: &x {}\nextensions: *x\n', table, 'y', {}))).toBe(
      'extensions: it only refers to another part of the file',
    );
  });
});

describe('texts mean the same to every reader of YAML', () => {
  test.each([
    'yes',
    'No',
    'null',
    '~',
    '',
    ' a',
    'a ',
    '\u00a0',
    '1',
    '1e3',
    '0x1F',
    '0o7',
    '1_000',
    '12:30',
    '2020-01-01',
    '- a',
    'a: b',
    'a #b',
    '#a',
    '*a',
    '&a',
    '!a',
    '@a',
    '`a',
    '%a',
    '{a}',
    '[a',
    'a, b]',
    '? a',
    '---',
    '...',
    '<<',
    '=',
    '"a"',
    "it's",
    'C:\\Users\\a',
    'a\\nb',
    'a\nb\n',
    '\t',
    '\u0000\u0085\u2028\ufeff',
    'é😀',
  ])('%j', (text) => {
    const value = { a: text, b: [text], [text]: { c: text } };
    for (const before of ['', 'extensions: {a: 1}\n']) {
      const after = put(yaml, before, table, text, value);
      expect(yaml.read(after).extensions).toEqual({ ...(before ? { a: 1 } : {}), [text]: value });
      // YAML 1.1 has more words than 1.2.
      expect(yaml.read(`%YAML 1.1\n---\n${after}`).extensions).toEqual(yaml.read(after).extensions);
    }
  });

  test('names that every object has are names', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const after = put(yaml, 'a: 1\n', { path: [name] }, name, { x: 1 });
      expect(JSON.stringify(yaml.read(after))).toBe(`{"a":1,"${name}":{"${name}":{"x":1}}}`);
    }
  });
});

describe('CF-04 what is no YAML is refused with its place:', () => {
  test.each([
    ['a: 1\na: 2\n', '2:1 this name stands there twice'],
    ['a:\r\n  b: 1\r\n  "b": 2\r\n', '3:3 this name stands there twice'],
    ['a: {b: 1, b: 2}', '1:11 this name stands there twice'],
    ['a:\n\tb: 1\n', '2:1 a tab may not indent a line'],
    ['a: 1\n---\nb: 2\n', '2:1 a second document begins here'],
    ['a: *b\n', '1:4 it refers to something that is not above it'],
    ['a: &a [*a]\n', '1:8 it refers to something that is not above it'],
    ['a: [1', '1:6 it has the wrong indentation'],
    ['a: "x', '1:6 something is missing, such as a quote, a bracket, a comma or a blank'],
    ['a: b: c', '1:4 a second name with a colon, or a list, may not stand there'],
    ['? [a]\n: b', '1:3 a name has to be a text'],
    ['%YAML\n', '1:1 this directive is not valid'],
    ['- a\n', '1:1 a name with a colon was expected'],
  ])('%s', (text, because) => {
    expect(syntaxTrouble(() => yaml.read(text))).toBe(because);
  });

  test('in words that quote nothing of the file', () => {
    expect(syntaxTrouble(() => yaml.read('a: |secret\n'))).not.toContain('secret');
    expect(syntaxTrouble(() => yaml.read('a: *secret\n'))).not.toContain('secret');
  });
});

test('CF-05 a list that is something else is refused', () => {
  const refusal = (text: string): string => shapeTrouble(() => put(yaml, text, named, 'x', entry));
  expect(refusal('mcpServers: {}')).toBe('mcpServers: it is a table, not a list');
  expect(refusal('mcpServers: x')).toBe('mcpServers: it is a text, not a list');
  expect(refusal('- a')).toBe('the whole file: it is a list, not a table');
  expect(shapeTrouble(() => put(yaml, 'extensions: [a]', table, 'x', {}))).toBe(
    'extensions: it is a list, not a table',
  );
  expect(yaml.take('mcpServers:\n', named, 'x')).toBeUndefined();
});

describe('CF-06', () => {
  test.each(['[', '{a: ', '- ', '? ', ': ', 'a: ', '- ? ', '[a, ', '{? '])(
    'depth 500 000 of %s is refused',
    (opening) => {
      expect(syntaxTrouble(() => yaml.read(opening.repeat(500_000)))).toMatch(
        /^1:\d+ it is nested too deep$/,
      );
    },
  );

  test('depth by indentation is refused', () => {
    const lines = (depth: number): string =>
      Array.from({ length: depth }, (_, index) => `${' '.repeat(index)}a:\n`).join('');
    expect(thrown(() => yaml.read(lines(199)))).toBeUndefined();
    expect(syntaxTrouble(() => yaml.read(lines(2000)))).toBe('201:201 it is nested too deep');
  });

  test('a few lines that stand for very many values are refused', () => {
    const lines = Array.from({ length: 9 }, (_, index) => {
      const before = index === 0 ? 'x' : `*a${index - 1}`;
      return `a${index}: &a${index} [${Array.from({ length: 9 }, () => before).join(', ')}]\n`;
    });
    expect(syntaxTrouble(() => yaml.read(lines.join('')))).toMatch(
      /^\d+:\d+ it refers to too many other values$/,
    );
  });
});
