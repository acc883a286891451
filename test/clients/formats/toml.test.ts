import { describe, expect, test } from 'vitest';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import { BridgeError } from '#bridge/contract/errors.ts';
import { put, shapeTrouble, syntaxTrouble, take, thrown } from './edits.ts';

const toml = formatOf('toml');
const list = { path: ['mcp_servers'] };
const entry = { command: 'gw', args: ['a'], http_headers: { 'X-A': 'b' } };
const block = '[mcp_servers.gangway]\ncommand = "gw"\nargs = ["a"]\nhttp_headers = { X-A = "b" }';
const inline = 'gangway = { command = "gw", args = ["a"], http_headers = { X-A = "b" } }';

describe('CF-02 CF-15 an entry joins the others as they are written, and leaves without a trace:', () => {
  test.each([
    ['an empty file', '', `${block}\n`],
    ['comments only', '# mine\n', `# mine\n\n${block}\n`],
    ['no final line break', 'model = "x"', `model = "x"\n\n${block}`],
    ['lines at the end', 'model = "x"\n\n\n', `model = "x"\n\n${block}\n\n\n`],
    ['CRLF', 'a = 1 # b\r\n[c]\r\n', `a = 1 # b\r\n[c]\r\n\r\n${block.replaceAll('\n', '\r\n')}\r\n`],
    [
      'behind the last server',
      '[mcp_servers.a]\ncommand = "x" # one\n# args = []\n\n[mcp_servers.a.env]\nA = "1"\n\n# other\n[other]\nx = 1\n',
      `[mcp_servers.a]\ncommand = "x" # one\n# args = []\n\n[mcp_servers.a.env]\nA = "1"\n\n${block}\n\n# other\n[other]\nx = 1\n`,
    ],
    [
      'a comment that belongs to what follows',
      '[mcp_servers.a]\n# o\n[o]\n',
      `[mcp_servers.a]\n\n${block}\n# o\n[o]\n`,
    ],
    [
      'an indented table',
      '\t[mcp_servers.a]\n\t\tx = 1\n',
      `\t[mcp_servers.a]\n\t\tx = 1\n\n\t${block.replaceAll('\n', '\n\t\t')}\n`,
    ],
    ['an empty table', '[mcp_servers]\n[o]\n', `[mcp_servers]\n\n${block}\n[o]\n`],
    ['one line', 'mcp_servers = { a = {} } # one\n[o]\n', `mcp_servers = { a = {}, ${inline} } # one\n[o]\n`],
    ['an empty line', 'mcp_servers = {}\n', `mcp_servers = { ${inline} }\n`],
    [
      'members of a table',
      '[mcp_servers]\na = {} # one\n[o]\n',
      `[mcp_servers]\na = {} # one\n${inline}\n[o]\n`,
    ],
    [
      'dotted keys',
      'mcp_servers.a.command = "x"\nmcp_servers.a.args = []\nb = 1\n',
      `mcp_servers.a.command = "x"\nmcp_servers.a.args = []\nmcp_servers.${inline}\nb = 1\n`,
    ],
    ['dotted keys in one line', 'mcp_servers = { a.b = 1 }', `mcp_servers = { a.b = 1, ${inline} }`],
    [
      'quoted keys',
      '[mcp_servers."a b".env]\n"c.d" = 1\n',
      `[mcp_servers."a b".env]\n"c.d" = 1\n\n${block}\n`,
    ],
  ])('%s', (_name, before, after) => {
    expect(put(toml, before, list, 'gangway', entry)).toBe(after);
    expect(take(toml, after, list, 'gangway')).toBe(before);
  });

  test.each([
    [
      'tables',
      '[[m]]\nname = "a"\n[m.env]\nA = "1"\n[o]\n',
      '[[m]]\nname = "a"\n[m.env]\nA = "1"\n\n[[m]]\nname = "x"\nb = 1\n[o]\n',
    ],
    ['one line', 'm = [{ name = "a" }]\n', 'm = [{ name = "a" }, { name = "x", b = 1 }]\n'],
    [
      'lines',
      'm = [\n  { name = "a" }, # one\n]\n',
      'm = [\n  { name = "a" }, # one\n  { name = "x", b = 1 },\n]\n',
    ],
    ['none', '', '[[m]]\nname = "x"\nb = 1\n'],
  ])('an array of %s', (_name, before, after) => {
    const named = { path: ['m'], nameField: 'name' };
    expect(put(toml, before, named, 'x', { b: 1 })).toBe(after);
    expect(take(toml, after, named, 'x')).toBe(before);
  });

  test('names that are no bare keys, and names every object has, are quoted or kept', () => {
    for (const name of ['a.b', 'a b', '', '"', 'é', '__proto__', 'constructor', '1']) {
      const after = put(toml, 'a = 1\n', list, name, { x: 1 });
      expect(toml.read(after)).toEqual({ a: 1, mcp_servers: { [name]: { x: 1 } } });
      expect(take(toml, after, list, name)).toBe('a = 1\n');
    }
  });

  test('texts are escaped as TOML wants it', () => {
    const odd = {
      path: 'C:\\a\\"b" # c',
      lines: 'a\nb\t\u0000\u007f\u0085\u2028é😀',
      big: 1e300,
      small: -0.5,
      list: [{ a: [] }],
    };
    const after = put(toml, '', list, 'x', odd);
    expect(toml.read(after)).toEqual({ mcp_servers: { x: odd } });
    expect(after).not.toMatch(/[\u0000\u007f]/);
  });

  test('an entry with an empty value is not written, since TOML has none', () => {
    expect(thrown(() => put(toml, '', list, 'x', { a: null }))).toBeInstanceOf(BridgeError);
  });
});

describe('CF-03 CF-15 comments around an entry stay when it is', () => {
  const before =
    '# top\n[mcp_servers.gangway] # header\n# inside\ncommand = "o" # inside\n# below\n\n[mcp_servers.gangway.env]\nA = "1"\n\n# other\n[other]\n';

  test('replaced', () => {
    expect(put(toml, before, list, 'gangway', { command: 'n' })).toBe(
      '# top\n[mcp_servers.gangway] # header\ncommand = "n"\n# below\n\n# other\n[other]\n',
    );
  });

  test('taken out', () => {
    expect(take(toml, before, list, 'gangway')).toBe('# top\n# below\n\n# other\n[other]\n');
    expect(take(toml, '[mcp_servers]\ngangway = {} # note\na = {}\n', list, 'gangway')).toBe(
      '[mcp_servers]\n# note\na = {}\n',
    );
  });

  test.each([
    [
      'in one line',
      'mcp_servers = { a = {}, gangway = { b = 1 } } # one\n',
      'mcp_servers = { a = {}, gangway = { c = 2 } } # one\n',
      'mcp_servers = { a = {} } # one\n',
    ],
    [
      'in a table',
      '[mcp_servers]\ngangway = { b = 1 } # one\na = {}\n',
      '[mcp_servers]\ngangway = { c = 2 } # one\na = {}\n',
      '[mcp_servers]\n# one\na = {}\n',
    ],
    [
      'in pieces',
      'mcp_servers.gangway.b = 1\nmcp_servers.a.b = 1\nmcp_servers.gangway.d = 1\n',
      'mcp_servers.a.b = 1\nmcp_servers.gangway = { c = 2 }\n',
      'mcp_servers.a.b = 1\n',
    ],
    [
      'in pieces of one line',
      'mcp_servers = { gangway.b = 1, a = {}, gangway.d = 1 }\n',
      'mcp_servers = { a = {}, gangway = { c = 2 } }\n',
      'mcp_servers = { a = {} }\n',
    ],
    [
      'in a table of it only',
      '[mcp_servers.gangway.env]\nA = "1"\n[b]\n',
      '[b]\n\n[mcp_servers.gangway]\nc = 2\n',
      '[b]\n',
    ],
    [
      'in several places',
      '[mcp_servers.gangway]\n[b]\n[mcp_servers.gangway.env]\n',
      '[mcp_servers.gangway]\nc = 2\n[b]\n',
      '[b]\n',
    ],
  ])('written %s', (_name, text, replaced, taken) => {
    expect(put(toml, text, list, 'gangway', { c: 2 })).toBe(replaced);
    expect(take(toml, text, list, 'gangway')).toBe(taken);
  });
});

describe('CF-04 what is no TOML is refused with its place:', () => {
  test.each([
    ['a = 1\na = 2\n', '2:1 this name stands there twice'],
    ['[mcp_servers.a]\nx = 1\n[mcp_servers.a]\n', '3:14 this name stands there twice'],
    ['a = { b = 1, b = 2 }', '1:14 this name stands there twice'],
    ['a.b = 1\n[a]\n', '2:2 this name stands there twice'],
    ['a = \r\n', '1:5 unspecified values are invalid'],
    ['a = # b\nc = 1', '1:8 unexpected character'],
    ['a\nb = 1', '1:2 the key, equals sign, and value must be on the same line'],
    ['a = 1\nb = 1 c', '2:7 must be a newline'],
    ['\r\n[a\r\nb = 1', '2:3 the key, equals sign, and value must be on the same line'],
    ["a = 'x\r\nb = 1", '1:7 unterminated string constant'],
    ['a = [1, 2\n', '2:1 unterminated array'],
    ['a = 1\rb = 2', '2:1 must be a newline'],
    ['{"a": 1}', '1:1 unexpected token'],
  ])('%s', (text, because) => {
    expect(syntaxTrouble(() => toml.read(text))).toBe(because);
    expect(syntaxTrouble(() => put(toml, text, list, 'x', entry))).toBe(because);
  });
});

test('CF-05 a list that is something else is refused', () => {
  const refusal = (text: string): string => shapeTrouble(() => put(toml, text, list, 'x', entry));
  expect(refusal('mcp_servers = 1')).toBe('mcp_servers: it is a number, not a table');
  expect(refusal('mcp_servers = []')).toBe('mcp_servers: it is a list, not a table');
  expect(refusal('[[mcp_servers]]')).toBe('mcp_servers: it is a list, not a table');
  expect(toml.take('[mcp_servers]\n', list, 'x')).toBeUndefined();
});

describe('CF-06', () => {
  test.each([
    ['a = ', '['],
    ['a = ', '{a='],
    ['', '['],
    ['[', 'a.'],
    ['', 'a.'],
  ])('%s and 500 000 of %s are refused', (before, opening) => {
    const because = syntaxTrouble(() => toml.read(before + opening.repeat(500_000)));
    expect(because).toMatch(/^1:\d+ it is nested too deep$/);
  });

  test('brackets in texts and comments are no depth', () => {
    const brackets = '['.repeat(300);
    const text = `a = "\\"${brackets}" # ${brackets}\nb = '${brackets}'\nc = """\\"""${brackets}""""\nd = '''${brackets}''''\n`;
    expect(Object.keys(toml.read(text))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('an array of 200 000 numbers is read', () => {
    expect(toml.read(`a = [${'1,'.repeat(200_000)}]`).a).toHaveLength(200_000);
  });

  test('dates and numbers that JSON has not are kept', () => {
    const text = 'a = 1979-05-27T07:32:00Z\nb = nan\nc = 0xff\nd = 9223372036854775807\n';
    expect(put(toml, text, list, 'gangway', entry)).toBe(`${text}\n${block}\n`);
    expect(toml.read(text).a).toBe('1979-05-27T07:32:00Z');
  });
});
