import type { Section } from './section.ts';
import type { Verdict } from './verdict.ts';

/** The verdict for a person: a table of the sections, then every row that is left out, missing, unknown or doubled. */
export function linesOf(verdict: Verdict): string[] {
  const total = { covered: 0, leftOut: 0, skipped: 0, missing: 0 };
  const lines = [
    'Catalogue of bad input and faults',
    '',
    line('', 'covered', 'left out', 'skipped', 'missing'),
  ];
  for (const { section, covered, leftOut, skipped, missing } of verdict.sections) {
    lines.push(line(`${section.letter}  ${section.title}`, covered, leftOut, skipped, missing));
    total.covered += covered;
    total.leftOut += leftOut;
    total.skipped += skipped;
    total.missing += missing;
  }
  lines.push(line('all', total.covered, total.leftOut, total.skipped, total.missing));
  const texts = textsOf(verdict.sections.map(({ section }) => section));
  const list = (title: string, entries: readonly string[]): void => {
    if (entries.length > 0) lines.push('', title, ...entries.map((entry) => `  ${entry}`));
  };
  list(
    'Left out:',
    verdict.leftOut.map(([id, reason]) => `${id}  ${reason}`),
  );
  list('Skipped, for another system or user:', verdict.skipped);
  list(
    'Missing, no passed test starts with:',
    verdict.missing.map((id) => `${id}  ${texts[id] ?? ''}`),
  );
  list('Unknown, no row has:', verdict.unknown);
  list('Doubled, left out and on a test, or in two sections:', verdict.doubled);
  return lines;
}

function line(name: string, ...cells: readonly (string | number)[]): string {
  return `${name.padEnd(30)}${cells.map((cell) => String(cell).padStart(10)).join('')}`.trimEnd();
}

function textsOf(sections: readonly Section[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...sections.map(({ rows }) => rows));
}
