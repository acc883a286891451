import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as pause } from 'node:timers/promises';
import { lifetime } from '../canary/collect.ts';
import { broken } from './broken.ts';
import { Ledger } from './ledger.ts';

/** How the two shims and the command in front of them are started. */
const SHIM = /bridge\/shim\/main\.ts$|gangway-shim(?:\.cjs)?$/;
const COMMAND_LINE = /bridge\/cli\/main\.ts$|\/gangway$/;
/** A shim whose client is still there answers within this time. */
const GRACE_MS = 2_000;
const LOOK_MS = 10;
const SHOWN = 120;

const open = new Map<StdioClient, 'test' | 'file'>();

/** Listens to every shim that the test process starts: what the client writes to it, and what it writes to stdout. */
export function watchStdioClients(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess };
    const spawn: unknown = Reflect.get(child, 'spawn');
    if (typeof spawn !== 'function')
      throw new Error('Node starts children in another way than this file expects.');
    // Its pipes are there when this returns, and nothing was written yet.
    Reflect.set(child, 'spawn', (...given: unknown[]) => {
      const result: unknown = Reflect.apply(spawn, child, given);
      if (isShim(child.spawnargs ?? []) && child.stdin && child.stdout) new StdioClient(child);
      return result;
    });
  });
}

/** Waits until the clients that are still there have their answers, and judges those that belong to what ends now. */
export async function endStdioClients(of: 'test' | 'file'): Promise<void> {
  for (const [client, lasts] of open) {
    if (of === 'test' && lasts === 'file') continue;
    await client.end();
    open.delete(client);
  }
}

function isShim(words: readonly string[]): boolean {
  if (words.includes('-e')) return false;
  if (words.some((word) => SHIM.test(word))) return true;
  return words.some((word) => COMMAND_LINE.test(word)) && words.includes('stdio');
}

/** One shim and its client. */
class StdioClient {
  readonly #child: ChildProcess;
  readonly #ledger: Ledger;
  readonly #name: string;
  #hasLeft = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#name = `the client of shim ${child.pid}`;
    this.#ledger = new Ledger(this.#name);
    open.set(this, lifetime());
    this.#listenToClient();
    this.#listenToShim();
    child.once('close', (code, signal) => this.#closed(code, signal));
  }

  /** Nothing waits any more, or the client is gone. */
  async end(): Promise<void> {
    const isThere = (): boolean => !this.#hasLeft && this.#child.exitCode === null && !this.#child.killed;
    for (let waited = 0; isThere() && this.#ledger.waiting.length > 0; waited += LOOK_MS) {
      if (waited >= GRACE_MS) return this.#ledger.ends();
      await pause(LOOK_MS);
    }
  }

  #listenToClient(): void {
    const { stdin } = this.#child;
    if (!stdin) return;
    const lines = new Lines((line) => this.#ledger.asks(line));
    const [write, end] = [stdin.write.bind(stdin), stdin.end.bind(stdin)];
    stdin.write = ((chunk: unknown, ...rest: []) => {
      lines.take(chunk);
      return write(chunk as string, ...rest);
    }) as typeof stdin.write;
    stdin.end = ((chunk: unknown, ...rest: []) => {
      if (typeof chunk !== 'function') lines.take(chunk);
      // The end of stdin ends the last line, too.
      lines.take('\n');
      this.#hasLeft = true;
      return end(chunk as string, ...rest);
    }) as typeof stdin.end;
    stdin.once('close', () => {
      this.#hasLeft = true;
    });
  }

  #listenToShim(): void {
    const { stdout } = this.#child;
    if (!stdout) return;
    const lines = new Lines((line) => {
      if (!isMessage(line)) broken('INV-2', `stdout of a shim: ${shown(line)}`);
      this.#ledger.hears(line);
    });
    const push = stdout.push.bind(stdout);
    stdout.push = (chunk: unknown, encoding?: BufferEncoding) => {
      lines.take(chunk);
      return push(chunk, encoding);
    };
    stdout.once('close', () => {
      // Given up before its end: nobody listens any more.
      if (!stdout.readableEnded) this.#hasLeft = true;
    });
    this.#child.once('close', (_code, signal) => {
      // A killed one may be in the middle of a line, and nobody reads it.
      if (signal === null && lines.rest !== '')
        broken('INV-2', `stdout ends within a line: ${shown(lines.rest)}`);
    });
  }

  #closed(code: number | null, signal: NodeJS.Signals | null): void {
    // It never was anybody's server: wrong use, or a place that is not its owner's (rows ST-07, ST-08).
    const isRefusal = code === 2;
    if (!this.#hasLeft && !isRefusal && signal === null && !this.#child.killed) this.#ledger.ends();
    this.#hasLeft = true;
  }
}

/** INV-2: a line of stdout is one whole JSON-RPC message, or a batch of them. */
function isMessage(line: string): boolean {
  try {
    const read: unknown = JSON.parse(line);
    const parts: unknown[] = Array.isArray(read) ? read : [read];
    return parts.every((part) => (part as { jsonrpc?: unknown } | null)?.jsonrpc === '2.0');
  } catch {
    return false;
  }
}

function shown(line: string): string {
  return JSON.stringify(line.slice(0, SHOWN));
}

/** Cuts what passes into lines. */
class Lines {
  rest = '';
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(chunk: unknown): void {
    if (typeof chunk === 'string') this.rest += chunk;
    else if (chunk instanceof Uint8Array) this.rest += this.#decoder.write(Buffer.from(chunk));
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#onLine(line);
  }
}
