import {
  type ChildProcessWithoutNullStreams,
  type SpawnOptionsWithoutStdio,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import { limits } from '../base/limits.ts';
import { LineSplitter } from '../base/line-splitter.ts';
import { oneLine } from '../base/text.ts';
import type { CommandLine } from '../connectors/command.ts';
import type { BridgeError } from '../contract/errors.ts';
import { withoutLineEnds } from '../jsonrpc/line-ends.ts';
import { SessionLost, type UpRequest } from './channel.ts';
import { Correlator } from './correlator.ts';
import type { Waits } from './http.ts';
import { troubleOf, type Workspace } from './workspace.ts';

/** Variables a local command may need to run at all; everything else, above all secrets, stays here. */
const PASSED_ON = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TMPDIR',
  'USER',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'SystemRoot',
  'TEMP',
  'TMP',
  'PATHEXT',
  'COMSPEC',
];

const MOST_COMPLAINT = 2000;
const CANNOT_START: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such program or folder.',
  EACCES: 'This file may not be run.',
};
/** A process group of its own, so that what the command starts ends with it. Windows has no such groups. */
const OWN_GROUP = process.platform !== 'win32';

/** A local command that runs, and the lines it exchanges on its stdin and stdout, one JSON message each. */
export class CommandPipe implements AsyncDisposable {
  /** Finds the request that a line belongs to. */
  readonly correlator = new Correlator();
  /** It has answered as it should, so that its end is no failure to start. */
  greeted = false;
  readonly #workspace: Workspace;
  readonly #waits: Waits;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gone: Promise<void>;
  #ended = false;
  #complaint = '';
  #closing = false;

  constructor({ command, args, cwd }: CommandLine, workspace: Workspace, waits: Waits) {
    this.#workspace = workspace;
    this.#waits = waits;
    const env = Object.fromEntries(
      PASSED_ON.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const how = { env, windowsHide: true, detached: OWN_GROUP, ...(cwd ? { cwd } : {}) };
    this.#child = start(command, args, { ...how, stdio: 'pipe' }, workspace);
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-MOST_COMPLAINT);
    });
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error: NodeJS.ErrnoException) => {
        this.#complaint ||= CANNOT_START[error.code ?? ''] ?? '';
        if (this.#child.pid === undefined) this.#end(resolve);
      });
      this.#child.on('close', () => this.#end(resolve));
    });
    void this.#read();
  }

  /** Nothing can be said to it any more. */
  get ended(): boolean {
    return this.#ended || !this.#child.stdin.writable;
  }

  /**
   * Sends a request; resolves when its answer has been handed over.
   * @param mostMs to wait for it, where the command may be one that never answers.
   */
  async ask(request: UpRequest, mostMs?: number): Promise<void> {
    const timer = new AbortController();
    const late = mostMs === undefined ? undefined : setTimeout(() => timer.abort(), mostMs);
    const signal = AbortSignal.any([request.signal, timer.signal]);
    try {
      await this.correlator.expect({ ...request, signal }, () => this.write(request.bytes));
    } catch (error) {
      if (timer.signal.aborted && !request.signal.aborted) throw this.#refusal('did not answer in time');
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #read(): Promise<void> {
    const splitter = new LineSplitter(limits.answerBytes);
    try {
      for await (const chunk of this.#child.stdout as AsyncIterable<Buffer>) {
        for (const piece of splitter.take(chunk)) {
          if (piece.kind === 'line') await this.correlator.receive(piece.bytes);
          else this.correlator.rejectWaiting(this.#tooLarge());
        }
      }
    } catch {
      // The close event tells what happened.
    }
  }

  /** @throws SessionLost when the command ended since it greeted, so that nothing was said; BridgeError when it never did. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (this.ended) throw this.greeted ? new SessionLost() : this.#failure();
    stdin.write(withoutLineEnds(bytes));
    if (stdin.write('\n')) return;
    // A pipe that breaks is the end of the command, which says what became of the message.
    await Promise.race([once(stdin, 'drain').catch(() => this.#gone), this.#gone]);
  }

  #end(resolve: () => void): void {
    this.#ended = true;
    this.correlator.fail(this.#failure());
    resolve();
  }

  /** What becomes of a request that was written and not answered. */
  #failure(): BridgeError {
    const { account } = this.#workspace;
    if (!this.greeted && this.#closing) {
      return troubleOf(account, 'stopping', `The local command of ${account.label} was stopped.`);
    }
    if (!this.greeted) return this.#refusal('refused to start');
    const message = `The local command of ${account.label} ended. A running call may or may not have been carried out; the next call starts it again.`;
    return troubleOf(account, 'outcome-unknown', message, { mayHaveRun: true });
  }

  /** Nobody can tell whose answer it was. */
  #tooLarge(): BridgeError {
    const most = limits.answerBytes / 1024 / 1024;
    const { account } = this.#workspace;
    const message = `An answer from the local command of ${account.label} is larger than ${most} MB and was stopped.`;
    return troubleOf(account, 'too-large', message, { mayHaveRun: true });
  }

  #refusal(what: string): BridgeError {
    const text = oneLine(this.#workspace.withoutSecrets(this.#complaint), MOST_COMPLAINT).slice(-150).trim();
    const says = text === '' ? '' : ` It says: "${text}"`;
    const message = `The local command of ${this.#workspace.account.label} ${what}.${says}`;
    return troubleOf(this.#workspace.account, 'refused', message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    if (this.#ended || this.#child.pid === undefined) return;
    // MCP 2025-11-25 lifecycle, shutdown over stdio: close stdin, then terminate, then kill.
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const waited = AbortSignal.timeout(this.#waits.shutdownMs / 5);
      const isGone = await Promise.race([
        this.#gone.then(() => true),
        new Promise<false>((resolve) => waited.addEventListener('abort', () => resolve(false))),
      ]);
      if (isGone) return;
      this.#kill(signal);
    }
    // Whatever left the group and still holds the pipes is none of ours.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    await this.#gone;
  }

  #kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child;
    try {
      if (OWN_GROUP && pid !== undefined) process.kill(-pid, signal);
      else this.#child.kill(signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** @throws BridgeError `unreachable` when there is no free file descriptor: Node then gives no pipes to speak through. */
function start(
  command: string,
  args: readonly string[],
  how: SpawnOptionsWithoutStdio,
  { account }: Workspace,
): ChildProcessWithoutNullStreams {
  const child: Partial<ChildProcessWithoutNullStreams> = spawn(command, args, how);
  if (child.stdin) return child as ChildProcessWithoutNullStreams;
  // Why, comes in an event, and one that nobody hears would end this process.
  child.on?.('error', () => undefined);
  const message = `The local command of ${account.label} cannot be started: too many files are open. Try again later.`;
  throw troubleOf(account, 'unreachable', message);
}
