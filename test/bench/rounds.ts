import { type Era, eras } from './door.ts';
import type { Figure } from './figures.ts';
import type { Pace, Row } from './rows.ts';
import type { SetUp, Way } from './set-up.ts';

export interface RoundsOptions {
  readonly count: number;
  /** In how many of the rounds, and in which eras, the rows are done that take long. */
  readonly heavy: { readonly rounds: number; readonly eras: readonly Era[] };
  readonly pace: Pace;
  /** Ends it before the next cell. */
  readonly signal: AbortSignal;
  /** Told what comes next. */
  say(what: string): void;
}

/**
 * Measures every row on every way again and again, in turn, so that what disturbs the machine disturbs all of them, and in
 * another order every time, because who comes second finds a warmer machine.
 */
export async function measureRounds(
  setUp: SetUp,
  rows: readonly Row[],
  { count, heavy, pace, signal, say }: RoundsOptions,
): Promise<Figure[]> {
  const seen = new Map<string, Figure & { readonly values: number[] }>();
  const note = (row: string, { door, unit }: Row, era: Era, way: Way, value: number): void => {
    const key = JSON.stringify([door, row, era, way]);
    const figure = seen.get(key) ?? { door, row, unit, era, way, values: [] };
    figure.values.push(value);
    seen.set(key, figure);
  };
  for (let round = 0; round < count; round += 1) {
    for (const row of rows) {
      if (row.isHeavy && round >= heavy.rounds) continue;
      say(`round ${round + 1} of ${count}: ${row.door}, ${row.name}`);
      for (const { era, way } of cellsOf(row, round)) {
        signal.throwIfAborted();
        if (row.isHeavy && !heavy.eras.includes(era)) continue;
        const measured = await row.measure(setUp, way, era, pace);
        if (!measured) continue;
        note(row.name, row, era, way, measured.value);
        if (row.cpu !== undefined && measured.cpu !== undefined)
          note(row.cpu, { ...row, unit: 'ms' }, era, way, measured.cpu);
      }
    }
  }
  return [...seen.values()];
}

/** What is measured for a row, in the order of this round. Without a bridge the eras are alike; one of them is enough. */
function cellsOf({ ways }: Row, round: number): { era: Era; way: Way }[] {
  return (round % 2 === 0 ? eras : eras.toReversed())
    .flatMap((era) => turned(ways, round).map((way) => ({ era, way })))
    .filter(({ era, way }) => way !== 'direct' || era === 'legacy');
}

/** The same things, beginning with another one, and every second time from the end. */
function turned<T>(all: readonly T[], by: number): T[] {
  const at = by % all.length;
  const order = [...all.slice(at), ...all.slice(0, at)];
  return by % 2 === 0 ? order : order.toReversed();
}
