import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { limits } from '../base/limits.ts';
import type { CommandLine } from '../connectors/command.ts';
import type { BridgeError } from '../contract/errors.ts';
import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from './channel.ts';
import { Correlator } from './correlator.ts';
import { LineSplitter } from './lines.ts';
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

/** A workspace that is a local command speaking MCP on its stdin and stdout, one JSON line per message. */
export class CommandChannel implements UpChannel {
  protocolVersion: string | undefined;
  readonly #workspace: Workspace;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #correlator = new Correlator();
  readonly #gone: Promise<void>;
  #greeted = false;
  #complaint = '';
  #closing = false;

  constructor({ command, args, cwd }: CommandLine, workspace: Workspace) {
    this.#workspace = workspace;
    const env = Object.fromEntries(
      PASSED_ON.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    this.#child = spawn(command, args, { env, windowsHide: true, stdio: 'pipe', ...(cwd ? { cwd } : {}) });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-MOST_COMPLAINT);
    });
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', () => this.#end(resolve));
      this.#child.on('close', () => this.#end(resolve));
    });
    void this.#read();
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    const isGreeting = request.method === 'initialize';
    if (this.#greeted && this.#child.exitCode !== null) throw new SessionLost();
    const timer = new AbortController();
    const late = setTimeout(() => timer.abort(), limits.commandStartMs);
    const signal = isGreeting ? AbortSignal.any([request.signal, timer.signal]) : request.signal;
    try {
      await this.#correlator.expect({ ...request, signal }, () => this.#write(request.bytes));
      if (isGreeting) this.#greeted = true;
    } catch (error) {
      if (timer.signal.aborted && !request.signal.aborted) throw this.#refusal('did not answer in time');
      throw error;
    } finally {
      clearTimeout(late);
    }
    return { kind: 'complete' };
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes);
  }

  listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    return this.#correlator.listen(onMessage, signal);
  }

  resume(): Promise<ExchangeEnd> {
    throw new SessionLost();
  }

  async #read(): Promise<void> {
    const splitter = new LineSplitter(limits.answerBytes);
    try {
      for await (const chunk of this.#child.stdout as AsyncIterable<Buffer>) {
        for (const line of splitter.feed(chunk)) {
          if (line && line.length > 0) await this.#correlator.receive(line);
        }
      }
    } catch {
      // The close event tells what happened.
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.stdin.writable) throw this.#failure();
    // A newline inside a pretty-printed message would split it in two.
    const line = bytes.includes(0x0a)
      ? Buffer.from(JSON.stringify(JSON.parse(Buffer.from(bytes).toString())))
      : bytes;
    const stdin = this.#child.stdin;
    stdin.write(line);
    if (!stdin.write('\n')) await Promise.race([once(stdin, 'drain'), this.#gone]);
  }

  #end(resolve: () => void): void {
    this.#correlator.fail(this.#failure());
    resolve();
  }

  #failure(): Error {
    if (this.#closing) return new SessionLost();
    if (!this.#greeted) return this.#refusal('refused to start');
    return troubleOf(
      this.#workspace.account,
      'outcome-unknown',
      `The local command of ${this.#workspace.account.label} ended. A running call may or may not have been carried out; the next call starts it again.`,
      { mayHaveRun: true },
    );
  }

  #refusal(what: string): BridgeError {
    const text = this.#workspace
      .withoutSecrets(this.#complaint)
      .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .trim()
      .slice(-150);
    const says = text === '' ? '' : ` It says: "${text}"`;
    const message = `The local command of ${this.#workspace.account.label} ${what}.${says}`;
    return troubleOf(this.#workspace.account, 'refused', message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    // MCP 2025-11-25 lifecycle, shutdown over stdio: close stdin, then terminate, then kill.
    this.#child.stdin.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const waited = AbortSignal.timeout(limits.shutdownMs / 5);
      const isGone = await Promise.race([
        this.#gone.then(() => true),
        new Promise<false>((resolve) => waited.addEventListener('abort', () => resolve(false))),
      ]);
      if (isGone) return;
      this.#child.kill(signal);
    }
    await this.#gone;
  }
}
