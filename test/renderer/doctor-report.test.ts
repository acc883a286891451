import { expect, test } from 'vitest';
import type { DoctorCheck } from '#contract/doctor.ts';
import { areasOf, reportText } from '#renderer/views/doctor/report.ts';

const checks = [
  check('accounts', 'ok', 'account'),
  check('accounts', 'notice', 'sign-in-offline', 'shop'),
  check('accounts', 'bad', 'sign-in-needed', 'acme'),
  check('gangway', 'skipped', 'limits'),
];

test('findings stand by area in the order of reports, the worst first, apart from what is fine', () => {
  const areas = areasOf({ checks });
  expect(areas.map(({ area }) => area)).toEqual(['gangway', 'accounts']);
  expect(areas[1]?.found.map(({ id }) => id)).toEqual(['sign-in-needed', 'sign-in-offline']);
  expect(areas[1]?.fine.map(({ id }) => id)).toEqual(['account']);
});

test('the text for whoever helps has every check with its name, and what helps', () => {
  expect(
    reportText({ at: '2026-01-01T10:00:00Z', version: '0.1.0', checks }),
  ).toBe(`Gangway 0.1.0, 2026-01-01T10:00:00Z

Gangway itself
  [Skipped] limits: As it is.

Accounts
  [Needs you] sign-in-needed (acme): As it is.
      What helps: Do this.
  [Worth knowing] sign-in-offline (shop): As it is.
      What helps: Do this.
  [Fine] account: As it is.
`);
});

function check(
  area: DoctorCheck['area'],
  state: DoctorCheck['state'],
  id: string,
  subject: string | null = null,
): DoctorCheck {
  const fix = state === 'ok' || state === 'skipped' ? null : 'Do this.';
  return { id, area, state, subject, text: 'As it is.', fix };
}
