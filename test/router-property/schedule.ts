import { setImmediate as turn } from 'node:timers/promises';

/** What becomes of a request on its way to a workspace, or of an answer on its way back. */
export const FAULTS = [
  'none',
  'refused',
  'reset-before',
  'reset-after',
  'half',
  'lost-session',
  'too-many',
  'broken',
  'unauthorized',
  'late',
  'wrong-id',
  'twice',
] as const;
export type Fault = (typeof FAULTS)[number];

/** The bridge waits before it tries something again. */
export const PAUSE = 'pause';

interface Waiting {
  readonly about: string;
  readonly happen: (fault: Fault) => void;
}

/** Everything that happens outside of the bridge waits here until the program says that it happens. */
export class Schedule {
  #waiting: Waiting[] = [];
  readonly #late = new Set<() => void>();

  get size(): number {
    return this.#waiting.length;
  }

  /** What waits, for a failure's message. */
  get names(): string[] {
    return this.#waiting.map(({ about }) => about);
  }

  /** @returns takes it back. */
  add(about: string, happen: (fault: Fault) => void): () => void {
    const waiting = { about, happen };
    this.#waiting.push(waiting);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    };
  }

  /** Happens only when nothing else does. @returns takes it back. */
  addLate(happen: () => void): () => void {
    this.#late.add(happen);
    return () => void this.#late.delete(happen);
  }

  /** Lets the first of these happen; false when there is none. */
  nextLate(): boolean {
    for (const happen of this.#late) {
      this.#late.delete(happen);
      happen();
      return true;
    }
    return false;
  }

  /** Lets one thing happen; false when nothing waits. */
  next(pick: number, fault: Fault): boolean {
    return this.#happen(pick % Math.max(this.#waiting.length, 1), fault);
  }

  /** Lets the first thing happen that is no pause; false when only pauses wait. */
  nextEvent(): boolean {
    return this.#happen(
      this.#waiting.findIndex(({ about }) => about !== PAUSE),
      'none',
    );
  }

  #happen(index: number, fault: Fault): boolean {
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1);
    waiting?.happen(fault);
    return waiting !== undefined;
  }
}

/** Lets everything happen that needs nobody from outside. */
export async function settle(): Promise<void> {
  await turn();
  await turn();
}

/** Lets so many steps of promises happen, and nothing from outside. */
export async function hops(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) await undefined;
}
