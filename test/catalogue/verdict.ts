import type { RunIds } from './run-report.ts';
import type { Rows, Section } from './section.ts';

export type SectionCount = {
  readonly section: Section;
  readonly covered: number;
  readonly leftOut: number;
  readonly skipped: number;
  readonly missing: number;
};

/** What a run of the tests says about the catalogue. */
export type Verdict = {
  readonly sections: readonly SectionCount[];
  readonly leftOut: readonly (readonly [id: string, reason: string])[];
  /** Rows whose tests are all for other systems, or for another user, than this run had. */
  readonly skipped: readonly string[];
  /** Rows without a test that passed or was skipped, and without a reason. */
  readonly missing: readonly string[];
  /** Ids of titles and of left-out rows that no row has. */
  readonly unknown: readonly string[];
  /** Rows that are left out and covered all the same, or stand in two sections. */
  readonly doubled: readonly string[];
};

/** Holds the ids of a run against the rows. */
export function judge(sections: readonly Section[], leftOut: Rows, run: RunIds): Verdict {
  const rows = sections.flatMap(({ rows }) => Object.keys(rows));
  const known = new Set(rows);
  const kinds = {
    covered: (id: string) => run.passed.has(id),
    leftOut: (id: string) => leftOut[id] !== undefined,
    skipped: (id: string) => !run.passed.has(id) && leftOut[id] === undefined && run.skipped.has(id),
    missing: (id: string) => !run.passed.has(id) && leftOut[id] === undefined && !run.skipped.has(id),
  };
  return {
    sections: sections.map((section) => {
      const count = (kind: keyof typeof kinds): number =>
        Object.keys(section.rows).filter(kinds[kind]).length;
      return {
        section,
        covered: count('covered'),
        leftOut: count('leftOut'),
        skipped: count('skipped'),
        missing: count('missing'),
      };
    }),
    leftOut: Object.entries(leftOut).filter(([id]) => known.has(id)),
    skipped: [...known].filter(kinds.skipped),
    missing: [...known].filter(kinds.missing),
    unknown: [...new Set([...run.carried, ...Object.keys(leftOut)])].filter((id) => !known.has(id)).sort(),
    doubled: [
      ...rows.filter((id, index) => rows.indexOf(id) !== index),
      ...[...known].filter((id) => kinds.leftOut(id) && kinds.covered(id)),
    ],
  };
}

/**
 * @param everySystem whether the run could do every test there is; elsewhere a row may have been skipped, and one that
 *   is left out may be covered
 */
export function isGood(verdict: Verdict, everySystem: boolean): boolean {
  if (verdict.missing.length + verdict.unknown.length > 0) return false;
  return !everySystem || verdict.skipped.length + verdict.doubled.length === 0;
}
