import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { format } from 'node:util';
import { collect, collectError, watchProcess } from './collect.ts';

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** Collects what is printed by this console. Nothing is held back. */
export function watchConsole(console: Console): void {
  for (const method of METHODS) {
    const print = console[method].bind(console);
    console[method] = (...parts: unknown[]) => {
      collect('console of the test process', `${format(...parts)}\n`);
      print(...parts);
    };
  }
}

/**
 * Collects what the test process itself prints: both standard streams, and writes to file descriptors 1 and 2, which is
 * how synchronous loggers print. Nothing is held back.
 */
export function watchOwnOutput(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    stream.write = collecting(`${name} of the test process`, stream.write.bind(stream));
  }
  const writeSync = fs.writeSync;
  fs.writeSync = ((descriptor: number, ...rest: [string]) => {
    if (descriptor === 1 || descriptor === 2)
      collectPiece(`descriptor ${descriptor} of the test process`, rest[0]);
    return writeSync(descriptor, ...rest);
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
}

/** Collects the error by which the test process would end. */
export function watchOwnErrors(): void {
  process.on('uncaughtExceptionMonitor', (error) => collectError('uncaught error', error));
}

/** Watches every child that the test process starts, as `watchProcess` does. */
export function watchOwnChildren(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess };
    child.once('spawn', () => watchProcess(child));
  });
}

function collecting(place: string, write: typeof process.stdout.write): typeof process.stdout.write {
  return ((...parts: Parameters<typeof process.stdout.write>) => {
    collectPiece(place, parts[0]);
    return write(...parts);
  }) as typeof process.stdout.write;
}

function collectPiece(place: string, piece: unknown): void {
  if (typeof piece === 'string') collect(place, piece);
  else if (piece instanceof Uint8Array) collect(place, Uint8Array.from(piece));
}
