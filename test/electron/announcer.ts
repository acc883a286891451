import { EventEmitter } from 'node:events';

/** What each event tells its listeners, by name. */
export type Events = Readonly<Record<string, readonly unknown[]>>;

type Listening<E> = {
  [N in keyof E]: E[N] extends readonly unknown[]
    ? (event: N, listener: (...values: [...E[N]]) => void) => unknown
    : never;
}[keyof E];

type Intersection<U> = (U extends unknown ? (given: U) => void : never) extends (given: infer I) => void
  ? I
  : never;

/** `E` as long as each of its events exists in Electron and tells such values; else nothing that compiles. */
export type EventsOf<T extends { on: unknown }, E> =
  T['on'] extends Intersection<Listening<E>> ? E : { 'an event Electron does not have': E };

/** Tells listeners of events, only of those it was made for: what the double cannot tell nobody waits for in vain. */
export class Announcer<E extends Events> {
  readonly #emitter = new EventEmitter();
  readonly #names: ReadonlySet<unknown>;

  constructor(names: readonly (keyof E & string)[]) {
    this.#names = new Set(names);
  }

  on<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    if (!this.#names.has(event)) throw new Error(`The double of Electron never tells '${event}'.`);
    this.#emitter.on(event, listener as (...values: unknown[]) => void);
    return this;
  }

  once<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    if (!this.#names.has(event)) throw new Error(`The double of Electron never tells '${event}'.`);
    this.#emitter.once(event, listener as (...values: unknown[]) => void);
    return this;
  }

  off<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    this.#emitter.off(event, listener as (...values: unknown[]) => void);
    return this;
  }

  removeListener<N extends keyof E & string>(event: N, listener: (...values: [...E[N]]) => void): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: keyof E & string): this {
    this.#emitter.removeAllListeners(event);
    return this;
  }

  listenerCount(event: keyof E & string): number {
    return this.#emitter.listenerCount(event);
  }

  /** What Electron would do by itself. Says whether anybody listened. */
  announce<N extends keyof E & string>(event: N, ...values: [...E[N]]): boolean {
    return this.#emitter.emit(event, ...values);
  }
}

/** An event whose default a listener may prevent. */
export type Preventable = Pick<Electron.Event, 'preventDefault' | 'defaultPrevented'>;

/** A new one, with what Electron adds to it. */
export function preventable<P extends object = Record<never, never>>(params?: P): Preventable & P {
  let prevented = false;
  const event = {
    ...params,
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  return event as typeof event & P;
}

type Emitting = 'on' | 'once' | 'off' | 'removeListener' | 'removeAllListeners' | 'listenerCount';

/** Some members of an object of Electron's. Those for events are checked by `EventsOf`. */
export type Some<T> = { [K in keyof T as K extends Emitting ? never : K]?: T[K] };

/**
 * The double of an object in place of the object: the one place where a double claims to be more than it is. Its members
 * are checked against Electron's; a call of one that is missing fails.
 */
export function whole<T extends object>(part: Some<T>): T {
  const given: object = part;
  return given as T;
}
