import type { DoctorCheck } from '#contract/doctor.ts';
import { plural } from '../plural.ts';

/** A look at everything that can be wrong. */
export const doctor = {
  title: 'Check everything',
  lead: 'Gangway looks at itself, your keychain, the network, your accounts and your apps, and says what helps.',
  again: 'Check again',
  running: 'Looking at everything. This takes some seconds…',
  failed: 'The check could not be done',
  allWell: (checks: number) => `All is well: ${plural(checks, 'check', 'checks')}, no finding.`,
  bad: (count: number) => plural(count, 'thing needs you', 'things need you'),
  notices: (count: number) => `${plural(count, 'thing', 'things')} worth knowing`,
  fine: (count: number) => `${plural(count, 'check', 'checks')} without a finding`,
  skipped: (count: number) => `${plural(count, 'check', 'checks')} skipped`,
  checkedAt: 'Checked',
  copy: 'Copy as text',
  areas: {
    gangway: 'Gangway itself',
    files: 'Its files',
    keychain: 'Keychain',
    doors: 'Ways in for apps',
    network: 'Network',
    accounts: 'Accounts',
    clients: 'Apps',
  } satisfies Record<DoctorCheck['area'], string>,
  states: {
    ok: 'Fine',
    notice: 'Worth knowing',
    bad: 'Needs you',
    skipped: 'Skipped',
  } satisfies Record<DoctorCheck['state'], string>,
  allFine: 'All fine',
  openAccount: 'Open the account',
  openApp: 'Show in Apps',
  openNetwork: 'Network settings',
  openSecurity: 'Security settings',
  openGeneral: 'General settings',
  of: (label: string, subject: string) => `${label}: ${subject}`,
  fix: (text: string) => `What helps: ${text}`,
};
