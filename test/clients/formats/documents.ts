import type { Choices } from './choices.ts';

/** A document that was made up, and whether its list is there already: with members, or as an empty one. */
export interface Made {
  readonly text: string;
  readonly hasList: boolean;
}

/** JSON with `mcpServers`, laid out in every way that people do. */
export function jsonDocument(choices: Choices): Made {
  const lineEnd = choices.of('\n', '\r\n', '\r');
  const unit = choices.of('  ', '\t', '    ');
  const comments = choices.of(false, true);
  const colon = choices.of(': ', ':');
  const line = (indent: string): string =>
    comments && choices.upTo(3) === 0 ? `${indent}${choices.of('// one', '/* two */', '')}${lineEnd}` : '';
  const note = (): string => (comments && choices.upTo(4) === 0 ? choices.of(' // note', ' /* note */') : '');
  const value = (depth: number, indent: string): string => {
    const kind = depth > 2 ? 0 : choices.upTo(3);
    if (kind === 0)
      return choices.of('1', '"a, b"', '"}"', 'true', 'null', '"// no"', '-1.5e3', '"\\u00e9\\n"');
    if (kind === 1)
      return table(
        choices.times(2, (index) => [`k${index}`, value(depth + 1, indent + unit)]),
        indent,
      );
    const members = choices.times(2, () => value(3, indent));
    return `[${members.join(choices.of(', ', ','))}]`;
  };
  const table = (members: readonly (readonly [string, string])[], indent: string): string => {
    if (members.length === 0) return '{}';
    const trailing = comments && choices.upTo(2) === 0;
    if (choices.upTo(3) === 3 && members.every(([, text]) => !/[\r\n]|\/\//.test(text))) {
      const pad = choices.of(' ', '');
      const inner = members.map(([name, text]) => `"${name}"${colon}${text}`).join(`,${choices.of(' ', '')}`);
      return `{${pad}${inner}${trailing ? ',' : ''}${pad}}`;
    }
    const lines = members.map(([name, text], index) => {
      const comma = index < members.length - 1 || trailing ? ',' : '';
      return `${line(indent + unit)}${indent}${unit}"${name}"${colon}${text}${comma}${note()}${lineEnd}`;
    });
    return `{${note()}${lineEnd}${lines.join('')}${line(indent + unit)}${indent}}`;
  };
  const servers = choices.times(3, (index) => [`s${index}`, value(1, unit + unit)] as const);
  const hasList = choices.upTo(3) > 0;
  const others = choices.times(3, (index) => [`o${index}`, value(0, unit)] as const);
  const list = [['mcpServers', table(servers, unit)]] as const;
  const members = hasList ? [...others.slice(0, 1), ...list, ...others.slice(1)] : others;
  return { text: `${line('')}${table(members, '')}${choices.of(lineEnd, '', lineEnd + lineEnd)}`, hasList };
}

/** TOML with `mcp_servers`: tables, tables in tables, dotted keys, one line. */
export function tomlDocument(choices: Choices): Made {
  const lineEnd = choices.of('\n', '\r\n');
  const indent = choices.of('', '  ', '\t');
  const gap = (): string => choices.of('', lineEnd, `${lineEnd}# one${lineEnd}`, `# [two]${lineEnd}`);
  const note = (): string => choices.of('', '', ' # note');
  const value = (): string =>
    choices.of(
      '1',
      '"a # b"',
      "'c:\\d'",
      '["x", "y"]',
      '{ a = 1, b.c = "}" }',
      '"""a\n[b]"""',
      '[\n  1, # x\n]',
      'nan',
    );
  const pairs = (): string =>
    choices.times(3, (index) => `${indent}k${index} = ${value()}${note()}${lineEnd}`).join('');
  const kind = choices.of('tables', 'inline', 'dotted', 'list', 'none');
  const top = `${gap()}${choices.times(2, (index) => `o${index} = ${value()}${note()}${lineEnd}`).join('')}`;
  const servers = choices.times(3, (index) => index);
  const listed = {
    tables: servers.map((index) => {
      const own = `[mcp_servers.s${index}]${note()}${lineEnd}${pairs()}${gap()}`;
      return own + choices.of('', `[mcp_servers."s${index}".env]${lineEnd}${pairs()}${gap()}`);
    }),
    inline: [
      `mcp_servers = { ${servers.map((index) => `s${index} = { a = ${index} }`).join(', ')} }${note()}${lineEnd}`,
    ],
    dotted: servers.map((index) => `mcp_servers.s${index}.a = ${value()}${note()}${lineEnd}`),
    list: [
      `[mcp_servers]${lineEnd}`,
      ...servers.map((index) => `${indent}s${index} = { a = 1 }${note()}${lineEnd}`),
    ],
    none: [],
  }[kind].join('');
  const rest = choices.times(2, (index) => `[t${index}]${lineEnd}${pairs()}${gap()}`).join('');
  const whole = top + listed + rest + choices.of('', '[[more]]', `[[more]]${lineEnd}a = 1${note()}`);
  const isInline = kind === 'inline' && servers.length === 0;
  const text = choices.of(whole, whole.trimEnd());
  return { text: isInline ? text.replace('{  }', '{}') : text, hasList: text.trim() !== '' };
}

/** YAML with `mcpServers`, as a table or as a list of members with names. */
export function yamlDocument(choices: Choices, named: boolean): Made {
  const lineEnd = choices.of('\n', '\r\n', '\r');
  const unit = choices.of('  ', '    ', ' ');
  const dash = choices.of(unit, '');
  const gap = (indent: string): string =>
    choices.of('', '', lineEnd, `${indent}# one${lineEnd}`, `# two${lineEnd}`);
  const note = (): string => choices.of('', '', ' # note');
  const value = (indent: string): string => {
    const block = (text: string): string => text.replaceAll('\n', `${lineEnd}${indent}${unit}`);
    return choices.of(
      ` 1${note()}`,
      ` "a: b"${note()}`,
      ` it's${note()}`,
      ` { a: 1, b: [x, y] }${note()}`,
      ` [x, # y${lineEnd}${indent}${unit}z]`,
      block(' |\ntext\n# text'),
      block(' >-\nfolded\ntext'),
      block(' plain\ntext'),
      `${note()}`,
      ` &anchor${choices.upTo(1000)} x`,
      `${note()}${lineEnd}${indent}${dash}- x${lineEnd}${indent}${dash}- y: 1${note()}`,
      `${note()}${lineEnd}${indent}${unit}a: 1${lineEnd}${indent}${unit}b:`,
    );
  };
  const pairs = (indent: string, first: string): string =>
    choices.times(3, (index) => `${indent}k${index}:${value(indent)}${lineEnd}${gap(indent)}`).join('') ||
    first;
  const kind = choices.of('block', 'block', 'flow', 'empty', 'none');
  const servers = choices.times(3, (index) => index);
  const blocks = servers.map((index) => {
    if (named)
      return `${dash}- name: s${index}${note()}${lineEnd}${pairs(`${dash}  `, '')}${gap(`${dash}    `)}`;
    return `${unit}s${index}:${choices.of(` { a: 1 }${note()}${lineEnd}`, `${note()}${lineEnd}${pairs(unit + unit, `${unit}${unit}a: 1${lineEnd}`)}`)}`;
  });
  const [open, close] = named ? ['[', ']'] : ['{', '}'];
  const flows = servers.map((index) => (named ? `{ name: s${index} }` : `s${index}: { a: 1 }`));
  const asBlock =
    blocks.length === 0 ? undefined : `mcpServers:${note()}${lineEnd}${gap(unit)}${blocks.join('')}`;
  const inBrackets = `mcpServers: ${open}${flows.join(', ')}${close}${note()}${lineEnd}`;
  const listed = {
    block: asBlock ?? inBrackets,
    flow: inBrackets,
    empty: `mcpServers:${note()}${lineEnd}`,
    none: '',
  }[kind];
  const top = choices.of('', `---${lineEnd}`, `# top${lineEnd}`);
  const others = choices.times(3, (index) => `o${index}:${value('')}${lineEnd}${gap('')}`);
  const whole = top + others.slice(0, 1).join('') + listed + others.slice(1).join('');
  return { text: choices.of(whole, whole.trimEnd()), hasList: kind === 'block' || kind === 'flow' };
}
