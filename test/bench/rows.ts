import type { Conversation } from './conversation.ts';
import type { Era } from './door.ts';
import { median } from './figures.ts';
import { drive, type Load, loads, smallCall } from './loads.ts';
import { cpuMs, memoryOf } from './processes.ts';
import { type Door, doors, type Place, SetUp, type Way } from './set-up.ts';
import { type Shim, shimKinds } from './shims.ts';

export type Unit = Load['unit'] | 'MB';

/** How long a cell is measured. */
export interface Pace {
  readonly warmMs: number;
  readonly ms: number;
  /** How many clients there are when memory is looked at first, and how many are added. */
  readonly clients: number;
  readonly added: number;
}

/** What one cell of one round brought. */
export interface Measured {
  readonly value: number;
  /** Milliseconds of processor time that the bridge needed per call. */
  readonly cpu?: number;
}

/** One row of the bench: something that is measured on several ways. */
export interface Row {
  readonly door: Door;
  readonly name: string;
  readonly unit: Unit;
  readonly ways: readonly Way[];
  /** What the processor time of a call is called, where it is told. */
  readonly cpu?: string;
  /** Takes so long that it is not done in every round. */
  readonly isHeavy: boolean;
  /** Undefined where this machine cannot tell. */
  measure(setUp: SetUp, way: Way, era: Era, pace: Pace): Promise<Measured | undefined>;
}

export const rows: readonly Row[] = [
  startRow('spawn → first answer', 'mcp', shimKinds),
  startRow('upstream 40 ms away: spawn → first call', 'far', ['TS shim as one file', 'native shim']),
  ...doors.flatMap((door) => [
    ...loads[door].map((load) => loadRow(door, load)),
    door === 'stdio'
      ? memoryRow(door, 'memory per added client', 1, ['TS shim as one file', 'native shim'])
      : // A session is small; only many of them can be told from noise.
        memoryRow(door, 'memory per added session', 2, ['Gangway']),
  ]),
];

/** From the start of a client's program to the answer to its first message, or to its first call far away. */
function startRow(name: string, place: Place, shims: readonly Shim[]): Row {
  return {
    door: 'stdio',
    name,
    unit: 'ms',
    ways: ['direct', 'reference', ...shims],
    isHeavy: false,
    async measure(setUp, way, era, { ms }) {
      const times: number[] = [];
      const begun = performance.now();
      while (times.length < 3 || performance.now() - begun < ms) {
        const since = performance.now();
        await using client = setUp.open(way, 'stdio', era, place);
        await client.begin();
        if (place === 'far') await client.ask(smallCall);
        times.push(performance.now() - since);
      }
      return { value: median(times) };
    },
  };
}

function loadRow(door: Door, load: Load): Row {
  const count = load.clients ?? 1;
  return {
    door,
    name: load.name,
    unit: load.unit,
    ways: ['direct', 'reference', 'Gangway'],
    isHeavy: count > 1,
    ...(load.cpu === undefined ? {} : { cpu: load.cpu }),
    async measure(setUp, way, era, { warmMs, ms }) {
      await using stack = new AsyncDisposableStack();
      const clients = await openMany(stack, count, () => setUp.open(way, door, era, load.place));
      await drive(clients, load, warmMs);
      const pids = setUp.bridgePids(way, door, clients);
      const before = cpuMs(pids);
      const { seconds, times } = await drive(clients, load, ms);
      const after = cpuMs(pids);
      const value = load.unit === 'ms' ? median(times) : times.length / seconds;
      if (before === undefined || after === undefined || pids.length === 0) return { value };
      return { value, cpu: (after - before) / times.length };
    },
  };
}

/** What all processes of a bridge that has just started grow by for each client more. */
function memoryRow(door: Door, name: string, times: number, ways: readonly Way[]): Row {
  return {
    door,
    name,
    unit: 'MB',
    ways: ['reference', ...ways],
    isHeavy: true,
    async measure({ shims }, way, era, { warmMs, clients: first, added: unit }) {
      const bridge = way === 'reference' ? way : 'Gangway';
      await using fresh = await SetUp.start({ shims, bridge, places: ['mcp'] });
      await using stack = new AsyncDisposableStack();
      const added = unit * times;
      const open = (): Conversation => fresh.open(way, door, era);
      const pss = (clients: readonly Conversation[]): number | undefined =>
        memoryOf(fresh.bridgePids(way, door, clients))?.pss;
      const some = await openMany(stack, first, open);
      // A program that has just started grows by itself.
      await drive(some, { question: smallCall, inFlight: 4 }, warmMs * 4);
      const before = pss(some);
      const others = await openMany(stack, added, open);
      await drive(others, { question: smallCall, inFlight: 1 }, 0);
      const after = pss([...some, ...others]);
      if (before === undefined || after === undefined) return undefined;
      return { value: (after - before) / added };
    },
  };
}

const OPENED_AT_ONCE = 4;

/** Opens clients that end with the stack, a few at a time. */
async function openMany(
  stack: AsyncDisposableStack,
  count: number,
  open: () => Conversation,
): Promise<Conversation[]> {
  const clients: Conversation[] = [];
  while (clients.length < count) {
    const few = Array.from({ length: Math.min(OPENED_AT_ONCE, count - clients.length) }, () =>
      stack.use(open()),
    );
    await Promise.all(few.map((client) => client.begin()));
    clients.push(...few);
  }
  return clients;
}
