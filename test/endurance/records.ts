import { accounts, type PlaceName } from './accounts.ts';
import { Ledger } from './ledger.ts';
import type { Era } from './messages.ts';
import type { Outages } from './outages.ts';
import type { Selection } from './selection.ts';

export type DoorName = 'stdio' | 'http';

/** One client of the run. */
export interface ClientPlan {
  readonly number: number;
  readonly door: DoorName;
  readonly era: Era;
  /** `current`, a connector, or one account. */
  readonly address: string;
  /** Also listens for what it did not ask for. */
  readonly listens: boolean;
}

/** What all clients write down. */
export class Records {
  /** What became of each call: an account, or one of `outcomes`. */
  readonly outcomes = new Ledger();
  /** Which accounts the call may have gone to, as bits. */
  readonly allowed = new Ledger();
  readonly sent = new Map<number, number>();
  readonly answered: Record<string, number> = {};
  readonly errors: Record<string, number> = {};
  /** Errors that no outage explains, answers nobody waits for, answers that say something else. */
  readonly unexpected: string[] = [];
  /** When somebody was told to sign in, and for which accounts; milliseconds since 1970. */
  readonly signInsNeeded: { at: number; allowed: number }[] = [];
  /** One line of every shape that was seen, to be searched for secrets. */
  readonly shapes: string[] = [];
  extraAnswers = 0;
  readonly latency = new Latency();
  readonly #known = new Set<string>();

  count(what: string): void {
    this.errors[what] = (this.errors[what] ?? 0) + 1;
  }

  unexpectedly(text: string): void {
    if (this.unexpected.length < 200) this.unexpected.push(text.slice(0, 400));
  }

  /** Lines that differ in digits only are of one shape; a secret in one of them would make it another. */
  see(line: string): void {
    const shape = line.replace(/\d+/g, '#');
    if (this.#known.has(shape)) return;
    this.#known.add(shape);
    this.shapes.push(line);
  }
}

/** How long answers took, in steps of 4.4 %. */
export class Latency {
  readonly counts: number[];

  constructor(counts: number[] = new Array<number>(512).fill(0)) {
    this.counts = counts;
  }

  add(ms: number): void {
    const step = Math.min(511, Math.max(0, Math.round(Math.log2(ms + 0.001) * 16) + 160));
    this.counts[step] = (this.counts[step] ?? 0) + 1;
  }

  /** In milliseconds. */
  at(share: number): number {
    const all = this.counts.reduce((sum, one) => sum + one, 0);
    let left = all * share;
    const step = this.counts.findIndex((one) => {
      left -= one;
      return left <= 0;
    });
    return 2 ** ((step - 160) / 16);
  }
}

/** What all clients are told. */
export interface World {
  readonly outages: Outages;
  /** By address. */
  readonly selections: ReadonlyMap<string, Selection>;
  /** True, and one less, while calls are left. */
  take(): boolean;
  readonly isStopping: boolean;
  /** Milliseconds until this lane may call again. */
  pace(): number;
}

/** The workspaces of these accounts. */
export function placesOf(allowed: number): PlaceName[] {
  return accounts.filter((_, index) => (allowed & (1 << index)) !== 0).map(({ place }) => place);
}
