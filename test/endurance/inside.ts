import { renameSync, writeFileSync } from 'node:fs';

/*
 * Loaded into the owner before it starts: on SIGUSR2 it takes out the garbage and writes down what is left, which
 * cannot be seen from outside.
 */

/** What is left in the owner. */
export interface Inside {
  readonly heapMB: number;
  /** Buffers and the like. */
  readonly externalMB: number;
  readonly residentMB: number;
  readonly timers: number;
}

const MB = 1024 * 1024;

const file = new URL(import.meta.url).searchParams.get('file') ?? '';

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const inside: Inside = {
    heapMB: heapUsed / MB,
    externalMB: external / MB,
    residentMB: rss / MB,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  };
  writeFileSync(`${file}.new`, JSON.stringify(inside));
  renameSync(`${file}.new`, file);
});
