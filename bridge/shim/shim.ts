import { limits } from '../base/limits.ts';
import { LineSplitter } from '../base/line-splitter.ts';
import { type Paths, pathsFor } from '../base/paths.ts';
import { connectSocket, type Refusal, refusalTexts } from '../socket/connect.ts';
import { LONGEST_NAME } from '../socket/handshake.ts';
import { tooLargeLine } from './last-words.ts';
import { Link } from './link.ts';
import { Output } from './output.ts';
import type { Program } from './start-owner.ts';

export interface ShimOptions {
  /** Data folder; by default the one of this person. */
  readonly home?: string;
  /** What the client calls itself, for people. */
  readonly client: string;
  /** Where its requests go: `current`, a connector or an account. */
  readonly address: string;
  /** Starts the command line, if it does not run from its source. */
  readonly program?: Program | undefined;
}

/** These say that the owner cannot be trusted or reached by this user at all, so waiting is of no use. */
const FATAL: readonly Refusal[] = ['key', 'socket', 'proof'];

/**
 * Carries the lines of an MCP client on stdin and stdout to the owner of the data folder and back, until one of them
 * is gone. Ends the process: 0 when the client closed stdin or stdout, died, or a signal came; 1 when there is no data
 * folder, 2 when the owner cannot be trusted, with the reason on stderr. Writes nothing but complete JSON-RPC lines to stdout.
 */
export async function runShim(options: ShimOptions): Promise<void> {
  const stdout = process.stdout;
  // Whatever else in this process prints, it must not end up between two messages (MCP, stdio transport).
  Object.defineProperty(process, 'stdout', { get: () => process.stderr, configurable: true });
  process.stderr.on('error', () => undefined);
  const paths = pathsOrNone(options.home);
  if (!paths) return;
  const stopping = new AbortController();
  const leave = (code: number): never => process.exit(code);
  const output = new Output(stdout, () => leave(0));
  const link = new Link({
    connect: (signal) =>
      connectSocket({
        role: 'mcp',
        client: options.client.slice(0, LONGEST_NAME),
        address: options.address.slice(0, LONGEST_NAME),
        socket: paths.socket,
        keyFile: paths.handshakeKey,
        signal,
      }),
    // Seldom needed, and loading it takes time that every start of a client would pay.
    startOwner: async () =>
      (await import('./start-owner.ts')).startOwner(paths, process.env, options.program),
    write: (line) => output.line(line),
    onRefused: (because) => {
      if (!FATAL.includes(because)) return;
      process.stderr.write(`${refusalTexts[because]}\n`);
      leave(2);
    },
    signal: stopping.signal,
  });

  const leaveWithin = (ms: number): NodeJS.Timeout => setTimeout(() => leave(0), ms);
  const finish = async (): Promise<never> => {
    await output.flushed();
    leaveWithin(limits.lingerMs);
    stopping.abort();
    await link.end();
    return leave(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      leaveWithin(limits.signalDrainMs);
      void link.idle().then(finish);
    });
  }
  // Node's own answer to it opens a debugger, which shows what client and bridge say to each other.
  process.on('SIGUSR1', () => undefined);
  watchParent(() => leave(0));

  link.start();
  await readLines(link, output);
  // A client that closed stdin may still want its answers, and may read them slowly.
  const late = leaveWithin(limits.stdinDrainMs);
  await link.idle();
  clearTimeout(late);
  await finish();
}

/** Where the data folder lies; undefined when there is none, which was said then. */
function pathsOrNone(home: string | undefined): Paths | undefined {
  try {
    return pathsFor(home, process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'There is no data folder.'}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

/** Hands over every line of stdin; resolves at its end. */
async function readLines(link: Link, output: Output): Promise<void> {
  const splitter = new LineSplitter();
  const hand = async (pieces: ReturnType<LineSplitter['take']>): Promise<void> => {
    for (const piece of pieces) {
      await (piece.kind === 'line' ? link.say(piece.bytes) : output.line(tooLargeLine(limits.messageBytes)));
    }
  };
  try {
    for await (const chunk of process.stdin) await hand(splitter.take(chunk));
  } catch {
    // A stdin that cannot be read any more has ended.
  }
  await hand(splitter.end());
}

/** An app that dies while a grandchild keeps our stdin open would leave us behind for ever. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, limits.parentCheckMs).unref();
}
