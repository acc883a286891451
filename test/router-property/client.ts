import { readMessage } from '#bridge/jsonrpc/read.ts';
import { at, echoIn, textAt } from './echo.ts';
import { type Asked, type Expected, type Judge, REFUSED } from './judge.ts';

export const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const META = 'io.modelcontextprotocol/';
const CAPABILITIES = { elicitation: {}, sampling: {}, roots: { listChanged: true } };

export type ClientEra = 'legacy' | 'modern';

/** What the messages of a client go through. */
export interface Way {
  /** @param asked the request among it that waits for an answer. */
  say(text: string, asked?: Asked): void;
  /** The client is ready; it may open what it listens on. */
  ready?(): void;
  /** Withdraws a request; false when that has to be said in a message. */
  withdraw?(asked: Asked): boolean;
  close(): void;
}

export interface Call {
  readonly method: string;
  readonly how: string;
  /** Chooses the kind of id. */
  readonly id: number;
  readonly wantsProgress: boolean;
}

/** A question that waits for this client's answer. */
type Question =
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly token: string }
  | {
      readonly kind: 'result';
      readonly asked: Asked;
      readonly message: unknown;
      readonly expected: Expected;
    };

/** An AI app that does what the program says, and tells the judge all that it hears. */
export class Client {
  readonly name: string;
  readonly era: ClientEra;
  readonly #judge: Judge;
  #way: Way | undefined;
  #questions: Question[] = [];
  #isReady = false;
  #isClosed = false;
  /** Calls that came before the handshake was through. */
  #early: Call[] = [];
  #nextId = 1;
  #listens = 0;
  readonly #calls = new Map<Asked, Record<string, unknown>>();

  constructor(name: string, era: ClientEra, judge: Judge) {
    this.name = name;
    this.era = era;
    this.#judge = judge;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get questions(): number {
    return this.#questions.length;
  }

  begin(way: Way): void {
    this.#way = way;
    if (this.era === 'legacy') this.greet();
    else this.#isReady = true;
  }

  /** Shakes hands, for the first time or anew. */
  greet(): void {
    this.#isReady = false;
    const clientInfo = { name: this.name, version: '1' };
    const params = { protocolVersion: LEGACY, capabilities: CAPABILITIES, clientInfo };
    this.#request('initialize', params, '');
  }

  call(call: Call): void {
    if (this.#isClosed) return;
    if (!this.#isReady) {
      this.#early.push(call);
      return;
    }
    const { method, how, id, wantsProgress } = call;
    const nonce = `n${this.name}-${this.#nextId}`;
    const _meta = wantsProgress ? { _meta: { progressToken: nonce } } : {};
    switch (method) {
      case 'tools/call':
        this.#request(method, { name: 'echo', arguments: { nonce, how }, ..._meta }, nonce, id);
        break;
      case 'resources/read':
        this.#request(method, { uri: nonce }, nonce, id);
        break;
      case 'ping':
        this.#request(this.era === 'legacy' ? 'ping' : 'server/discover', {}, '', id);
        break;
      default:
        this.#request(method, { cursor: nonce }, nonce, id);
    }
  }

  /** Opens a listen (MCP 2026-07-28). */
  listen(): void {
    if (this.era === 'legacy' || this.#isClosed || this.#listens > 2) return;
    this.#listens += 1;
    const notifications = { toolsListChanged: true, resourcesListChanged: true };
    const asked = this.#request('subscriptions/listen', { notifications }, '');
    asked.excuse = 'a listen ends with its client';
  }

  /** Withdraws one of its requests. */
  cancel(pick: number): void {
    const open = this.#judge.asked.filter(
      ({ client, answers, method }) => client === this.name && answers === 0 && method !== 'initialize',
    );
    const asked = open[pick % Math.max(open.length, 1)];
    if (!asked || this.#isClosed) return;
    asked.excuse ??= 'withdrawn';
    if (this.#way?.withdraw?.(asked)) return;
    this.#say(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${asked.id}}}`);
  }

  /** Answers one of the questions that it was asked. */
  answer(pick: number, isRefused: boolean): void {
    const [question] = this.#questions.splice(pick % Math.max(this.#questions.length, 1), 1);
    if (!question || this.#isClosed) return;
    if (question.kind === 'result') {
      this.#answerAgain(question, isRefused);
      return;
    }
    const { id, method, token } = question;
    const body = isRefused
      ? { error: { code: REFUSED, message: 'No.' } }
      : { result: resultFor(method, token) };
    this.#say(`{"jsonrpc":"2.0","id":${id},${JSON.stringify(body).slice(1)}`);
  }

  /** Makes the call again, with the answers to what the workspace asked in its result. */
  #answerAgain(
    { asked, message, expected }: Extract<Question, { kind: 'result' }>,
    isRefused: boolean,
  ): void {
    const inputs = at(message, 'result', 'inputRequests');
    const entries = typeof inputs === 'object' && inputs !== null ? Object.entries(inputs) : [];
    const answers = entries.map(([key, input]: [string, unknown]) => {
      const token = tokenIn(input);
      const refusal = { action: 'decline' };
      const method = textAt(input, 'method');
      const isForm = method === 'elicitation/create';
      return [key, isRefused && isForm ? refusal : resultFor(method, token)];
    });
    const params = {
      ...this.#calls.get(asked),
      inputResponses: Object.fromEntries(answers),
      requestState: at(message, 'result', 'requestState'),
    };
    this.#request('tools/call', params, asked.nonce, 0, { by: expected });
  }

  #request(
    method: string,
    params: Record<string, unknown>,
    nonce: string,
    kind = 0,
    expected?: { readonly by: Expected },
  ): Asked {
    const id = idOf(kind, this.#nextId);
    this.#nextId += 1;
    const asked = this.#judge.asks(this.name, id, method, nonce, expected);
    this.#calls.set(asked, params);
    const given =
      this.era === 'legacy' ? params : { ...params, _meta: { ...envelope(this.name), ...metaOf(params) } };
    this.#say(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(given)}}`, asked);
    return asked;
  }

  #say(text: string, asked?: Asked): void {
    this.#way?.say(text, asked);
  }

  /** Takes one message; `only` is the request whose response it came on. */
  hear(text: string, only?: Asked): void {
    this.#judge.read(this.name, text);
    const read = readMessage(Buffer.from(text));
    if (read.kind === 'refused' || read.kind === 'batch') {
      this.#judge.accuse(`${this.name} read what is no message: ${text.slice(0, 200)}`);
      return;
    }
    const message: unknown = JSON.parse(text);
    if (read.kind === 'response') {
      this.#hearAnswer(only && read.id === null ? only.id : read.id, message);
      return;
    }
    this.#judge.heard(this.name, message);
    if (read.kind === 'request') {
      this.#questions.push({ kind: 'request', id: read.id, method: read.method, token: tokenIn(message) });
    }
  }

  #hearAnswer(id: string | null, message: unknown): void {
    const asked = this.#judge.find(this.name, id);
    this.#judge.answers(asked, this.name, message);
    if (!asked) return;
    if (at(message, 'result', 'resultType') === 'input_required') {
      this.#questions.push({ kind: 'result', asked, message, expected: asked.expected?.by });
    }
    if (asked.method !== 'initialize' || at(message, 'result') === undefined) return;
    this.#say('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    this.#isReady = true;
    this.#way?.ready?.();
    for (const call of this.#early.splice(0)) this.call(call);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.excuseAll('its client left');
    this.#way?.close();
  }

  /** What it waits for may stay without an answer. */
  excuseAll(because: string): void {
    for (const asked of this.#judge.asked) if (asked.client === this.name) asked.excuse ??= because;
  }
}

/** Ids of all kinds; those of different clients are the same. */
function idOf(kind: number, number: number): string {
  switch (kind % 4) {
    case 1:
      return `"${number}"`;
    case 2:
      return `90071992547409${String(number).padStart(5, '0')}`;
    case 3:
      return `"\\u0069d ${number} é"`;
    default:
      return String(number);
  }
}

function envelope(name: string): object {
  return {
    [`${META}protocolVersion`]: MODERN,
    [`${META}clientCapabilities`]: CAPABILITIES,
    [`${META}clientInfo`]: { name, version: '1' },
  };
}

function metaOf(params: Record<string, unknown>): object {
  const given = params._meta;
  return typeof given === 'object' && given !== null ? given : {};
}

function tokenIn(question: unknown): string {
  return echoIn(question)?.nonce ?? '';
}

function resultFor(method: string, token: string): object {
  switch (method) {
    case 'sampling/createMessage':
      return { role: 'assistant', model: 'm', content: { type: 'text', text: token } };
    case 'roots/list':
      return { roots: [{ uri: 'file:///x', name: token }] };
    default:
      return { action: 'accept', content: { token } };
  }
}
