import { readdirSync, readFileSync } from 'node:fs';

/**
 * How to start a program that gets this signal when this process is gone, however it went; a test can be killed before
 * it ends what it started. Linux only (prctl PR_SET_PDEATHSIG).
 */
export function dyingWithUs(
  signal: 'KILL' | 'TERM',
  program: string,
  words: readonly string[],
): [program: string, words: string[]] {
  return ['setpriv', ['--pdeathsig', signal, '--', program, ...words]];
}

/** Numbers of the processes that were told of a folder, by an argument or in their environment. Linux only. */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(folder)))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
