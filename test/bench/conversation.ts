import { type Era, INITIALIZED, opening, type Question, type Result, requestText } from './door.ts';

interface Answer {
  readonly id?: number;
  readonly result?: Result;
}

/** One client that does nothing but MCP: far lighter than any SDK, so that what is measured is what lies behind it. */
export abstract class Conversation implements AsyncDisposable {
  readonly era: Era;
  #next = 1;

  constructor(era: Era) {
    this.era = era;
  }

  /** The process of this client's own that is part of the bridge: its shim. */
  abstract readonly pid: number | undefined;
  /** Sends a message; resolves with the text of its answer, or with nothing if it has no id. */
  protected abstract send(
    id: number | undefined,
    method: string,
    tool: string | undefined,
    text: string,
  ): Promise<string>;
  abstract [Symbol.asyncDispose](): Promise<void>;

  /** Shakes hands, or asks what there is. */
  async begin(): Promise<void> {
    await this.ask(opening[this.era]);
    if (this.era === 'modern') return;
    await this.send(undefined, 'notifications/initialized', undefined, INITIALIZED);
  }

  /** @throws Error when anything else comes back than must. */
  async ask(question: Question): Promise<void> {
    const id = this.#next;
    this.#next += 1;
    const text = requestText(this.era, id, question);
    const said = await this.send(id, question.method, question.tool, text);
    const answer = JSON.parse(said) as Answer;
    if (answer.id === id && answer.result && question.isRight(answer.result)) return;
    throw new Error(`Another answer to ${question.method} than is right: ${said.slice(0, 300)}`);
  }
}
