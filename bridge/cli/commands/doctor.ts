import { oneLine } from '../../base/text.ts';
import { VERSION } from '../../base/version.ts';
import type { ClientConnection, ClientView } from '../../contract/clients.ts';
import { DoctorArea, type DoctorCheck, type DoctorReport } from '../../contract/doctor.ts';
import { asBridgeError } from '../../contract/errors.ts';
import { examineFromOutside, type OutsideLook } from '../../doctor/outside.ts';
import { withOwner, withoutOwner } from '../../doctor/report.ts';
import { plainCommand, type Shown, type Surroundings } from '../command.ts';
import type { Terminal } from '../terminal.ts';

export const command = plainCommand({
  usage: 'doctor',
  summary: 'look at everything that can be wrong, and say what helps',
  details:
    'It changes nothing but what every start of Gangway puts right. Exit code 3 when something needs you, else 0.',
  parse: () => undefined,
  run: (_, surroundings) => showReport(surroundings),
});

/** Looks from outside first, because a start of Gangway puts some faults right; then asks the owner, or becomes it. */
export async function showReport(surroundings: Surroundings): Promise<Shown> {
  const { paths, signal, terminal } = surroundings;
  const outside = await examineFromOutside(paths, signal);
  // Who hosts the bridge may be asked for the passphrase first.
  using _line = outside.isRunning ? terminal.wait('  … looking at everything') : undefined;
  const report = await reportWith(outside, surroundings);
  const needsPerson = report.checks.some(({ state }) => state === 'bad');
  return { value: report, lines: linesOf(report, terminal), ...(needsPerson ? { exit: 3 } : {}) };
}

async function reportWith(outside: OutsideLook, surroundings: Surroundings): Promise<DoctorReport> {
  const { paths, signal } = surroundings;
  const alone = { version: VERSION, at: new Date(), paths };
  if (!outside.isReachable) return withoutOwner(outside, undefined, alone);
  const { Owner } = await import('../../control/owner.ts');
  await using owner = new Owner({
    paths,
    client: 'gangway doctor',
    // A start that finds its port taken revokes the tokens of apps; a look must not.
    start: async () => (await import('../host.ts')).hostBridge(surroundings, { http: !outside.isPortTaken }),
    signal,
  });
  try {
    const report = await owner.client.doctor(undefined, { signal });
    const askers = outside.isRunning ? [] : askersOf(await owner.client.clients.list(undefined, { signal }));
    return withOwner(outside, report, askers);
  } catch (error) {
    signal.throwIfAborted();
    return withoutOwner(outside, asBridgeError(error), alone);
  }
}

/** Names of apps that ask the HTTP door; one that starts a command starts Gangway as well. */
function askersOf(clients: readonly ClientView[]): string[] {
  const asks = ({ door, state }: ClientConnection): boolean =>
    door === 'http' && (state === 'waiting' || state === 'seen');
  return clients.filter(({ connections }) => connections.some(asks)).map(({ name }) => name);
}

const AREAS: Readonly<Record<DoctorArea, string>> = {
  gangway: 'Gangway itself',
  files: 'Its files',
  keychain: 'Keychain',
  doors: 'Ways in for apps',
  network: 'Network',
  accounts: 'Accounts',
  clients: 'Apps',
};

/** Sign, words and colour of each state; the words alone are enough. */
const STATES = {
  ok: ['✓', 'fine', 'green'],
  notice: ['!', 'worth knowing', 'yellow'],
  bad: ['✗', 'needs you', 'red'],
  skipped: ['-', 'skipped', 'dim'],
} as const;
const WIDEST = Math.max(...Object.values(STATES).map(([, words]) => words.length));
const LONGEST = 400;

function linesOf({ checks }: DoctorReport, terminal: Terminal): string[] {
  const areas = DoctorArea.options.flatMap((area) => {
    const own = checks.filter((check) => check.area === area);
    return own.length === 0 ? [] : [AREAS[area], ...own.flatMap((check) => checkLines(check, terminal)), ''];
  });
  return [...areas, summaryOf(checks)];
}

function checkLines({ state, subject, text, fix }: DoctorCheck, terminal: Terminal): string[] {
  const [sign, words, color] = STATES[state];
  const said = oneLine(text, LONGEST);
  // A text about an app or account names it; one about a file may leave its path to this.
  const about =
    subject?.includes('/') && !`${text} ${fix}`.includes(subject) ? ` (${oneLine(subject, LONGEST)})` : '';
  const line = `  ${terminal.style(color, sign)} ${words.padEnd(WIDEST)}  ${said}${about}`;
  return fix === null ? [line] : [line, `${' '.repeat(WIDEST + 6)}→ ${oneLine(fix, LONGEST)}`];
}

/** The last line. Pure. */
export function summaryOf(checks: readonly Pick<DoctorCheck, 'state'>[]): string {
  const count = (state: DoctorCheck['state']): number =>
    checks.filter((check) => check.state === state).length;
  const [bad, notices] = [count('bad'), count('notice')];
  const known = notices === 1 ? '1 thing is worth knowing.' : `${notices} things are worth knowing.`;
  if (bad === 0) return notices === 0 ? 'All is well.' : `Nothing needs you. ${known}`;
  const needs = bad === 1 ? '1 thing needs you.' : `${bad} things need you.`;
  return notices === 0 ? needs : `${needs} ${known}`;
}
