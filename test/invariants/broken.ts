import { lifetime } from '../canary/collect.ts';

/** What holds after every single case. INV-4, no secret anywhere, is `test/canary`. */
export type Invariant =
  | 'INV-1'
  | 'INV-2'
  | 'INV-3'
  | 'INV-5'
  | 'INV-6'
  | 'INV-7'
  | 'INV-8'
  | 'INV-9'
  | 'INV-10';

/** Where an invariant cannot hold, because the test itself plays what it forbids. */
interface Excused {
  readonly invariant: Invariant;
  readonly about: RegExp;
  readonly lasts: 'test' | 'file';
}

const found = new Set<string>();
let excuses: Excused[] = [];

/** Notes that an invariant does not hold; the test, or the test file, fails when it ends. */
export function broken(invariant: Invariant, what: string): void {
  if (excuses.some((one) => one.invariant === invariant && one.about.test(what))) return;
  found.add(`${invariant}: ${what}`);
}

/**
 * Says that the test itself breaks an invariant, for example by damaging a file, until it ends, or until the test file
 * ends when called outside a test.
 * @param about which findings; as narrow as possible.
 * @param because for the reader of the test.
 */
export function excuse(invariant: Invariant, about: RegExp, because: string): void {
  if (because === '') throw new Error('Say why.');
  excuses.push({ invariant, about, lasts: lifetime() });
}

/** Everything noted since the last call, and the end of what is excused for a test. */
export function takeBroken(): string[] {
  const all = [...found];
  found.clear();
  excuses = excuses.filter(({ lasts }) => lasts === 'file');
  return all;
}
