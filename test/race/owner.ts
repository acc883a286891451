import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pathsFor } from '#bridge/base/paths.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import { Owner } from '#bridge/control/owner.ts';
import { BridgeError } from '#contract/errors.ts';

const COMMAND_LINE = fileURLToPath(new URL('../../bridge/cli/main.ts', import.meta.url));

/** One line of the owner's log. */
export interface LogLine {
  readonly msg?: string;
  readonly [fact: string]: unknown;
}

/** A real `gangway serve` that can be killed and started again on the same folder. */
export class OwnerProcess implements AsyncDisposable {
  readonly home: string;
  readonly log: LogLine[] = [];
  url = '';
  #child: ChildProcess | undefined;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #nodeArgs: readonly string[];
  #control: Owner | undefined;

  private constructor(folder: string, environment: NodeJS.ProcessEnv, nodeArgs: readonly string[]) {
    this.home = join(folder, 'home');
    this.#environment = environment;
    this.#nodeArgs = nodeArgs;
  }

  /**
   * Starts the first one. Its vault is sealed by a passphrase, unless `keychain` is the environment in which a keychain
   * is found. `nodeArgs` are options of Node itself, such as `--cpu-prof`.
   */
  static async start(
    folder: string,
    keychain?: NodeJS.ProcessEnv,
    nodeArgs: readonly string[] = [],
  ): Promise<OwnerProcess> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const passphrase = join(folder, 'passphrase');
    await writeFile(passphrase, randomBytes(24).toString('base64url'), { mode: 0o600 });
    const sealed = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: folder,
      GANGWAY_VAULT: 'passphrase',
      GANGWAY_PASSPHRASE_FILE: passphrase,
    };
    const owner = new OwnerProcess(folder, keychain ?? sealed, nodeArgs);
    await owner.start();
    return owner;
  }

  /** The contract, over the owner's socket; finds the next owner by itself after a restart. */
  get control(): ControlClient {
    this.#control ??= new Owner({
      paths: pathsFor(this.home, {}),
      client: 'race',
      // Between a kill and the next start there is none; the caller looks again.
      start: () => Promise.reject(new BridgeError('owner-running', 'It is just starting.')),
      signal: new AbortController().signal,
    });
    return this.#control.client;
  }

  /** Of the owner that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const words = [...this.#nodeArgs, COMMAND_LINE, '--home', this.home, 'serve', '--json'];
    const child = spawn(process.execPath, words, {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => {
      try {
        this.log.push(JSON.parse(line) as LogLine);
      } catch {
        this.log.push({ msg: line });
      }
    });
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'close').then(() => undefined);
    const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), ended]);
    if (line === undefined) throw new Error(`The owner did not start: ${JSON.stringify(this.log.slice(-3))}`);
    this.url = (JSON.parse(line) as { url: string }).url;
  }

  /** `kill -9`: nothing is written, nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as a shutdown does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await this.#control?.[Symbol.asyncDispose]();
    this.#control = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
