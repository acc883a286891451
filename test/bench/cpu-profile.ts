/** What V8 writes for `--cpu-prof`; times in microseconds of the monotonic clock, that of `process.hrtime`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

/** Time in which a function itself was running, without those that it called. */
export interface SelfTime {
  readonly name: string;
  readonly ms: number;
}

export interface SelfTimes {
  readonly functions: readonly SelfTime[];
  readonly files: readonly SelfTime[];
  /** Everything but idling. */
  readonly busyMs: number;
  readonly idleMs: number;
}

/** Sums the samples between two moments per function and per file; `shorten` makes a file's address readable. */
export function selfTimes(
  profile: CpuProfile,
  from: number,
  to: number,
  shorten: (url: string) => string,
): SelfTimes {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let busyMs = 0;
  let idleMs = 0;
  let at = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index] ?? 0;
    const frame = nodes.get(id);
    if (!frame || at < from || at > to) continue;
    // A sample stands until the next one comes.
    const ms = (profile.timeDeltas[index + 1] ?? 0) / 1000;
    if (frame.functionName === '(idle)') {
      idleMs += ms;
      continue;
    }
    busyMs += ms;
    const file = frame.url === '' ? '(V8 and C++)' : shorten(frame.url);
    const where = frame.url === '' ? '' : `  ${file}:${frame.lineNumber + 1}`;
    add(functions, `${frame.functionName || '(anonymous)'}${where}`, ms);
    add(files, file, ms);
  }
  return { functions: sorted(functions), files: sorted(files), busyMs, idleMs };
}

function add(sums: Map<string, number>, name: string, ms: number): void {
  sums.set(name, (sums.get(name) ?? 0) + ms);
}

function sorted(sums: ReadonlyMap<string, number>): SelfTime[] {
  return [...sums].map(([name, ms]) => ({ name, ms })).sort((one, other) => other.ms - one.ms);
}
