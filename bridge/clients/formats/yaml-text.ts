import {
  Composer,
  type CST,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  type YAMLParseError,
} from 'yaml';
import { MAX_DEPTH } from './entries.ts';
import type { ConfigValue, SyntaxTrouble } from './format.ts';
import { beforeBreak, troubleAt } from './text-style.ts';

export interface YamlNode {
  /** `empty` is nothing at all, or nothing but an anchor; `null` and `~` are scalars. */
  readonly kind: 'map' | 'seq' | 'scalar' | 'alias' | 'empty';
  /** Whether it stands in brackets. */
  readonly flow: boolean;
  readonly start: number;
  /** The column of the text block that is its last value; such a block takes in every line below from there on. */
  readonly open: number | undefined;
  /** Behind its last character that is no comment; of a text block, before its last line break. */
  readonly end: number;
  readonly items: readonly YamlItem[];
  readonly value: ConfigValue;
  /** How many tables and lists are in each other there. */
  readonly height: number;
  /** How many values, with those it refers to. */
  readonly size: number;
}

export interface YamlItem {
  /** Undefined in a list. */
  readonly key: string | undefined;
  /** Of the key, or of the `-`. */
  readonly start: number;
  /** Behind the `:` or the `-`. */
  readonly mark: number;
  /** Behind these, and an anchor or a tag that follows. */
  readonly lead: number;
  readonly end: number;
  readonly node: YamlNode;
}

export interface YamlText {
  readonly text: string;
  /** Undefined in a file of nothing but comments. */
  readonly root: YamlNode | undefined;
  /** Where a value would come when there is none. */
  readonly end: number;
}

/** More than any file means: a few lines of aliases can stand for more values than a computer can hold. */
const MAX_REPEATED = 100_000;

/** @throws SyntaxTrouble, also for a second document, since no client says which one it reads. */
export function yamlText(text: string): YamlText {
  // YAML has the lone CR as a line break (YAML 1.2.2, section 5.4), the parser has not; places stay the same.
  const source = text.replace(/\r(?!\n)/g, '\n');
  checkDepth(source);
  const document = firstOf(text, source);
  if (!document) return { text, root: undefined, end: text.length };
  const contents = document.contents;
  const root = new Reading(text).node(contents, contents?.range[0] ?? 0, 0);
  if (root.kind === 'empty') return { text, root: undefined, end: contents?.range[2] ?? text.length };
  return { text, root, end: root.end };
}

/** The one document of a text. */
function firstOf(text: string, source: string): Document.Parsed | undefined {
  const composer = new Composer({
    keepSourceTokens: true,
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  let first: Document.Parsed | undefined;
  for (const document of composer.compose(new Parser().parse(source), true, source.length)) {
    if (first) throw troubleAt(text, document.range[0], 'a second document begins here');
    const fault = document.errors.reduce<YAMLParseError | undefined>(
      (earliest, one) => (earliest && earliest.pos[0] <= one.pos[0] ? earliest : one),
      undefined,
    );
    if (fault) throw troubleAt(text, fault.pos[0], reasons[fault.code]);
    first = document;
  }
  return first;
}

/** In words of ours: those of the parser quote the file, which may hold secrets. */
const reasons: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias may have no anchor and no tag',
  BAD_ALIAS: 'this alias is not valid',
  BAD_COLLECTION_TYPE: 'its tag does not fit it',
  BAD_DIRECTIVE: 'this directive is not valid',
  BAD_DQ_ESCAPE: 'a backslash may not stand before this character',
  BAD_INDENT: 'it has the wrong indentation',
  BAD_PROP_ORDER: 'an anchor or a tag stands in the wrong place',
  BAD_SCALAR_START: 'a value may not begin with this character',
  BLOCK_AS_IMPLICIT_KEY: 'a second name with a colon, or a list, may not stand there',
  BLOCK_IN_FLOW: 'this may not stand in brackets',
  DUPLICATE_KEY: 'this name stands there twice',
  IMPOSSIBLE: 'this cannot be read',
  KEY_OVER_1024_CHARS: 'this name is too long',
  MISSING_CHAR: 'something is missing, such as a quote, a bracket, a comma or a blank',
  MULTILINE_IMPLICIT_KEY: 'a name has to stand on one line',
  MULTIPLE_ANCHORS: 'there is more than one anchor',
  MULTIPLE_DOCS: 'a second document begins here',
  MULTIPLE_TAGS: 'there is more than one tag',
  NON_STRING_KEY: 'a name has to be a text',
  RESOURCE_EXHAUSTION: 'it is nested too deep',
  TAB_AS_INDENT: 'a tab may not indent a line',
  TAG_RESOLVE_FAILED: 'this tag is not known',
  UNEXPECTED_TOKEN: 'this was not expected there',
};

type Item = CST.CollectionItem;

class Reading {
  readonly #text: string;
  /** What anchors stand for so far; undefined for those that are still open. */
  readonly #anchors = new Map<string, YamlNode | undefined>();
  /** How many values aliases stand for so far. */
  #repeated = 0;

  constructor(text: string) {
    this.#text = text;
  }

  node(node: ParsedNode | null, lead: number, depth: number): YamlNode {
    const range = node?.range ?? [lead, lead];
    const start = Math.min(range[0], this.#text.length);
    if (depth > MAX_DEPTH) throw this.#trouble(start, 'it is nested too deep');
    const anchor = isAlias(node) ? undefined : node?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const read = this.#read(node, start, Math.min(range[1], this.#text.length), lead, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, read);
    if (read.height + depth > MAX_DEPTH) throw this.#trouble(start, 'it is nested too deep');
    return read;
  }

  #read(node: ParsedNode | null, start: number, end: number, lead: number, depth: number): YamlNode {
    const plain = { flow: false, open: undefined, items: [], height: 0, size: 1 };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) throw this.#trouble(start, 'it refers to something that is not above it');
      const { value, height, size } = target;
      this.#repeated += size;
      if (this.#repeated > MAX_REPEATED) throw this.#trouble(start, 'it refers to too many other values');
      return { ...plain, kind: 'alias', start, end, value, height, size };
    }
    if (isMap(node)) return this.#collection('map', node.srcToken, start, end, this.#pairs(node, depth));
    if (isSeq(node)) return this.#collection('seq', node.srcToken, start, end, this.#members(node, depth));
    if (!isScalar(node) || node.srcToken === undefined || (node.value === null && start === end)) {
      return { ...plain, kind: 'empty', start: lead, end: lead, value: null };
    }
    const value = scalar(node.value, node.source);
    if (node.srcToken.type !== 'block-scalar') return { ...plain, kind: 'scalar', start, end, value };
    const lines = this.#text
      .slice(start, end)
      .split(/\r\n|\r|\n/)
      .slice(1);
    const columns = lines.map((line) => line.search(/[^ ]/)).filter((column) => column >= 0);
    const open = Math.min(...columns.slice(0, 100));
    return {
      ...plain,
      kind: 'scalar',
      open,
      start,
      end: Math.max(start, beforeBreak(this.#text, end)),
      value,
    };
  }

  #collection(
    kind: 'map' | 'seq',
    token: CST.Token | undefined,
    start: number,
    end: number,
    items: readonly YamlItem[],
  ): YamlNode {
    const flow = token?.type === 'flow-collection';
    const nodes = items.map(({ node }) => node);
    const value =
      kind === 'map'
        ? Object.fromEntries(items.map(({ key, node }) => [key ?? '', node.value]))
        : nodes.map((node) => node.value);
    const height = 1 + nodes.reduce((most, node) => Math.max(most, node.height), 0);
    const size = 1 + nodes.reduce((sum, node) => sum + node.size, 0);
    const last = flow ? undefined : items.at(-1);
    const open = last?.node.open;
    return { kind, flow, open, start, end: last?.end ?? end, items, value, height, size };
  }

  #pairs(map: { items: unknown[]; srcToken?: CST.Token }, depth: number): YamlItem[] {
    const tokens = itemsOf(map.srcToken);
    const names = new Set<string>();
    return map.items.map((pair, index) => {
      const parsed = isPair<ParsedNode, ParsedNode | null>(pair) ? pair : undefined;
      const token = tokens[index];
      const key = isScalar(parsed?.key) ? String(parsed.key.value) : '';
      const keyEnd = parsed?.key.range[1] ?? 0;
      const start = token ? startOf(token, keyEnd) : keyEnd;
      if (names.has(key)) throw this.#trouble(parsed?.key.range[0] ?? start, 'this name stands there twice');
      names.add(key);
      const sep = token?.sep ?? [];
      return this.#item(key, start, keyEnd, sep, parsed?.value ?? null, depth);
    });
  }

  #members(seq: { items: unknown[]; srcToken?: CST.Token }, depth: number): YamlItem[] {
    const tokens = itemsOf(seq.srcToken);
    return seq.items.map((member, index) => {
      const token = tokens[index];
      const node =
        isMap(member) || isSeq(member) || isScalar(member) || isAlias(member) ? (member as ParsedNode) : null;
      const start = token ? startOf(token, node?.range[0] ?? 0) : 0;
      return this.#item(undefined, start, start, token?.start ?? [], node, depth);
    });
  }

  #item(
    key: string | undefined,
    start: number,
    keyEnd: number,
    tokens: readonly CST.SourceToken[],
    value: ParsedNode | null,
    depth: number,
  ): YamlItem {
    const ends = (types: readonly string[]): number =>
      tokens
        .filter(({ type }) => types.includes(type))
        .reduce((_, { offset, source }) => offset + source.length, keyEnd);
    const mark = ends(['map-value-ind', 'seq-item-ind']);
    const lead = ends(['map-value-ind', 'seq-item-ind', 'anchor', 'tag']);
    const node = this.node(value, lead, depth + 1);
    return { key, start, mark, lead, end: Math.max(node.end, lead), node };
  }

  #trouble(at: number, because: string): SyntaxTrouble {
    return troubleAt(this.#text, at, because);
  }
}

const TRIVIA: readonly string[] = ['space', 'newline', 'comment', 'comma'];

/** Those of a list that are more than a comment. */
function itemsOf(token: CST.Token | undefined): Item[] {
  if (token?.type !== 'block-map' && token?.type !== 'block-seq' && token?.type !== 'flow-collection')
    return [];
  const items: readonly Item[] = token.items;
  return items.filter(({ start, key, sep, value }) => {
    return key || sep || value || start.some(({ type }) => !TRIVIA.includes(type));
  });
}

function startOf({ start, key, value }: Item, otherwise: number): number {
  const first = start.find(({ type }) => !TRIVIA.includes(type)) ?? key ?? value;
  return first?.offset ?? otherwise;
}

/** A value as JSON has it; others (dates of YAML 1.1) as they are written. */
function scalar(value: unknown, source: string | undefined): ConfigValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return source ?? '';
}

/**
 * Looks at the depth before anything with a stack of its own does: brackets in brackets, `-` behind `-`, and lines that
 * are indented more and more.
 */
function checkDepth(text: string): void {
  let at = 0;
  let line = 0;
  let brackets = 0;
  let colons = 0;
  let begins = true;
  let isScalar = false;
  const columns: number[] = [];
  for (const token of new Lexer().lex(text)) {
    if (MARKS.includes(token)) {
      isScalar = token === SCALAR;
      continue;
    }
    if (!isScalar && OPENING.includes(token)) brackets += 1;
    else if (!isScalar && CLOSING.includes(token)) brackets = Math.max(0, brackets - 1);
    else if (!isScalar && token === ':') colons += 1;
    const isGap = /^(?:[ \t]*|#.*|\r?\n)$/.test(token);
    if (begins && !isGap && brackets <= 1) {
      while ((columns.at(-1) ?? -1) > at - line) columns.pop();
      if (columns.at(-1) !== at - line) columns.push(at - line);
    }
    if (columns.length + brackets > MAX_DEPTH || colons > MAX_DEPTH)
      throw troubleAt(text, at, 'it is nested too deep');
    const lastBreak = token.lastIndexOf('\n');
    if (lastBreak >= 0) {
      line = at + lastBreak + 1;
      colons = 0;
    }
    if (lastBreak >= 0 && lastBreak === token.length - 1) begins = true;
    else if (!isGap) begins = !isScalar && (token === '-' || token === '?');
    at += token.length;
    isScalar = false;
  }
}

/** What the lexer says beside the text: a document begins, a bracket has no end, a scalar follows. */
const SCALAR = '\u001f';
const MARKS: readonly string[] = ['\u0002', '\u0018', SCALAR];
const OPENING: readonly string[] = ['[', '{'];
const CLOSING: readonly string[] = [']', '}'];
