import { nativeShim } from '../shim/native-shim.ts';
import { chance } from './chance.ts';
import { EnduranceClient } from './client.ts';
import { serve } from './colleague.ts';
import { type Door, HttpDoor, LineDoor } from './doors.ts';
import { Outages } from './outages.ts';
import { type ClientPlan, Records, type World } from './records.ts';
import { Selection } from './selection.ts';

/*
 * The clients of an endurance run. Those by stdio are behind native shims of their own.
 */

export interface Work {
  readonly home: string;
  readonly clients: readonly (ClientPlan & {
    /** Where to connect by HTTP. */
    readonly endpoint?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  })[];
  /** Calls in all; the run may also be stopped earlier. */
  readonly calls: number;
  /** Calls per second of all clients together; 0: as many as possible. */
  readonly rate: number;
  /** Calls of one client at once. */
  readonly lanes: number;
  readonly seed: number;
}

export interface Found {
  readonly sent: readonly (readonly [client: number, calls: number])[];
  readonly outcomes: readonly Uint8Array[];
  readonly allowed: readonly Uint8Array[];
  readonly answered: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly unexpected: readonly string[];
  readonly signInsNeeded: readonly { readonly at: number; readonly allowed: number }[];
  readonly shapes: readonly string[];
  readonly extraAnswers: number;
  readonly latency: readonly number[];
}

const records = new Records();
const outages = new Outages();
const selections = new Map<string, Selection>();
const doors: Door[] = [];
let left = 0;
let isStopping = false;
let working: Promise<unknown> = Promise.resolve();
let isDone = false;

const duties = {
  /** Starts everybody; answers the processes between them and the bridge. */
  begin({ home, clients, calls, rate, lanes, seed }: Work): number[] {
    left = calls;
    const random = chance(seed);
    const laneMs = rate === 0 ? 0 : (clients.length * lanes * 1000) / rate;
    const world: World = {
      outages,
      selections,
      take: () => {
        if (left <= 0) return false;
        left -= 1;
        return true;
      },
      get isStopping() {
        return isStopping;
      },
      pace: () => laneMs * (0.5 + random()),
    };
    const onStray = (line: string): void => {
      records.see(line);
      // What is neither a notification nor an answer that is waited for is an answer too many.
      if (/"id":/.test(line) && !line.includes('"method":')) {
        records.extraAnswers += 1;
        records.unexpectedly(`nobody waits for ${line}`);
      }
    };
    const lanesOfAll = clients.flatMap((plan) => {
      const { endpoint } = plan;
      const door = endpoint
        ? new HttpDoor(plan.era, endpoint.url, endpoint.headers, onStray)
        : new LineDoor([nativeShim, '--home', home, plan.address], onStray);
      doors.push(door);
      const client = new EnduranceClient(plan, door, records, world);
      return Array.from({ length: lanes }, () => client.work());
    });
    working = Promise.all(lanesOfAll).then(() => {
      isDone = true;
    });
    return doors.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  },

  /** The account may be selected at these addresses from now on; with `settled` it is. */
  select(given: { addresses: readonly string[]; account: number; settled: boolean }): void {
    for (const address of given.addresses) {
      const selection = selections.get(address) ?? new Selection();
      selections.set(address, selection);
      if (given.settled) selection.settle(given.account);
      else selection.begin(given.account);
    }
  },

  outage({ what, isOver }: { what: string; isOver: boolean }): void {
    if (isOver) outages.end(what);
    else outages.begin(what);
  },

  progress(_: null): { sent: number; answered: number; unexpected: number; isDone: boolean } {
    return {
      sent: sum(records.sent.values()),
      answered: sum(Object.values(records.answered)),
      unexpected: records.unexpected.length,
      isDone,
    };
  },

  /** Lets everybody finish what they began, at most for so long. */
  async stop(mostMs: number): Promise<void> {
    isStopping = true;
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, mostMs))]);
  },

  report(_: null): Found {
    return {
      sent: [...records.sent],
      outcomes: records.outcomes.rows,
      allowed: records.allowed.rows,
      answered: records.answered,
      errors: records.errors,
      unexpected: records.unexpected,
      signInsNeeded: records.signInsNeeded,
      shapes: records.shapes,
      extraAnswers: records.extraAnswers,
      latency: records.latency.counts,
    };
  },

  async leave(_: null): Promise<void> {
    await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()));
  },
};
export type ClientDuties = typeof duties;
serve(duties);

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
