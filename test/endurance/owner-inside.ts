import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inside } from './inside.ts';

const PATIENCE_MS = 20_000;

/** Options of Node with which an owner can be looked into. */
export function openToLooks(folder: string): string[] {
  const program = new URL('./inside.ts', import.meta.url);
  program.searchParams.set('file', fileIn(folder));
  return ['--expose-gc', '--import', program.href];
}

/** Has an owner take out its garbage and say what is left; undefined when it does not answer in time. */
export async function lookInside(folder: string, pid: number): Promise<Inside | undefined> {
  const file = fileIn(folder);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    await sleep(50);
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Inside;
    } catch {
      // Not there yet.
    }
  }
  return undefined;
}

function fileIn(folder: string): string {
  return join(folder, 'inside.json');
}
