/** JSON as a program reads it; every object's members are its own. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type ReadJson =
  | { readonly kind: 'value'; readonly value: Json }
  /** `line` and `column` count from 1. `because` never repeats the text, which may hold a secret. */
  | { readonly kind: 'damaged'; readonly line: number; readonly column: number; readonly because: string };

const MOST_DEPTH = 50;
const BLANK = /(?:[\s\ufeff]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

/**
 * Reads JSON (RFC 8259) as people keep it in configuration files: with comments, and with a comma before a closing
 * bracket. Nothing else is forgiven. Never throws.
 */
export function readLooseJson(text: string): ReadJson {
  const reader = new Reader(text);
  const value = reader.whole();
  if (value !== undefined) return { kind: 'value', value };
  const before = text.slice(0, reader.place).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { kind: 'damaged', line: before.length, column, because: reader.because };
}

/** Each step returns undefined once something is wrong; `place` and `because` then say where and what. */
class Reader {
  place = 0;
  because = '';
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Json | undefined {
    const value = this.#value(0);
    if (value === undefined) return undefined;
    this.#skip();
    return this.place === this.#text.length ? value : this.#wrong('nothing more was expected');
  }

  #value(depth: number): Json | undefined {
    this.#skip();
    if (depth > MOST_DEPTH) return this.#wrong('it is nested too deeply');
    const first = this.#text[this.place];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    const word = this.#match(WORD);
    if (word === undefined)
      return this.#wrong(first === undefined ? 'it ends too early' : 'a value was expected');
    const value: Json = JSON.parse(word);
    return value;
  }

  #object(depth: number): Json | undefined {
    const members = new Map<string, Json>();
    const ok = this.#members('}', () => {
      if (this.place === this.#text.length) return this.#wrong('it ends too early');
      if (this.#text[this.place] !== '"') return this.#wrong('a name in double quotes was expected');
      const start = this.place;
      const name = this.#string();
      if (name === undefined) return undefined;
      if (members.has(name)) {
        this.place = start;
        return this.#wrong('this name stands there twice');
      }
      this.#skip();
      if (this.#text[this.place] !== ':') return this.#wrong('a colon was expected');
      this.place += 1;
      const value = this.#value(depth + 1);
      if (value !== undefined) members.set(name, value);
      return value;
    });
    // Makes members of its own also of names such as __proto__.
    return ok ? Object.fromEntries(members) : undefined;
  }

  #array(depth: number): Json | undefined {
    const values: Json[] = [];
    const ok = this.#members(']', () => {
      const value = this.#value(depth + 1);
      if (value !== undefined) values.push(value);
      return value;
    });
    return ok ? values : undefined;
  }

  /** Reads members and the commas between them, up to and with the closing bracket. */
  #members(close: '}' | ']', member: () => Json | undefined): boolean {
    this.place += 1;
    for (;;) {
      this.#skip();
      if (this.#text[this.place] === close) break;
      if (member() === undefined) return false;
      this.#skip();
      if (this.#text[this.place] === close) break;
      if (this.#text[this.place] !== ',') {
        this.#wrong(`a comma or ${close} was expected`);
        return false;
      }
      this.place += 1;
    }
    this.place += 1;
    return true;
  }

  #string(): string | undefined {
    const start = this.place;
    const quoted = this.#match(STRING);
    try {
      if (quoted !== undefined) return String(JSON.parse(quoted));
    } catch {
      this.place = start;
    }
    return this.#wrong('this text in quotes has no end, or contains what JSON does not allow');
  }

  #skip(): void {
    this.#match(BLANK);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.#text)?.[0];
    this.place += found?.length ?? 0;
    return found;
  }

  #wrong(because: string): undefined {
    this.because = because;
    return undefined;
  }
}
