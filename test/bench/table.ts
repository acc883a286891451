import { type Aim, aims } from './aims.ts';
import type { Era } from './door.ts';
import { type Figure, ratios, type Spread, spreadOf, verdict } from './figures.ts';
import { type Door, doors } from './set-up.ts';

/** One row as it is told: Gangway in both eras, beside what it is compared with. */
export interface Line {
  readonly door: Door;
  readonly name: string;
  readonly unit: string;
  /** These two in the older era. */
  readonly direct?: Spread;
  readonly reference?: Spread;
  readonly legacy?: Spread;
  readonly modern?: Spread;
  /** Gangway as a multiple of the reference of the same era, round by round. */
  readonly legacyOfReference?: Spread;
  readonly modernOfReference?: Spread;
  /** How much longer the newer era takes than the older one, round by round; above 1 it is slower. */
  readonly modernOfLegacy?: Spread;
  readonly aim?: Aim;
  readonly verdict?: string;
}

/** A row through Gangway has a line for each of its shims, if it tells them apart. */
export function lineName(row: string, way: string): string {
  return way === 'Gangway' ? row : `${row}, ${way}`;
}

/** A line for each way through Gangway of each row, in the order in which the figures come. */
export function linesOf(figures: readonly Figure[]): Line[] {
  const lines = new Map<string, Line>();
  for (const door of doors) {
    for (const figure of figures) {
      if (figure.door !== door || figure.way === 'direct' || figure.way === 'reference') continue;
      const name = lineName(figure.row, figure.way);
      const key = `${door} ${name}`;
      if (!lines.has(key)) lines.set(key, lineOf(door, name, figure, figures));
    }
  }
  return [...lines.values()];
}

function lineOf(door: Door, name: string, { row, unit, way }: Figure, figures: readonly Figure[]): Line {
  const find = (wanted: string, era: Era): Figure | undefined =>
    figures.find((one) => one.door === door && one.row === row && one.way === wanted && one.era === era);
  const direct = find('direct', 'legacy');
  const reference = find('reference', 'legacy') ?? find('reference', 'modern');
  const [legacy, modern] = [find(way, 'legacy'), find(way, 'modern')];
  const isFaster = unit === 'calls/s';
  const ofReference = (one: Figure | undefined, era: Era): Spread | undefined => {
    const other = find('reference', era);
    return one && other && ratios(one, other);
  };
  const legacyOfReference = ofReference(legacy, 'legacy');
  const modernOfReference = ofReference(modern, 'modern');
  const modernOfLegacy =
    legacy && modern ? (isFaster ? ratios(legacy, modern) : ratios(modern, legacy)) : undefined;
  const spreads = {
    ...(direct && { direct: spreadOf(direct.values) }),
    ...(reference && { reference: spreadOf(reference.values) }),
    ...(legacy && { legacy: spreadOf(legacy.values) }),
    ...(modern && { modern: spreadOf(modern.values) }),
    ...(legacyOfReference && { legacyOfReference }),
    ...(modernOfReference && { modernOfReference }),
    ...(modernOfLegacy && { modernOfLegacy }),
  };
  const aim = aims[door][name];
  if (!aim) return { door, name, unit, ...spreads };
  const judged =
    aim.of === 'itself'
      ? { legacy: spreads.legacy, modern: spreads.modern }
      : { legacy: legacyOfReference, modern: modernOfReference };
  const values = {
    ...(judged.legacy && { legacy: judged.legacy.median }),
    ...(judged.modern && { modern: judged.modern.median }),
  };
  return { door, name, unit, ...spreads, aim, verdict: verdict(aim, values) };
}

/** The lines as a table for people. */
export function table(lines: readonly Line[]): string {
  const head = ['', 'direct', 'reference', 'legacy', 'modern', 'legacy / ref', 'modern / ref', 'aim', ''];
  const cells = lines.map((line) => [
    `${line.door.padEnd(5)} ${line.name}, ${line.unit}`,
    ...[line.direct, line.reference, line.legacy, line.modern].map(withNoise),
    ...[line.legacyOfReference, line.modernOfReference].map(withEnds),
    aimText(line.aim, line.unit),
    line.verdict ?? '',
  ]);
  return rowsOf([head, ...cells]);
}

/** How the newer era stands to the older one. */
export function comparison(lines: readonly Line[]): string {
  const cells = lines
    .filter(({ modernOfLegacy }) => modernOfLegacy)
    .map(({ door, name, unit, legacy, modern, modernOfLegacy }) => [
      `${door.padEnd(5)} ${name}, ${unit}`,
      withNoise(legacy),
      withNoise(modern),
      withEnds(modernOfLegacy),
    ]);
  return rowsOf([['', 'legacy', 'modern', 'modern takes'], ...cells]);
}

/** Columns as wide as they must be: the first to the left, numbers to the right, a verdict to the left again. */
export function rowsOf(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const isWords = (index: number): boolean => index === 0 || index === 8;
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          isWords(index) ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The median, and how far the rounds lie apart: half of the way from the least to the greatest. */
function withNoise(spread: Spread | undefined): string {
  if (!spread) return '-';
  const { median, least, greatest } = spread;
  const apart = ((greatest - least) / 2 / Math.abs(median)) * 100;
  return `${shown(median)} ±${apart.toFixed(0).padStart(2)}%`;
}

/** A ratio, with the least and the greatest of all rounds. */
function withEnds(spread: Spread | undefined): string {
  if (!spread) return '-';
  const { median, least, greatest } = spread;
  return `${median.toFixed(2)} (${least.toFixed(2)}–${greatest.toFixed(2)})`;
}

function aimText(aim: Aim | undefined, unit: string): string {
  if (!aim) return '-';
  return `${aim.is === 'at most' ? '≤' : '≥'} ${aim.value}${aim.of === 'reference' ? '×' : ` ${unit}`}`;
}

function shown(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
