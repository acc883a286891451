import type { Conversation } from './conversation.ts';
import { type Era, eras } from './door.ts';
import { median } from './figures.ts';
import { drive, type Load, loads } from './loads.ts';
import { type Door, doors, type SetUp, type Way } from './set-up.ts';
import { rowsOf } from './table.ts';

/** How long one era is driven before the other one has its turn. */
const SLICE_MS = 80;
/** A program that has just started grows faster by itself. */
const WARM_SLICES = 5;

/** How much longer the newer era takes than the older one for one load on one way. */
export interface Pair {
  readonly door: Door;
  readonly row: string;
  readonly way: Way;
  /** Time per call in milliseconds, the middle of all slices. */
  readonly legacy: number;
  readonly modern: number;
  /** Newer to older, slice by slice: the geometric mean, and two standard errors of it as a part. */
  readonly ratio: number;
  readonly error: number;
}

export interface PairsOptions {
  /** How many slices each era has. */
  readonly slices: number;
  readonly signal: AbortSignal;
  say(what: string): void;
}

/**
 * Drives a client of each era in turn, a moment each, through the same processes: what disturbs the machine disturbs
 * both, so that a difference of a few per cent can be told from noise, which the rounds of the table cannot.
 */
export async function measureEras(
  setUp: SetUp,
  chosen: (row: string) => boolean,
  { slices, signal, say }: PairsOptions,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const door of doors) {
    for (const load of loads[door]) {
      if ((load.clients ?? 1) > 1 || !chosen(`${door} ${load.name}`)) continue;
      for (const way of ['reference', 'Gangway'] as const) {
        signal.throwIfAborted();
        say(`${door}, ${load.name}, ${way}`);
        pairs.push({ door, row: load.name, way, ...(await measurePair(setUp, door, load, way, slices)) });
      }
    }
  }
  return pairs;
}

async function measurePair(
  setUp: SetUp,
  door: Door,
  load: Load,
  way: Way,
  slices: number,
): Promise<Omit<Pair, 'door' | 'row' | 'way'>> {
  await using legacy = setUp.open(way, door, 'legacy', load.place);
  await using modern = setUp.open(way, door, 'modern', load.place);
  const clients: Record<Era, Conversation> = { legacy, modern };
  for (const era of eras) await clients[era].begin();
  const times: Record<Era, number[]> = { legacy: [], modern: [] };
  for (let slice = -WARM_SLICES; slice < slices; slice += 1) {
    for (const era of slice % 2 === 0 ? eras : eras.toReversed()) {
      const driven = await drive([clients[era]], load, SLICE_MS);
      if (slice < 0) continue;
      // A call in flight waits for others, so what counts then is how many are through.
      const perCall =
        load.unit === 'ms' ? median(driven.times) : (driven.seconds * 1000) / driven.times.length;
      times[era].push(perCall);
    }
  }
  return { legacy: median(times.legacy), modern: median(times.modern), ...ratioOf(times) };
}

/** The geometric mean of the ratios, and two standard errors of it. */
export function ratioOf({ legacy, modern }: Readonly<Record<Era, readonly number[]>>): {
  ratio: number;
  error: number;
} {
  const logs = legacy.map((value, index) => Math.log((modern[index] ?? Number.NaN) / value));
  const count = logs.length;
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return { ratio: Math.exp(mean), error: 2 * Math.sqrt(squares / (count - 1) / count) };
}

/** The pairs as a table for people: Gangway beside the reference, where only the messages differ. */
export function erasTable(pairs: readonly Pair[]): string {
  const head = ['', 'legacy, ms', 'modern, ms', 'modern takes', 'in the reference'];
  const shown = ({ ratio, error }: Pick<Pair, 'ratio' | 'error'>): string =>
    `${ratio.toFixed(3)} ± ${error.toFixed(3)}`;
  const cells = pairs
    .filter(({ way }) => way === 'Gangway')
    .map((pair) => {
      const { door, row, legacy, modern } = pair;
      const other = pairs.find((one) => one.way === 'reference' && one.door === door && one.row === row);
      const times = [legacy, modern].map((value) => value.toPrecision(3));
      return [`${door.padEnd(5)} ${row}`, ...times, shown(pair), other ? shown(other) : '-'];
    });
  const all = (wanted: Way): string => shown(ratioOfAll(pairs.filter(({ way }) => way === wanted)));
  return rowsOf([head, ...cells, ['all rows', '', '', all('Gangway'), all('reference')]]);
}

/** The geometric mean of all ratios, whose errors have nothing to do with each other. */
function ratioOfAll(pairs: readonly Pair[]): Pick<Pair, 'ratio' | 'error'> {
  const sum = pairs.reduce((so, { ratio }) => so + Math.log(ratio), 0);
  const squares = pairs.reduce((so, { error }) => so + error ** 2, 0);
  return { ratio: Math.exp(sum / pairs.length), error: Math.sqrt(squares) / pairs.length };
}
