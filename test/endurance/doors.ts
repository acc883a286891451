import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { type Era, requestHeaders } from './messages.ts';

/** What came back for one message. */
export type Reply =
  | { readonly kind: 'line'; readonly line: string }
  /** Nobody listens; nothing was sent. */
  | { readonly kind: 'refused' }
  /** The connection broke; nobody knows what became of it. */
  | { readonly kind: 'cut' }
  /** The session is not known any more; nothing was carried out. */
  | { readonly kind: 'forgotten' };

/** The way of one client to the bridge, with nothing on it that could hide a fault. */
export interface Door extends AsyncDisposable {
  /** Process that stands between, if there is one. */
  readonly pid: number | undefined;
  send(id: number | undefined, method: string, params: object, text: string): Promise<Reply>;
  /** Forgets the session. */
  startOver(): void;
  /** Listens for what nobody asked for, where that needs a request of its own. */
  listen(): void;
}

/** Told of every message that answers no request of ours that waits. */
export type OnStray = (line: string) => void;

export class HttpDoor implements Door {
  readonly pid = undefined;
  readonly #era: Era;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onStray: OnStray;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  #session: string | undefined;

  constructor(era: Era, url: string, headers: Readonly<Record<string, string>>, onStray: OnStray) {
    this.#era = era;
    this.#url = new URL(url);
    this.#headers = headers;
    this.#onStray = onStray;
  }

  startOver(): void {
    this.#session = undefined;
  }

  async send(_: number | undefined, method: string, params: object, text: string): Promise<Reply> {
    const session = this.#session;
    const own = session === undefined ? {} : { 'mcp-session-id': session };
    const headers = {
      ...requestHeaders(this.#era, method, params),
      ...this.#headers,
      ...own,
      'content-length': Buffer.byteLength(text),
    };
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = ask(this.#url, { agent: this.#agent, method: 'POST', headers }, resolve);
        outgoing.on('error', reject);
        outgoing.end(text);
      });
      const body = await textOf(answer);
      if (answer.statusCode === 404 && session !== undefined) return { kind: 'forgotten' };
      const given = answer.headers['mcp-session-id'];
      if (typeof given === 'string') this.#session = given;
      const isEvents = answer.headers['content-type']?.startsWith('text/event-stream') ?? false;
      return { kind: 'line', line: isEvents ? this.#answerAmong(body) : body };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { kind: code === 'ECONNREFUSED' ? 'refused' : 'cut' };
    }
  }

  #answerAmong(events: string): string {
    const lines = messagesIn(events);
    for (const line of lines.slice(0, -1)) this.#onStray(line);
    return lines.at(-1) ?? '';
  }

  listen(): void {
    if (this.#era !== 'legacy' || this.#session === undefined) return;
    const headers = {
      ...requestHeaders(this.#era, 'GET', {}),
      ...this.#headers,
      accept: 'text/event-stream',
      'mcp-session-id': this.#session,
    };
    const outgoing = ask(this.#url, { agent: this.#agent, method: 'GET', headers }, (answer) => {
      createInterface({ input: answer })
        .on('line', (line) => {
          for (const message of messagesIn(line)) this.#onStray(message);
        })
        // The next owner gets another.
        .on('error', () => undefined);
    });
    outgoing.on('error', () => undefined);
    outgoing.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }
}

export class LineDoor implements Door {
  readonly pid: number | undefined;
  readonly #child: ChildProcess;
  readonly #stdin: NodeJS.WritableStream;
  readonly #onStray: OnStray;
  readonly #waiting = new Map<number, (reply: Reply) => void>();

  constructor([executable = '', ...words]: readonly string[], onStray: OnStray) {
    this.#onStray = onStray;
    const child = spawn(executable, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH },
    });
    this.#child = child;
    this.pid = child.pid;
    this.#stdin = child.stdin;
    this.#stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    createInterface({ input: child.stderr }).on('line', (line) => onStray(line));
    child.on('exit', () => {
      for (const resolve of this.#waiting.values()) resolve({ kind: 'cut' });
      this.#waiting.clear();
    });
  }

  #take(line: string): void {
    // A message of the bridge's own has a method before any id.
    const id = line.includes('"method":') ? undefined : Number(/"id":(\d+)/.exec(line)?.[1]);
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || !waiting) {
      this.#onStray(line);
      return;
    }
    this.#waiting.delete(id);
    waiting({ kind: 'line', line });
  }

  async send(id: number | undefined, _: string, __: object, text: string): Promise<Reply> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return { kind: 'cut' };
    this.#stdin.write(`${text}\n`);
    if (id === undefined) return { kind: 'line', line: '' };
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  startOver(): void {}

  listen(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#stdin.end();
    await ended;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function messagesIn(events: string): string[] {
  return events
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .filter((line) => line !== '');
}
