import type { Aim } from './aims.ts';
import type { Era } from './door.ts';

/** What all rounds brought for one row on one way. */
export interface Figure {
  readonly door: string;
  readonly row: string;
  readonly unit: string;
  readonly era: Era;
  readonly way: string;
  /** One per round. */
  readonly values: readonly number[];
}

/** The middle of many, with the least and the greatest of them. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/**
 * One figure as a multiple of another, round by round: what disturbs a whole round disturbs both, and is gone from their
 * ratio.
 */
export function ratios(one: Figure, other: Figure): Spread {
  return spreadOf(one.values.map((value, round) => value / (other.values[round] ?? Number.NaN)));
}

/** By how much a value misses an aim, as a part of the aim; 0 when it is met. */
export function missedBy({ is, value: aim }: Aim, value: number): number {
  return Math.max(0, is === 'at most' ? value / aim - 1 : 1 - value / aim);
}

/** In words, for both eras at once; a value that is not there is not judged. */
export function verdict(aim: Aim, values: Readonly<Partial<Record<Era, number>>>): string {
  const missed = Object.entries(values)
    .map(([era, value]) => ({ era, by: missedBy(aim, value) }))
    .filter(({ by }) => !(by <= 0));
  if (missed.length === 0) return 'met';
  return `missed: ${missed.map(({ era, by }) => `${era} by ${(by * 100).toFixed(0)} %`).join(', ')}`;
}
