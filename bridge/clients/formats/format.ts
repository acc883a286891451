/** A value of a settings file, as JSON has it. */
export type ConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly ConfigValue[]
  | { readonly [name: string]: ConfigValue };

export type ConfigTable = { readonly [name: string]: ConfigValue };

/**
 * Where a client keeps its servers in its file. `path` leads to the list: `['mcpServers']`. With `nameField` the list is
 * an array whose members carry their name in that field (Continue); otherwise it is a table by name.
 */
export interface ServerList {
  readonly path: readonly string[];
  readonly nameField?: string;
}

/** A stretch of text, and what comes in its place. Offsets count UTF-16 units of the text. */
export interface Splice {
  readonly start: number;
  readonly removed: string;
  readonly added: string;
}

/** Why a text is no valid file of its format. Line and column count from 1. */
export class SyntaxTrouble extends Error {
  readonly line: number;
  readonly column: number;

  constructor(because: string, line: number, column: number) {
    super(because);
    this.name = 'SyntaxTrouble';
    this.line = line;
    this.column = column;
  }
}

/** The text is valid, but the list of servers, or something on the way to it, is no list. `where` names it. */
export class ShapeTrouble extends Error {
  readonly where: string;

  constructor(where: string, because: string) {
    super(because);
    this.name = 'ShapeTrouble';
    this.where = where;
  }
}

/**
 * One format of settings files. Edits change the stretch of one entry; every other character of the text stays: comments,
 * order, indentation, line ends. Texts come and go without a byte order mark. An empty text, or one of comments only, is an
 * empty file.
 */
export interface ConfigFormat {
  /** The whole content. @throws SyntaxTrouble also for a key that stands twice in one table. */
  read(text: string): ConfigTable;

  /**
   * Puts an entry into the list, in place of one of the same name; makes the list and what leads to it where they are
   * missing. The entry is written in the style of the file around it. Reading the result gives what was there, and the
   * entry; an implementation verifies that.
   * @throws SyntaxTrouble, ShapeTrouble.
   */
  put(text: string, list: ServerList, name: string, entry: ConfigTable): Splice;

  /**
   * Takes an entry out with the comma or the line that belonged to it; `undefined` when there is none of this name.
   * Comments beside it stay, and so does a list that is then empty.
   * @throws SyntaxTrouble, ShapeTrouble.
   */
  take(text: string, list: ServerList, name: string): Splice | undefined;
}

/** The text after a splice. */
export function spliced(text: string, { start, removed, added }: Splice): string {
  return text.slice(0, start) + added + text.slice(start + removed.length);
}
