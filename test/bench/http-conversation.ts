import { Conversation } from './conversation.ts';
import { type Era, requestHeaders } from './door.ts';
import { type HttpAnswer, HttpWire } from './http-wire.ts';

/** A client of Streamable HTTP, with as many connections as it has calls in flight. */
export class HttpConversation extends Conversation {
  readonly pid = undefined;
  readonly #url: URL;
  readonly #own: Readonly<Record<string, string>>;
  readonly #free: HttpWire[] = [];
  readonly #all: HttpWire[] = [];
  /** Heads of requests, which are the same every time but for the length. */
  readonly #heads = new Map<string, string>();
  #session: string | undefined;

  constructor(era: Era, url: string, headers: Readonly<Record<string, string>>) {
    super(era);
    this.#url = new URL(url);
    this.#own = headers;
  }

  protected async send(
    id: number | undefined,
    method: string,
    tool: string | undefined,
    text: string,
  ): Promise<string> {
    const { status, headers, body } = await this.#request('POST', method, tool, text);
    const session = headers.get('mcp-session-id');
    if (session !== undefined && session !== this.#session) {
      this.#session = session;
      this.#heads.clear();
    }
    if (status !== (id === undefined ? 202 : 200)) throw new Error(`${method}: ${status} ${body}`);
    const said = body.toString('utf8');
    if (!headers.get('content-type')?.startsWith('text/event-stream')) return said;
    return /^data: (.+)$/m.exec(said)?.[1] ?? '';
  }

  async #request(
    verb: 'POST' | 'DELETE',
    method: string,
    tool: string | undefined,
    text: string,
  ): Promise<HttpAnswer> {
    let wire = this.#free.pop();
    while (wire && !wire.isOpen) wire = this.#free.pop();
    if (!wire) {
      wire = new HttpWire(this.#url);
      this.#all.push(wire);
    }
    const head = this.#head(verb, method, tool);
    const answer = await wire.ask(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    this.#free.push(wire);
    return answer;
  }

  #head(verb: string, method: string, tool: string | undefined): string {
    const key = `${verb} ${method} ${tool}`;
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    const headers = {
      host: this.#url.host,
      ...requestHeaders(this.era, method, tool),
      ...this.#own,
      ...(this.#session === undefined ? {} : { 'mcp-session-id': this.#session }),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${verb} ${this.#url.pathname} HTTP/1.1\r\n${lines.join('')}`;
    this.#heads.set(key, head);
    return head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session !== undefined) await this.#request('DELETE', '', undefined, '').catch(() => undefined);
    for (const wire of this.#all) wire.close();
  }
}
