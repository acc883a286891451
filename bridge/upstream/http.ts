import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { createGunzip } from 'node:zlib';
import { Signal } from '../base/events.ts';
import { limits } from '../base/limits.ts';
import { type ProxyChoice, proxyChoice, type Way } from '../base/network.ts';
import { pause } from '../base/tasks.ts';
import { Ways } from '../base/ways.ts';
import { hostOf } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { type Head, InFlight } from './in-flight.ts';
import { networkTrouble, TooSlow } from './network-trouble.ts';
import { ResponseBody } from './response-body.ts';
import { troubleOf, type Workspace } from './workspace.ts';

/** One response of a workspace; the body must be read or destroyed. */
export interface HttpAnswer {
  readonly status: number;
  /** The first value of a header, by lower-case name; all challenges of `www-authenticate`. */
  header(name: string): string | undefined;
  readonly body: ResponseBody;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Longest wait for the head of the response, in milliseconds; 0 waits for ever. */
  readonly headMs: number;
  readonly signal: AbortSignal;
  /** On a connection that nothing was sent on before, and that is closed afterwards. */
  readonly anew?: boolean;
}

/** How long each part of a conversation with a workspace may take, in milliseconds. */
export type Waits = Readonly<
  Record<
    | 'connectMs'
    | 'responseHeadMs'
    | 'toolResponseHeadMs'
    | 'bodyIdleMs'
    | 'bodyMs'
    | 'commandStartMs'
    | 'commandSilenceMs'
    | 'shutdownMs',
    number
  >
>;

export interface WorkspaceHttpParts {
  readonly waits: Waits;
  /** As the environment says when absent. */
  readonly proxy: ProxyChoice;
  /** Finds the addresses of hosts; the system does when absent. */
  readonly lookup: LookupFunction;
  /** Waits before something is tried again; rejects with the signal's reason. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * The connections to all workspaces. No redirect is ever followed, so a credential reaches the account's own origin
 * only; no cookie is kept; streams may stay silent for as long as they like.
 */
export class WorkspaceHttp implements AsyncDisposable {
  readonly waits: Waits;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #proxy: ProxyChoice;
  readonly #ways: Ways;
  readonly #newWays: Ways;
  readonly #renewed = new Signal<void>();

  constructor(parts: Partial<WorkspaceHttpParts> = {}) {
    this.waits = parts.waits ?? limits;
    this.pause = parts.pause ?? pause;
    this.#proxy = parts.proxy ?? proxyChoice({ setting: () => ({ mode: 'system' }) });
    const { connectMs } = this.waits;
    this.#ways = new Ways({ connectMs, isKept: true, lookup: parts.lookup });
    this.#newWays = new Ways({ connectMs, isKept: false, lookup: parts.lookup });
  }

  /**
   * Sends one request.
   * @throws BridgeError `unreachable` or `tls` when nothing was sent, `timeout` or `outcome-unknown` when it was.
   */
  async ask(workspace: Workspace, question: HttpQuestion): Promise<HttpAnswer> {
    const { url, signal } = question;
    const inFlight = new InFlight(signal, () => workspace.left?.());
    let way: Way | undefined;
    let head: Head;
    try {
      way = await this.#proxy(url, signal);
      const ways = question.anew ? this.#newWays : this.#ways;
      head = await inFlight.send(ways.to(url, way), {
        origin: url.origin,
        path: url.pathname + url.search,
        method: question.method,
        headers: { 'accept-encoding': 'gzip', ...question.headers },
        body: question.body ?? null,
        headersTimeout: question.headMs,
        bodyTimeout: 0,
      });
    } catch (error) {
      signal.throwIfAborted();
      const reached = { sent: inFlight.hasLeft, secure: url.protocol === 'https:', way };
      throw networkTrouble(workspace, error, reached);
    }
    const { status, headers, body } = head;
    const header = (name: string): string | undefined => {
      const value = headers[name];
      if (!Array.isArray(value)) return value;
      // A list by its own grammar (RFC 9110 section 11.6.1); of anything else the first one counts.
      return name === 'www-authenticate' ? value.join(', ') : value[0];
    };
    const encoding = (header('content-encoding') ?? 'identity').trim().toLowerCase();
    if (encoding === 'identity' || encoding === '') return { status, header, body };
    if (encoding === 'gzip' || encoding === 'x-gzip') return { status, header, body: unzipped(body) };
    body.destroy();
    const message = `${hostOf(workspace.account)} answered in an encoding that was not asked for.`;
    throw troubleOf(workspace.account, 'bad-answer', message, { mayHaveRun: true });
  }

  /** Like `ask`; when nothing came back, a request that may be repeated is sent once more at once. */
  async askTwice(workspace: Workspace, question: HttpQuestion, repeatable: boolean): Promise<HttpAnswer> {
    try {
      return await this.ask(workspace, question);
    } catch (error) {
      question.signal.throwIfAborted();
      const isLost = error instanceof BridgeError && /^(outcome-unknown|unreachable)$/.test(error.code);
      if (!repeatable || !isLost) throw error;
      return this.ask(workspace, question);
    }
  }

  /**
   * New requests get new connections, because those kept open may be dead after sleep; what runs goes on, unless it is
   * `lasting`.
   */
  renew(): void {
    this.#ways.renew();
    this.#renewed.announce();
  }

  /**
   * For a stream that is silent most of the time and can be opened again without a loss. Were its connection dead, nobody
   * would notice for minutes, so its signal aborts with `signal` and also when connections are renewed.
   */
  lasting(signal: AbortSignal): Disposable & { readonly signal: AbortSignal } {
    const renewed = new AbortController();
    const subscription = this.#renewed.on(() =>
      renewed.abort(new BridgeError('unreachable', 'The network changed. Try again.')),
    );
    return {
      signal: AbortSignal.any([signal, renewed.signal]),
      [Symbol.dispose]: () => subscription[Symbol.dispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#ways[Symbol.asyncDispose](), this.#newWays[Symbol.asyncDispose]()]);
  }
}

/**
 * The whole body as bytes, at most `most` of them after decompression.
 * @returns undefined when it is larger.
 * @throws TooSlow when it pauses or lasts too long; the stream's own error when it breaks.
 */
export async function readBody(body: ResponseBody, most: number, waits: Waits): Promise<Buffer | undefined> {
  const whole = body.whole();
  if (whole) return whole.length > most ? undefined : whole;
  const chunks: Buffer[] = [];
  let size = 0;
  const idle = setTimeout(() => body.destroy(new TooSlow(waits.bodyIdleMs)), waits.bodyIdleMs);
  const total = setTimeout(() => body.destroy(new TooSlow(waits.bodyMs)), waits.bodyMs);
  try {
    for (let chunk = await body.next(); chunk; chunk = await body.next()) {
      idle.refresh();
      size += chunk.length;
      if (size > most) {
        body.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(idle);
    clearTimeout(total);
  }
  return Buffer.concat(chunks, size);
}

/** The body as it was before it was compressed. */
function unzipped(packed: ResponseBody): ResponseBody {
  const gunzip = createGunzip();
  const body = new ResponseBody({
    pause: () => void gunzip.pause(),
    resume: () => void gunzip.resume(),
    abort: (reason) => {
      packed.destroy(reason);
      gunzip.destroy();
    },
  });
  const fail = (error: Error): void => {
    body.end(error);
    packed.destroy(error);
  };
  gunzip.on('data', (chunk: Buffer) => body.push(chunk));
  gunzip.on('end', () => body.end());
  gunzip.on('error', fail);
  const feed = async (): Promise<void> => {
    for (let chunk = await packed.next(); chunk; chunk = await packed.next()) {
      if (gunzip.destroyed) return;
      if (!gunzip.write(chunk)) await once(gunzip, 'drain');
    }
    gunzip.end();
  };
  feed().catch((error: unknown) => {
    gunzip.destroy();
    fail(error instanceof Error ? error : new Error('The body broke off.', { cause: error }));
  });
  return body;
}
