import type { Load } from './loads.ts';

/** The median of all rounds for one load on one way. */
export interface Figure {
  readonly door: string;
  readonly era: string;
  readonly target: string;
  readonly load: string;
  readonly unit: Load['unit'];
  readonly value: number;
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Figures as text: a row per load and era, a column per way, and the bridge as a multiple of the reference. */
export function table(figures: readonly Figure[]): string {
  const rows = new Map<string, Figure[]>();
  for (const figure of figures) {
    const name = `${figure.door.padEnd(6)} ${figure.era.padEnd(7)} ${figure.load}, ${figure.unit}`;
    rows.set(name, [...(rows.get(name) ?? []), figure]);
  }
  const lines = [...rows].map(([name, row]) => {
    const of = (target: string): number | undefined => row.find((one) => one.target === target)?.value;
    const cells = [of('direct'), of('reference'), of('gangway')].map(shown);
    return [name, ...cells, `${ratioOf(row)?.toFixed(2) ?? '-'}x`];
  });
  return [['', 'direct', 'reference', 'Gangway', 'of reference'], ...lines]
    .map(([name = '', ...cells]) => `${name.padEnd(48)}${cells.map((cell) => cell.padStart(14)).join('')}\n`)
    .join('');
}

/** How the newer era stands to the older one, per door and load: above 1 it is slower. */
export function compared(figures: readonly Figure[]): string[] {
  const ours = figures.filter(({ target }) => target === 'gangway');
  return ours
    .filter(({ era }) => era === 'modern')
    .map((modern) => {
      const legacy = ours.find(
        ({ era, door, load }) => era === 'legacy' && door === modern.door && load === modern.load,
      );
      const slower = legacy ? slowness(modern) / slowness(legacy) : Number.NaN;
      return `${modern.door.padEnd(6)} ${modern.load}: modern takes ${slower.toFixed(2)}x the time of legacy`;
    });
}

function slowness({ unit, value }: Figure): number {
  return unit === 'ms' ? value : 1 / value;
}

function ratioOf(row: readonly Figure[]): number | undefined {
  const of = (target: string): number | undefined => row.find((one) => one.target === target)?.value;
  const [reference, gangway] = [of('reference'), of('gangway')];
  return reference === undefined || gangway === undefined ? undefined : gangway / reference;
}

function shown(value: number | undefined): string {
  if (value === undefined) return '-';
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
