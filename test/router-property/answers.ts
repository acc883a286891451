import { type Echo, textAt } from './echo.ts';
import type { Schedule } from './schedule.ts';
import { Body, type Response } from './wire.ts';

/** Who asked, as a workspace sees it. */
export type Who = Pick<Echo, 'who' | 'user' | 'client' | 'key'>;

/** A stream of events whose pieces come when the schedule says so. */
export class Stream {
  readonly body = new Body();
  readonly #schedule: Schedule;
  readonly #about: string;
  readonly #breaks: boolean;

  constructor(schedule: Schedule, about: string, breaks: boolean) {
    this.#schedule = schedule;
    this.#about = about;
    this.#breaks = breaks;
  }

  say(message: object, isLast = false): void {
    const takeBack = this.#schedule.add(`${this.#about} event`, (fault) => {
      if (this.body.isClosed) return;
      if (this.#breaks || (fault !== 'none' && fault !== 'twice')) return this.body.break();
      const event = `event: message\ndata: ${JSON.stringify(message)}\n\n`;
      this.body.push(fault === 'twice' ? event + event : event);
      if (isLast) this.body.end();
    });
    this.body.onClose(takeBack);
  }
}

export function nameOf({ who, user }: Pick<Echo, 'who' | 'user'>): string {
  return `${who} as ${user}`;
}

export function echo({ who, user, client, key }: Who, nonce: string): string {
  return JSON.stringify({ who, user, client, nonce, key } satisfies Echo);
}

export function nonceOf(message: unknown): string {
  return (
    textAt(message, 'params', 'arguments', 'nonce') ||
    textAt(message, 'params', 'cursor') ||
    textAt(message, 'params', 'uri')
  );
}

export function resultOf(method: string, description: string): object | undefined {
  switch (method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: description }] };
    case 'tools/list':
      return { tools: [{ name: 'echo', description, inputSchema: { type: 'object' } }] };
    case 'resources/list':
      return { resources: [{ name: 'one', uri: 'note://one', description }] };
    case 'prompts/list':
      return { prompts: [{ name: 'one', description }] };
    case 'resources/read':
      return { contents: [{ uri: 'note://one', text: description }] };
    default:
      return undefined;
  }
}

export function questionOf(how: string, about: string): object {
  switch (how) {
    case 'ask-sampling': {
      const messages = [{ role: 'user', content: { type: 'text', text: 'Well?' } }];
      return { method: 'sampling/createMessage', params: { messages, maxTokens: 9, systemPrompt: about } };
    }
    case 'ask-roots':
      return { method: 'roots/list', params: { _meta: { about } } };
    default: {
      const requestedSchema = { type: 'object', properties: { token: { type: 'string' } } };
      return { method: 'elicitation/create', params: { mode: 'form', message: about, requestedSchema } };
    }
  }
}

export function events(stream: Stream): Response {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: stream.body };
}

export function plain(
  status: number,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = body === undefined ? '' : JSON.stringify(body);
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: Body.whole(text) };
}
