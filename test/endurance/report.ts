import type { Found } from './clients.ts';
import type { Inside } from './inside.ts';
import type { Verdict } from './judge.ts';
import type { Flatness } from './memory.ts';
import { Latency } from './records.ts';
import type { Seen } from './workspaces.ts';

/** How far the memory of a life may stand above where it stood when it was warm. */
const MOST_GROWTH = 1.1;
/** Connections and their timers come and go with calls and restarts. */
const MOST_MORE = 50;

export interface Outcome {
  readonly seconds: number;
  readonly options: { readonly clients: number; readonly seed: number };
  readonly found: Found;
  readonly seen: Seen;
  readonly verdict: Verdict;
  readonly leaks: readonly string[];
  readonly counts: {
    readonly kills: number;
    readonly restarts: number;
    readonly switches: number;
    readonly failedSwitches: number;
    /** Sign-ins that nobody here began. */
    readonly uninvited: number;
  };
  /** Sign-ins lost because an owner was killed between the server's answer and the end of its saving. */
  readonly interrupted: number;
  /** Sign-ins lost for any other reason, in words. */
  readonly unplanned: readonly string[];
  /** Clients were told to sign in while no account was interrupted. */
  readonly strayRefusals: number;
  /** Errors in the log of the owner. */
  readonly faults: readonly string[];
  readonly flatness: Flatness;
  /** What was left in the owner after its garbage was taken out. */
  readonly inside: { readonly warm: Inside | undefined; readonly end: Inside | undefined };
  /** Resident memory of the largest shim: after the first minute, and at the end. */
  readonly shimMB: { readonly warm: number; readonly end: number };
}

export interface EnduranceReport extends Outcome {
  readonly calls: number;
  /** Everything that must not be, in words; empty when all is well. */
  readonly wrong: readonly string[];
}

/** Adds up a run and says what was wrong with it. */
export function reportOf(outcome: Outcome): EnduranceReport {
  const { found, seen, verdict, counts, flatness, interrupted } = outcome;
  const numbers: Readonly<Record<string, number>> = {
    'calls lost': verdict.lost,
    'calls carried out twice': verdict.doubled,
    'answers that nobody waited for': found.extraAnswers,
    'calls misrouted': verdict.misrouted,
    'answers that were not true': verdict.falsehoods,
    'credentials or sessions astray': seen.astray,
    'secrets leaked': outcome.leaks.length,
    'unexpected answers': found.unexpected.length,
    'sign-ins lost without a kill': outcome.unplanned.length,
    'refusals for want of a sign-in': outcome.strayRefusals,
    'sign-ins that nobody began': counts.uninvited,
    'renewals refused without a kill': Math.max(0, seen.refusedRenewals - interrupted),
    'errors in the log of the owner': outcome.faults.length,
  };
  const wrong = Object.entries(numbers).flatMap(([what, count]) =>
    count === 0 ? [] : [`${what}: ${count}`],
  );
  if (interrupted > counts.kills * 4)
    wrong.push(`sign-ins interrupted: ${interrupted} by ${counts.kills} kills`);
  if (flatness.isJudged && !(flatness.ratio <= MOST_GROWTH)) {
    wrong.push(`memory of the owner grew to ${flatness.ratio.toFixed(2)} of what it was after a minute`);
  }
  if (flatness.isJudged && flatness.endFiles > flatness.warmFiles + MOST_MORE) {
    wrong.push(`open files of the owner grew from ${flatness.warmFiles} to ${flatness.endFiles}`);
  }
  const { warm, end } = outcome.inside;
  if (flatness.isJudged && warm && end) {
    if (end.heapMB > warm.heapMB * MOST_GROWTH) wrong.push(`heap of the owner grew: ${heapOf(outcome)}`);
    if (end.timers > warm.timers + MOST_MORE) {
      wrong.push(`timers of the owner grew from ${warm.timers} to ${end.timers}`);
    }
  }
  const calls = found.sent.reduce((sum, [, count]) => sum + count, 0);
  const examples = [
    ...verdict.examples,
    ...new Set(found.unexpected.slice(0, 20)),
    ...outcome.leaks.slice(0, 20),
    ...outcome.unplanned,
    ...outcome.faults.slice(0, 20),
  ];
  return {
    ...outcome,
    calls,
    wrong: wrong.length === 0 ? [] : [...wrong, ...examples.map((one) => `  ${one}`)],
  };
}

/** The report as text: a name and its figures per line. */
export function tableOf(report: EnduranceReport): string {
  const { found, seen, verdict, counts, flatness, shimMB } = report;
  const latency = new Latency([...found.latency]);
  const same = flatness.sameMoment;
  const rows: readonly (readonly [string, string])[] = [
    ['calls', String(report.calls)],
    ['seconds', report.seconds.toFixed(0)],
    ['calls/s', (report.calls / report.seconds).toFixed(0)],
    ['clients', String(report.options.clients)],
    ['seed', String(report.options.seed)],
    ...Object.entries(found.answered)
      .toSorted()
      .map(([way, count]) => [`answered ${way}`, String(count)] as const),
    ...Object.entries(found.errors)
      .toSorted()
      .map(([kind, count]) => [`error ${kind}`, String(count)] as const),
    ['carried out by workspaces', String(seen.executed)],
    ['kills of the owner', String(counts.kills)],
    ['restarts of workspaces', String(counts.restarts)],
    ['switches', `${counts.switches}, ${counts.failedSwitches} refused`],
    ['renewals', `${seen.renewals}, ${seen.refusedRenewals} refused`],
    ['sign-ins interrupted by a kill', String(report.interrupted)],
    ['lost', String(verdict.lost)],
    ['doubled', String(verdict.doubled + found.extraAnswers)],
    ['misrouted', String(verdict.misrouted + seen.astray)],
    ['untrue answers', String(verdict.falsehoods)],
    ['leaked', String(report.leaks.length)],
    ['unexpected', String(found.unexpected.length)],
    ['unplanned sign-ins', String(report.unplanned.length + counts.uninvited)],
    ['latency p50, p99', `${latency.at(0.5).toFixed(1)} ms, ${latency.at(0.99).toFixed(1)} ms`],
    [
      'owner, warm and end',
      `${flatness.warmMB.toFixed(1)} MB, ${flatness.endMB.toFixed(1)} MB, ratio ${flatness.ratio.toFixed(3)}` +
        `${flatness.isJudged ? '' : ' (too short to judge)'}`,
    ],
    ['owner, most', `${flatness.mostMB.toFixed(1)} MB in ${flatness.lifeSeconds.toFixed(0)} s`],
    ...(same
      ? [
          [
            'owner, first and last life',
            `${same.firstMB.toFixed(1)} MB, ${same.lastMB.toFixed(1)} MB after ${same.seconds.toFixed(0)} s`,
          ] as const,
        ]
      : []),
    ['heap without garbage, warm and end', heapOf(report)],
    ['timers, warm and end', `${report.inside.warm?.timers ?? '-'}, ${report.inside.end?.timers ?? '-'}`],
    ['open files, warm and end', `${flatness.warmFiles}, ${flatness.endFiles}`],
    ['largest shim, warm and end', `${shimMB.warm.toFixed(2)} MB, ${shimMB.end.toFixed(2)} MB`],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(36)}${value}\n`);
  return [...lines, ...report.wrong.map((line) => `WRONG  ${line}\n`)].join('');
}

function heapOf({ inside: { warm, end } }: Outcome): string {
  return `${warm?.heapMB.toFixed(1) ?? '-'} MB, ${end?.heapMB.toFixed(1) ?? '-'} MB (resident ${warm?.residentMB.toFixed(0) ?? '-'}, ${end?.residentMB.toFixed(0) ?? '-'})`;
}
