import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { type Era, GREETING, INITIALIZED, requestHeaders, requestText } from './door.ts';

interface Answer {
  readonly id?: number;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly tools?: readonly unknown[];
  };
  readonly error?: object;
}

/** One client that does nothing but MCP: far lighter than any SDK, so that what is measured is what lies behind it. */
export abstract class Conversation implements AsyncDisposable {
  readonly era: Era;
  #next = 1;

  constructor(era: Era) {
    this.era = era;
  }

  protected abstract send(
    id: number | undefined,
    method: string,
    params: object,
    text: string,
  ): Promise<string>;
  abstract [Symbol.asyncDispose](): Promise<void>;

  /** Shakes hands, or probes. */
  async begin(): Promise<void> {
    if (this.era === 'modern') return void (await this.#ask('server/discover', {}));
    await this.#ask('initialize', GREETING);
    await this.send(undefined, 'notifications/initialized', {}, INITIALIZED);
  }

  /** @throws Error when anything else than this text comes back. */
  async echo(text: string): Promise<void> {
    const { result } = await this.#ask('tools/call', { name: 'tool-1', arguments: { text } });
    if (result?.content?.[0]?.text !== text) throw new Error('Another answer than was asked for.');
  }

  async list(): Promise<void> {
    const { result } = await this.#ask('tools/list', {});
    if (result?.tools?.length !== 80) throw new Error('Not the list of tools.');
  }

  async #ask(method: string, params: object): Promise<Answer> {
    const id = this.#next;
    this.#next += 1;
    const said = await this.send(id, method, params, requestText(this.era, id, method, params));
    const answer = JSON.parse(said) as Answer;
    if (answer.id === id && answer.error === undefined) return answer;
    throw new Error(`${method}: ${said.slice(0, 300)}`);
  }
}

export class HttpConversation extends Conversation {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  #session: string | undefined;

  constructor(era: Era, url: string, headers: Readonly<Record<string, string>>) {
    super(era);
    this.#url = new URL(url);
    this.#headers = headers;
  }

  protected async send(_: unknown, method: string, params: object, text: string): Promise<string> {
    const own = this.#session === undefined ? {} : { 'mcp-session-id': this.#session };
    const headers = {
      ...requestHeaders(this.era, method, params),
      ...this.#headers,
      ...own,
      'content-length': Buffer.byteLength(text),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = ask(this.#url, { agent: this.#agent, method: 'POST', headers }, resolve);
      outgoing.on('error', reject);
      outgoing.end(text);
    });
    const session = answer.headers['mcp-session-id'];
    if (typeof session === 'string') this.#session = session;
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }
}

export class LineConversation extends Conversation {
  readonly #child: ChildProcess;
  readonly #stdin: NodeJS.WritableStream;
  readonly #waiting = new Map<number, { resolve(line: string): void; reject(error: Error): void }>();

  constructor(era: Era, [executable = '', ...words]: readonly string[]) {
    super(era);
    const child = spawn(executable, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#stdin = child.stdin;
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The client program ended.'));
    });
  }

  #take(line: string): void {
    // The id stands first or last; parsing a megabyte twice would measure the client.
    const id = Number(
      /"id":(\d+)/.exec(line.length < 400 ? line : line.slice(0, 200) + line.slice(-200))?.[1],
    );
    this.#waiting.get(id)?.resolve(line);
    this.#waiting.delete(id);
  }

  protected async send(id: number | undefined, _: string, __: object, text: string): Promise<string> {
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
