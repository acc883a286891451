import { type HttpAnswer, type HttpQuestion, WorkspaceHttp } from '#bridge/upstream/http.ts';
import { networkTrouble } from '#bridge/upstream/network-trouble.ts';
import { ResponseBody } from '#bridge/upstream/response-body.ts';
import type { Workspace } from '#bridge/upstream/workspace.ts';
import { type Fault, PAUSE, type Schedule } from './schedule.ts';

/** One request as a workspace reads it. */
export interface Arrival {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What a workspace says to it. */
export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** Where all requests arrive. */
export interface Places {
  receive(arrival: Arrival, fault: Fault): Response;
  /** It never arrived. */
  lost(arrival: Arrival): void;
}

/**
 * The connections to all workspaces without the operating system: what is sent waits in the schedule, which says in
 * which order it arrives and what goes wrong. Everything above it is the product.
 */
export class Wire extends WorkspaceHttp {
  readonly #schedule: Schedule;
  readonly #places: Places;
  /** How each request that waits is taken back. */
  readonly #waiting = new Set<() => void>();
  #isCut = false;

  constructor(schedule: Schedule, places: Places) {
    super({
      // A pause is over when the schedule says so.
      pause: (_, signal) =>
        new Promise((resolve, reject) => {
          signal.throwIfAborted();
          const over = schedule.add(PAUSE, () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          });
          const onAbort = (): void => {
            over();
            reject(signal.reason);
          };
          signal.addEventListener('abort', onAbort, { once: true });
        }),
    });
    this.#schedule = schedule;
    this.#places = places;
  }

  /** The process that spoke here was killed: nothing of it arrives any more, and it hears nothing. */
  cut(): void {
    this.#isCut = true;
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
  }

  override ask(workspace: Workspace, question: HttpQuestion): Promise<HttpAnswer> {
    const { method, url, headers, signal, body } = question;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      let response: Response | undefined;
      const onAbort = (): void => {
        if (response) response.body.break(signal.reason);
        else reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const fail = (code: string, sent: boolean): void => {
        signal.removeEventListener('abort', onAbort);
        const error = Object.assign(new Error(code), { code });
        reject(networkTrouble(workspace, error, { sent, secure: false }));
      };
      if (this.#isCut) {
        fail('ECONNREFUSED', false);
        return;
      }
      const text = body ? Buffer.from(body).toString() : '';
      const happen = (fault: Fault): void => {
        this.#waiting.delete(giveUp);
        const arrival = { method, url, headers, text };
        const isLost =
          fault === 'refused' || fault === 'reset-before' || (signal.aborted && fault !== 'none');
        if (isLost) {
          this.#places.lost(arrival);
          if (fault === 'refused') fail('ECONNREFUSED', false);
          else fail('ECONNRESET', true);
          return;
        }
        const answered = this.#places.receive(arrival, fault);
        answered.body.onClose(() => signal.removeEventListener('abort', onAbort));
        if (signal.aborted || fault === 'reset-after' || fault === 'late') {
          answered.body.break();
          fail(fault === 'late' ? 'UND_ERR_HEADERS_TIMEOUT' : 'ECONNRESET', true);
          return;
        }
        response = answered;
        const header = (name: string): string | undefined => answered.headers[name];
        resolve({ status: answered.status, header, body: answered.body.read });
      };
      const takeBack = this.#schedule.add(`${method} ${url.host} ${text.slice(0, 160)}`, happen);
      const giveUp = (): void => {
        takeBack();
        fail('ECONNREFUSED', false);
      };
      this.#waiting.add(giveUp);
      workspace.left?.();
    });
  }
}

/** What comes of one response, as its workspace writes it. */
export class Body {
  readonly read: ResponseBody;
  isClosed = false;
  readonly #listeners: (() => void)[] = [];

  constructor() {
    const nothing = (): void => undefined;
    this.read = new ResponseBody({ pause: nothing, resume: nothing, abort: () => this.#close() });
  }

  /** A body that is there as a whole; of a connection that breaks half-way only the first half. */
  static whole(text: string, isHalf = false): Body {
    const body = new Body();
    body.push(isHalf ? text.slice(0, Math.ceil(text.length / 2)) : text);
    if (isHalf) body.break();
    else body.end();
    return body;
  }

  /** Called when the response has ended, whoever ended it. */
  onClose(listener: () => void): void {
    if (this.isClosed) listener();
    else this.#listeners.push(listener);
  }

  #close(): void {
    this.isClosed = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  push(text: string): void {
    if (text !== '') this.read.push(Buffer.from(text));
  }

  end(): void {
    this.read.end();
    this.#close();
  }

  break(reason: Error = Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' })): void {
    this.read.end(reason);
    this.#close();
  }
}
