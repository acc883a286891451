import type { DoctorCheck, DoctorReport } from '#contract/doctor.ts';
import { texts } from '../../texts/texts.ts';

/** What was looked at in one area. */
export interface CheckedArea {
  readonly area: DoctorCheck['area'];
  /** What needs somebody or is worth knowing, the worst first. */
  readonly found: readonly DoctorCheck[];
  readonly fine: readonly DoctorCheck[];
}

const areas = ['gangway', 'files', 'keychain', 'doors', 'network', 'accounts', 'clients'] as const;

/** The checks by area, in the order of reports; areas without a check are left out. */
export function areasOf({ checks }: Pick<DoctorReport, 'checks'>): readonly CheckedArea[] {
  return areas
    .map((area): CheckedArea => {
      const own = checks.filter((check) => check.area === area);
      const found = (state: DoctorCheck['state']): DoctorCheck[] =>
        own.filter((check) => check.state === state);
      return {
        area,
        found: [...found('bad'), ...found('notice')],
        fine: [...found('skipped'), ...found('ok')],
      };
    })
    .filter(({ found, fine }) => found.length + fine.length > 0);
}

/** The outcome in a sentence or two. */
export function summaryOf({ checks }: Pick<DoctorReport, 'checks'>): string {
  const words = texts.doctor;
  const bad = checks.filter(({ state }) => state === 'bad').length;
  const notices = checks.filter(({ state }) => state === 'notice').length;
  if (bad + notices === 0) return words.allWell(checks.length);
  return `${[...(bad > 0 ? [words.bad(bad)] : []), ...(notices > 0 ? [words.notices(notices)] : [])].join(', ')}.`;
}

/** The whole report for somebody who helps. */
export function reportText(report: DoctorReport): string {
  const { states, areas: names } = texts.doctor;
  const lines = areasOf(report).flatMap(({ area, found, fine }) => [
    '',
    names[area],
    ...[...found, ...fine].flatMap(({ id, state, subject, text, fix }) => [
      `  [${states[state]}] ${id}${subject === null ? '' : ` (${subject})`}: ${text}`,
      ...(fix === null ? [] : [`      ${texts.doctor.fix(fix)}`]),
    ]),
  ]);
  return [`Gangway ${report.version}, ${report.at}`, ...lines, ''].join('\n');
}
