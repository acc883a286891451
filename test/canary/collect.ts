import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { ownerOf, plantedCount, WINDOW } from './canary.ts';
import { findLeaks, type Leak } from './scan.ts';

/** Where secrets may be found after all, and why. Narrow it to one secret whenever possible. */
export interface Allowed {
  /** The whole name of the place, or a pattern of it. */
  readonly place: string | RegExp;
  /** For the reader of the test. */
  readonly because: string;
  /** Only this one, as `canary` returned it; all when absent. */
  readonly secret?: string;
}

const POLL_MS = 50;
/** Places that grow beyond this are searched early, so that long tests do not keep all their output. */
const KEPT = 8 * 1024 * 1024;
/** Kept after an early search, for a secret at the seam. */
const SEAM = 4096;

interface Gathered {
  pieces: (string | Uint8Array)[];
  size: number;
  /** Searched and thrown away. */
  dropped: number;
}

const texts = new Map<string, Gathered>();
const watched = new WeakSet<ChildProcess>();
const folders = new Set<string>();
const cleanFiles = new Map<string, string>();
const found: Leak[] = [];
const running = new Map<number, string>();
let allowed: { where: Allowed; lasts: 'test' | 'file' }[] = [];
let inTest = false;
let poll: NodeJS.Timeout | undefined;

/**
 * Adds something the test saw to what is searched for secrets when it ends: an answer to a client, bytes a server
 * received, a notification. Pieces of one place are joined before the search.
 */
export function collect(place: string, content: string | Uint8Array): void {
  const gathered = texts.get(place) ?? { pieces: [], size: 0, dropped: 0 };
  texts.set(place, gathered);
  gathered.pieces.push(content);
  gathered.size += content.length;
  if (gathered.size < KEPT) return;
  const whole = joined(gathered.pieces);
  searchText(place, gathered);
  gathered.pieces = [typeof whole === 'string' ? whole.slice(-SEAM) : Uint8Array.from(whole.subarray(-SEAM))];
  gathered.dropped += whole.length - SEAM;
  gathered.size = SEAM;
}

/** Adds an error with its message, stack, causes and properties, as a log or a crash report would show it. */
export function collectError(place: string, error: unknown): void {
  collect(place, inspect(error, { depth: 10, maxArrayLength: null, maxStringLength: null }));
  if (error instanceof Error) collect(place, `\n${error.message}\n${error.stack ?? ''}\n`);
}

/**
 * Says that secrets may appear in a place, for example in the one header of the one server an account belongs to,
 * until the end of this test, or of the test file when called outside a test. Everything else stays forbidden.
 */
export function allowSecrets(where: Allowed): void {
  allowed.push({ where, lasts: lifetime() });
}

/** How long something made now lasts: until this test ends, or until the test file ends. */
export function lifetime(): 'test' | 'file' {
  return inTest ? 'test' : 'file';
}

/** Tells the collectors that a test begins. */
export function beginTest(): void {
  inTest = true;
}

/**
 * Collects what a child prints and sends by IPC and, on Linux, its command line and environment and those of its
 * descendants while they live. Does not consume streams and messages: what the test reads is collected on its way.
 */
export function watchProcess(child: ChildProcess, label = nameOf(child)): void {
  if (watched.has(child)) return;
  watched.add(child);
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    if (stream) tap(stream, `${name} of ${label}`);
  }
  const emit = child.emit.bind(child);
  // A listener would take messages away from those that begin to listen later.
  child.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event === 'message') collect(`messages of ${label}`, inspect(values[0], { depth: 10 }));
    return (emit as (event: string | symbol, ...values: unknown[]) => boolean)(event, ...values);
  };
  collect(`argv given to ${label}`, child.spawnargs.join('\0'));
  if (child.pid === undefined || process.platform !== 'linux') return;
  running.set(child.pid, label);
  lookAtProcesses();
  poll ??= setInterval(lookAtProcesses, POLL_MS).unref();
}

/** Collects every byte a server receives, so that credentials sent to the wrong place are found. */
export function watchServer(server: Server, label: string): void {
  server.on('connection', (socket) => {
    socket.on('data', (bytes: Uint8Array) => collect(`bytes received by ${label}`, Uint8Array.from(bytes)));
  });
}

/** Searches every file below the folder, names included, when the test ends. */
export function watchFolder(folder: string): void {
  folders.add(folder);
}

/** Searches the folder now and stops watching it; for folders that are about to be removed. */
export function releaseFolder(folder: string): void {
  if (folders.delete(folder)) found.push(...searchFolder(folder));
}

/** Everything found since the last call, without the allowed places. Ends what lasts as long as the test. */
export function endTest(): Leak[] {
  inTest = false;
  lookAtProcesses();
  for (const [place, gathered] of texts) searchText(place, gathered);
  texts.clear();
  for (const folder of folders) found.push(...searchFolder(folder));
  const leaks = found.splice(0).filter((leak) => !allowed.some(({ where }) => covers(where, leak)));
  allowed = allowed.filter(({ lasts }) => lasts === 'file');
  return leaks;
}

function covers(where: Allowed, leak: Leak): boolean {
  if (where.secret !== undefined && ownerOf(where.secret.slice(-WINDOW)) !== leak.secret) return false;
  return typeof where.place === 'string' ? where.place === leak.place : where.place.test(leak.place);
}

function nameOf({ pid, spawnargs, spawnfile }: ChildProcess): string {
  const program = spawnargs.slice(1).find((word) => !word.startsWith('-'));
  return `child ${pid} (${basename(program ?? spawnfile)})`;
}

function tap(stream: Readable, place: string): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (typeof chunk === 'string') collect(place, chunk);
    else if (chunk instanceof Uint8Array) collect(place, Uint8Array.from(chunk));
    return push(chunk, encoding);
  };
}

function lookAtProcesses(): void {
  for (const [pid, label] of running) {
    try {
      for (const file of ['cmdline', 'environ']) {
        const place = `${file} of ${label}`;
        const bytes = readFileSync(`/proc/${pid}/${file}`);
        const last = texts.get(place)?.pieces.at(-1);
        if (!(last instanceof Uint8Array && bytes.equals(last))) collect(place, bytes);
      }
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
      for (const child of children.split(' ').filter(Boolean).map(Number)) {
        if (!running.has(child)) running.set(child, `${label} > child ${child}`);
      }
    } catch {
      running.delete(pid);
    }
  }
  if (running.size === 0 && poll) {
    clearInterval(poll);
    poll = undefined;
  }
}

function searchText(place: string, { pieces, dropped }: Gathered): void {
  for (const leak of findLeaks(place, joined(pieces))) found.push({ ...leak, offset: dropped + leak.offset });
}

function searchFolder(folder: string): Leak[] {
  const leaks: Leak[] = [];
  for (const path of filesBelow(folder)) {
    const state = fileState(path);
    if (state === undefined || cleanFiles.get(path) === state) continue;
    const inFile = searchFile(path);
    if (inFile.length === 0) cleanFiles.set(path, state);
    leaks.push(...inFile);
  }
  return leaks;
}

function searchFile(path: string): Leak[] {
  const leaks = findLeaks(`name of ${path}`, path);
  try {
    return [...leaks, ...findLeaks(`file ${path}`, readFileSync(path))];
  } catch {
    return leaks;
  }
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

function fileState(path: string): string | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [ino, size, mtimeMs, ctimeMs, plantedCount()].join(' ');
  } catch {
    return undefined;
  }
}

function joined(pieces: (string | Uint8Array)[]): string | Uint8Array {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
