import { readdirSync, readFileSync } from 'node:fs';

const isKnown = process.platform === 'linux';

/** Processor time of these processes so far, user and system, all their threads; undefined where it cannot be known. */
export function cpuMs(pids: readonly number[]): number | undefined {
  if (!isKnown) return undefined;
  // What /proc/<pid>/stat says in hundredths of a second, the scheduler says in nanoseconds for each thread.
  const times = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => {
      const [ran = ''] = readIfThere(`/proc/${pid}/task/${thread}/schedstat`).split(' ');
      return Number(ran) / 1e6;
    }),
  );
  return sum(times);
}

/** A thread may end while others are read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** In MB; PSS counts what several processes share once, in parts. */
export interface Memory {
  readonly rss: number;
  readonly pss: number;
}

/** Memory of these processes together; undefined where it cannot be known. */
export function memoryOf(pids: readonly number[]): Memory | undefined {
  if (!isKnown) return undefined;
  const texts = pids.map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const all = (name: string): number => {
    const pattern = new RegExp(`^${name}:\\s+(\\d+)`, 'm');
    return sum(texts.map((text) => Number(pattern.exec(text)?.[1]) / 1024));
  };
  return { rss: all('Rss'), pss: all('Pss') };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
