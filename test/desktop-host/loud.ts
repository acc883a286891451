import { Announcer, type Events } from '../electron/announcer.ts';

/** What the app wants of Electron and the host does not have. Said on stderr too, because the app may catch it. */
export function notMapped(what: string): Error {
  const error = new Error(`desktop host: not mapped: ${what}`);
  process.stderr.write(`${error.message}\n`);
  return error;
}

/** Members that JavaScript itself looks for, such as `await` in every object. */
const ASKED_BY_JAVASCRIPT: ReadonlySet<PropertyKey> = new Set(['then', 'toJSON', 'constructor', 'prototype']);

/** The part of Electron, with every use of a member it does not have rejected instead of ignored. */
export function loud<T extends object>(name: string, part: T): T {
  const check = (member: PropertyKey): void => {
    if (member in part || typeof member === 'symbol' || ASKED_BY_JAVASCRIPT.has(member)) return;
    throw notMapped(`${name}.${String(member)}`);
  };
  return new Proxy(part, {
    get: (_part, member) => {
      check(member);
      const value: unknown = Reflect.get(part, member, part);
      const isMethod = typeof value === 'function' && !ASKED_BY_JAVASCRIPT.has(member);
      return isMethod ? value.bind(part) : value;
    },
    set: (_part, member, value) => {
      check(member);
      return Reflect.set(part, member, value, part);
    },
  });
}

/** Tells listeners of events, and rejects those who wait for one that it never tells. */
export class Telling<E extends Events> extends Announcer<E> {
  readonly #what: string;
  readonly #known: ReadonlySet<string>;

  /** @param never events of Electron that this system never sees; listening for them is no fault. */
  constructor(what: string, told: readonly (keyof E & string)[], never: readonly (keyof E & string)[] = []) {
    super([...told, ...never]);
    this.#what = what;
    this.#known = new Set([...told, ...never]);
  }

  override on<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    this.#check(event);
    return super.on(event, listener);
  }

  override once<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    this.#check(event);
    return super.once(event, listener);
  }

  #check(event: string): void {
    if (!this.#known.has(event)) throw notMapped(`event '${event}' of ${this.#what}`);
  }
}
