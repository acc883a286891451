import type { Paths } from '../base/paths.ts';
import { DoctorArea, type DoctorCheck, type DoctorReport } from '../contract/doctor.ts';
import type { BridgeError } from '../contract/errors.ts';
import { documentsOf } from './config-files.ts';
import { checksOf, type Finding, isTrouble } from './findings.ts';
import type { OutsideLook } from './outside.ts';

const itself = checksOf('gangway');
const files = checksOf('files');
const doors = checksOf('doors');

/** A report of these findings, in the order of the areas. */
export function reportOf(version: string, at: Date, findings: readonly Finding[]): DoctorReport {
  const areas = DoctorArea.options;
  const checks = findings
    .map(({ id, area, state, subject, text, fix }): DoctorCheck => ({ id, area, state, subject, text, fix }))
    .sort((one, other) => areas.indexOf(one.area) - areas.indexOf(other.area));
  return { at: at.toISOString(), version, checks };
}

/**
 * What the owner said, with what was seen before it was asked and what it does not know of.
 *
 * @param askers names of apps that ask an address, which nobody answers while Gangway does not run by itself.
 */
export function withOwner(
  outside: OutsideLook,
  { version, at, checks }: DoctorReport,
  askers: readonly string[] = [],
): DoctorReport {
  const isKnown = (finding: Finding): boolean =>
    checks.some(({ id, subject }) => id === finding.id && subject === finding.subject);
  const lasting = outside.findings
    .filter((finding) => isTrouble(finding) && !isKnown(finding))
    .flatMap(asItIsNow);
  const unanswered = outside.isRunning || askers.length === 0 ? [] : [notRunning(askers)];
  const replaced = new Set([
    ...(outside.isPortTaken ? ['http-door'] : []),
    ...(unanswered.length > 0 ? ['socket'] : []),
  ]);
  const said = checks
    .filter(({ id }) => !replaced.has(id))
    .map((check) => (outside.isRunning ? check : { ...check, text: idleText(check) }));
  return reportOf(version, new Date(at), [...said, ...unanswered, ...lasting]);
}

/** What is true only as long as this look has it run, told in other words. */
const IDLE: ReadonlyMap<string, string> = new Map([
  ['socket', 'Gangway did not run; it was started for this look.'],
  ['http-door', 'The HTTP door can be opened at its port.'],
]);

function notRunning(askers: readonly string[]): Finding {
  const [who, ...more] = askers;
  const apps = more.length === 0 ? `${who} does` : `${askers.slice(0, 5).join(', ')} do`;
  const text = `Gangway does not run now, so ${apps} not reach it.`;
  return doors.notice('not-running', text, 'Start it and leave it running: gangway serve');
}

function idleText({ id, text }: DoctorCheck): string {
  // The process is this look itself, and gone in a moment.
  return id === 'version' ? text.replace(/, process \d+/, '') : (IDLE.get(id) ?? text);
}

function asItIsNow(finding: Finding): Finding[] {
  const { lasts } = finding;
  if (lasts === undefined) return [];
  return [lasts === 'as-it-is' ? finding : { ...finding, ...lasts }];
}

/**
 * What can be said without the owner. What keeps it from being asked is a check of its own, unless the look from outside
 * has found the cause already.
 */
export function withoutOwner(
  { findings }: OutsideLook,
  failure: BridgeError | undefined,
  { version, at, paths }: { readonly version: string; readonly at: Date; readonly paths: Paths },
): DoctorReport {
  const isExplained = findings.some(({ state }) => state === 'bad');
  return reportOf(version, at, [...findings, ...failureFindings(failure, isExplained, paths)]);
}

function failureFindings(failure: BridgeError | undefined, isExplained: boolean, paths: Paths): Finding[] {
  const { code, message } = failure ?? { code: 'internal', message: '' };
  const unseen = itself.skipped(
    'bridge',
    'Gangway could not be asked, so the keychain, the network, accounts and apps were not looked at.',
  );
  if (code === 'newer-file') {
    const places = documentsOf(paths).map(([, path]) => path);
    const path = places.find((place) => message.includes(place)) ?? paths.vault;
    const text = 'A newer Gangway wrote this file, so this one leaves it alone and does not start.';
    return [files.bad('file-newer', text, 'Update Gangway to the version you used last.', path), unseen];
  }
  if (isExplained || failure === undefined) return [unseen];
  return [
    itself.bad(
      'bridge-unusable',
      `Gangway cannot be asked: ${message}`,
      'Look at the end of logs/gangway.log in the data folder; it names the place.',
    ),
  ];
}
