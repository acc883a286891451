import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Conversation } from './conversation.ts';
import type { Era } from './door.ts';
import { cutLines } from './lines.ts';

interface Waiting {
  resolve(line: string): void;
  reject(error: Error): void;
}

/** A client that starts a program and speaks with its stdin and stdout. */
export class LineConversation extends Conversation {
  readonly #child: ChildProcess;
  readonly #stdin: NodeJS.WritableStream;
  readonly #waiting = new Map<number, Waiting>();

  constructor(era: Era, [executable = '', ...words]: readonly string[]) {
    super(era);
    const child = spawn(executable, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#stdin = child.stdin;
    child.stdin.on('error', () => undefined);
    child.stdout.on(
      'data',
      cutLines((line) => this.#take(line)),
    );
    child.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The program ended.'));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #take(line: Buffer): void {
    // The id stands first or last; parsing a megabyte twice would measure the client.
    const ends = `${line.toString('latin1', 0, 200)} ${line.toString('latin1', Math.max(0, line.length - 200))}`;
    const id = Number(/"id":(\d+)/.exec(ends)?.[1]);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // Nobody asked for a notification.
    waiting?.resolve(line.toString('utf8'));
  }

  protected async send(id: number | undefined, _: string, __: unknown, text: string): Promise<string> {
    this.#stdin.write(`${text}\n`);
    if (id === undefined) return '';
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#stdin.end();
    await ended;
  }
}
