import fc from 'fast-check';
import type { ConfigTable } from '../../../bridge/clients/formats/format.ts';

/** Decisions for a document that is made up; when they are used up, the first of each choice. */
export class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  of<Value>(first: Value, ...others: readonly Value[]): Value {
    const all = [first, ...others];
    return all[this.#next() % all.length] ?? first;
  }

  upTo(most: number): number {
    return this.#next() % (most + 1);
  }

  times<Value>(most: number, make: (index: number) => Value): Value[] {
    return Array.from({ length: this.upTo(most) }, (_, index) => make(index));
  }

  #next(): number {
    const number = this.#numbers[this.#at] ?? 0;
    this.#at += 1;
    return number;
  }
}

export const choices = fc
  .array(fc.nat(255), { minLength: 8, maxLength: 160, size: 'max' })
  .map((numbers) => new Choices(numbers));

/** Texts that formats like to take for something else. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '1e3',
    '0x1F',
    '- a',
    'a: b',
    'x # y',
    'C:\\Users\\a',
    '"',
    "it's",
    'a\nb\n',
    ' ',
  ),
);

const plain = fc.oneof(text, fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));

/** Entries as clients have them, and some more. */
export const entries: fc.Arbitrary<ConfigTable> = fc.record(
  {
    command: text,
    args: fc.array(text, { maxLength: 3 }),
    env: fc.dictionary(text, text, { maxKeys: 3 }),
    __proto__: plain,
    timeout: plain,
    nested: fc.dictionary(text, fc.array(fc.dictionary(text, plain, { maxKeys: 2 }), { maxLength: 2 }), {
      maxKeys: 2,
    }),
  },
  { requiredKeys: ['command'] },
);

/** Names of entries; what is in a made up document begins with `s`. */
export const names = fc.oneof(
  fc.constantFrom(
    'gangway',
    '__proto__',
    'constructor',
    'toString',
    '0',
    'yes',
    'null',
    '- a',
    'a.b',
    'a b',
    '"',
    '~',
  ),
  fc.string({ unit: 'grapheme', maxLength: 10 }).filter((name) => !name.startsWith('s')),
);
