import { inspect } from 'node:util';

/**
 * A string that cannot be printed by accident: string conversion, JSON and the debugger show `[secret]`.
 * `reveal()` may be called in few files only; a test counts them (`test/architecture/secrets.test.ts`).
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value, for building a header or sealing a file; never for a message or a log. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
