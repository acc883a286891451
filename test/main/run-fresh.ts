import { fileURLToPath } from 'node:url';

let runs = 0;

/** Runs a program of `main/` from its beginning, as often as a test likes; what it imports is shared. */
export async function runFresh(file: 'index.ts' | 'preload.ts'): Promise<void> {
  runs += 1;
  const program = `${fileURLToPath(new URL(`../../main/${file}`, import.meta.url))}?run=${runs}`;
  await import(/* @vite-ignore */ program);
}
