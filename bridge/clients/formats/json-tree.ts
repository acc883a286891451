import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { MAX_DEPTH } from './entries.ts';
import type { ConfigTable, ConfigValue } from './format.ts';
import { troubleAt } from './text-style.ts';

// Of SyntaxKind, which is a const enum and has no value while the program runs.
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const TRIVIA = 15;
const END = 17;

const OPEN_COMMENT = 'this comment has no end';

/**
 * The values of a JSON text with their places; comments, and commas before a closing bracket, may stand in it.
 *
 * @returns undefined for a text without a value: empty, or comments only.
 * @throws SyntaxTrouble.
 */
export function jsonTree(text: string): Node | undefined {
  if (isEmpty(text)) return undefined;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) throw troubleAt(text, first.offset, reason(printParseErrorCode(first.error)));
  if (root) checkNames(text, root);
  return root;
}

/** Members of an object by name, or of an array by place. */
export function child(node: Node, key: string | number): Node | undefined {
  if (typeof key === 'number') return node.type === 'array' ? node.children?.[key] : undefined;
  if (node.type !== 'object') return undefined;
  return node.children?.find((property) => nameOf(property) === key);
}

/** The value of a property; an element of an array is its own. */
export function valueIn(node: Node): Node {
  return (node.type === 'property' ? node.children?.[1] : undefined) ?? node;
}

/** The content below a node. Names like `__proto__` are ordinary ones. */
export function contentOf(node: Node): ConfigValue {
  if (node.type === 'array') return (node.children ?? []).map(contentOf);
  if (node.type === 'object') return tableOf(node);
  const value: unknown = node.value;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function tableOf(node: Node): ConfigTable {
  return Object.fromEntries(
    (node.children ?? []).map((property) => [nameOf(property), contentOf(valueIn(property))]),
  );
}

function nameOf(property: Node): string {
  const name: unknown = property.children?.[0]?.value;
  return typeof name === 'string' ? name : '';
}

/** Whether nothing but comments is in the text. Looks at its depth before anything with a stack of its own does. */
function isEmpty(text: string): boolean {
  const scanner = createScanner(text);
  let depth = 0;
  let empty = true;
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    const at = scanner.getTokenOffset();
    if (token === BLOCK_COMMENT && scanner.getTokenError() !== 0) throw troubleAt(text, at, OPEN_COMMENT);
    if (token < LINE_COMMENT || token > TRIVIA) empty = false;
    if (token === OPEN_BRACE || token === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_DEPTH) throw troubleAt(text, at, 'it is nested too deep');
    } else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth -= 1;
  }
  return empty;
}

function checkNames(text: string, node: Node): void {
  const names = new Set<string>();
  for (const member of node.children ?? []) {
    if (node.type === 'object') {
      const name = nameOf(member);
      if (names.has(name)) throw troubleAt(text, member.offset, 'this name stands there twice');
      names.add(name);
    }
    checkNames(text, valueIn(member));
  }
}

const reasons: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a name in double quotes was expected',
  ValueExpected: 'a value was expected',
  ColonExpected: 'a colon was expected',
  CommaExpected: 'a comma was expected',
  CloseBraceExpected: 'a comma or } was expected',
  CloseBracketExpected: 'a comma or ] was expected',
  EndOfFileExpected: 'nothing more was expected',
  UnexpectedEndOfComment: OPEN_COMMENT,
  UnexpectedEndOfString: 'this text in quotes has no end',
  UnexpectedEndOfNumber: 'this is no number',
  InvalidNumberFormat: 'this is no number',
  InvalidUnicode: 'this is no character in the form \\u0000',
  InvalidEscapeCharacter: 'a backslash may not stand before this character',
  InvalidCharacter: 'this character may not stand in quotes',
};

function reason(code: string): string {
  return reasons[code] ?? 'this is no value';
}
