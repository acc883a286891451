import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { Dispatcher } from 'undici';
import { limits } from '../base/limits.ts';
import { checkedLookup, type Resolve } from '../base/lookup.ts';
import { type ProxyChoice, proxyChoice, type Way } from '../base/network.ts';
import { within } from '../base/tasks.ts';
import { VERSION } from '../base/version.ts';
import { Ways } from '../base/ways.ts';
import { reachOfHost } from '../connectors/reach.ts';
import type { Account } from '../contract/account.ts';
import { checkAddress, isWithin } from './address.ts';
import { badAnswer, networkTrouble, tooSlow } from './network-trouble.ts';
import { OAuthTrouble } from './trouble.ts';

/** How far the addresses that servers name may lead: the internet, also this computer, also somebody's own network. */
export type Bounds = 'public' | 'loopback' | 'own-network';

/** An account in the person's own network may be sent anywhere there; one on this computer to this computer. */
export function boundsOf({ ownNetwork, upstream }: Pick<Account, 'ownNetwork' | 'upstream'>): Bounds {
  if (ownNetwork) return 'own-network';
  if (upstream.kind === 'command' || !URL.canParse(upstream.url)) return 'public';
  return reachOfHost(new URL(upstream.url).hostname) === 'loopback' ? 'loopback' : 'public';
}

export interface OAuthRequest {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Uint8Array | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request and reads its whole answer. It fits oauth4webapi's `customFetch`. */
export type OAuthFetch = (url: string, request?: OAuthRequest) => Promise<Response>;

/** Longest time of one whole request, in milliseconds. */
export type OAuthWaits = Readonly<Record<'metadataMs' | 'tokenMs' | 'revocationMs', number>>;

export interface OAuthHttpParts {
  readonly waits: OAuthWaits;
  readonly resolve: Resolve;
  /** As the environment says when absent. */
  readonly proxy: ProxyChoice;
}

/**
 * Requests to authorization servers, whose addresses nobody typed. Each is checked as text and again once its host is
 * resolved; the connection goes to the very address that was checked. No redirect is followed, no cookie kept, no
 * compression asked for, and no connection used twice, so that a broken one is never taken for a lost answer.
 */
export class OAuthHttp implements AsyncDisposable {
  readonly waits: OAuthWaits;
  readonly #resolve: Resolve;
  readonly #proxy: ProxyChoice;
  readonly #ways: Readonly<Record<Bounds, Ways>>;

  constructor(parts: Partial<OAuthHttpParts> = {}) {
    this.waits = parts.waits ?? limits;
    this.#resolve = parts.resolve ?? ((hostname) => lookup(hostname, { all: true }));
    this.#proxy = parts.proxy ?? proxyChoice({ setting: () => ({ mode: 'system' }) });
    const waysWithin = (bounds: Bounds): Ways => {
      const lookup = checkedLookup(this.#resolve, (...found) => refuseOutOfBounds(...found, bounds));
      return new Ways({ connectMs: limits.connectMs, isKept: false, lookup });
    };
    this.#ways = {
      public: waysWithin('public'),
      loopback: waysWithin('loopback'),
      'own-network': waysWithin('own-network'),
    };
  }

  /**
   * A `fetch` for addresses within `bounds` that takes at most `ms` milliseconds, answer included.
   *
   * What it returns is read already, at most `limits.metadataBytes` of it. It throws OAuthTrouble: `unsafe` for an
   * address out of bounds; `transient` when nothing was sent, or when the answer is too slow (to a GET), too large, a redirect
   * (`facts.status`) or encoded; `ambiguous` when a POST was sent and its answer did
   * not come, because the connection broke or the time was over. When the caller's signal
   * aborts, it throws the signal's reason.
   */
  fetch(bounds: Bounds, ms: number): OAuthFetch {
    return (url, request = {}) => this.#timed(bounds, ms, url, request, wholeAnswer);
  }

  /** Like `fetch`, for the status and headers only, whatever they are; the body is not waited for. */
  fetchHead(bounds: Bounds, ms: number): OAuthFetch {
    return (url, request = {}) => this.#timed(bounds, ms, url, request, headOnly);
  }

  async #timed(
    bounds: Bounds,
    ms: number,
    address: string,
    request: OAuthRequest,
    read: typeof wholeAnswer,
  ): Promise<Response> {
    const outer = request.signal ?? new AbortController().signal;
    outer.throwIfAborted();
    const url = new URL(checkAddress(address, 'an address', bounds));
    const method = request.method?.toUpperCase() ?? 'GET';
    const progress = { method, isSent: false };
    const late = (): Error => tooSlow(url.host, ms, mayHaveActed(progress));
    return within(ms, outer, (signal) => this.#send(bounds, url, request, progress, signal, read), late);
  }

  async #send(
    bounds: Bounds,
    url: URL,
    request: OAuthRequest,
    progress: Progress,
    signal: AbortSignal,
    read: typeof wholeAnswer,
  ): Promise<Response> {
    let way: Way | undefined;
    try {
      way = await this.#wayTo(url, bounds, signal);
      signal.throwIfAborted();
      const watch: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
        dispatch(options, {
          onRequestStart: (controller, context) => {
            progress.isSent = true;
            handler.onRequestStart?.(controller, context);
          },
          onResponseStart: (...head) => handler.onResponseStart?.(...head),
          onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
          onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
          onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
        });
      const dispatcher = this.#ways[bounds].to(url, way).compose(watch);
      const answer = await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: progress.method,
        ...outgoing(url.host, request),
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      // A body that is given up fails with an error of its own, which nobody may be left to hear.
      answer.body.on('error', () => undefined);
      return await read(url.host, answer);
    } catch (error) {
      if (signal.aborted || error instanceof OAuthTrouble) throw error;
      const { isSent } = progress;
      throw networkTrouble(url, error, { isSent, mayHaveActed: mayHaveActed(progress), way });
    }
  }

  async #wayTo(url: URL, bounds: Bounds, signal: AbortSignal): Promise<Way> {
    const way = await this.#proxy(url, signal);
    if (way.kind !== 'direct') {
      // The proxy finds the host by itself. What is known of it here is checked here; what is not may still exist there.
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const addresses = await this.#resolve(hostname).catch(() => []);
      refuseOutOfBounds(hostname, addresses, bounds);
    }
    return way;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#ways).map((ways) => ways[Symbol.asyncDispose]()));
  }
}

/** What became of one request so far. */
interface Progress {
  readonly method: string;
  isSent: boolean;
}

function mayHaveActed({ method, isSent }: Progress): boolean {
  return isSent && method !== 'GET' && method !== 'HEAD';
}

/** @throws OAuthTrouble `unsafe` unless every address is within the bounds, and on this computer where the name says so. */
function refuseOutOfBounds(hostname: string, addresses: readonly LookupAddress[], bounds: Bounds): void {
  const isLoopback = reachOfHost(hostname) === 'loopback';
  for (const { address } of addresses) {
    const reach = reachOfHost(address);
    if (isWithin(reach, bounds) && (!isLoopback || reach === 'loopback')) continue;
    const message = `${hostname} leads to an address (${address}) out of bounds for this account. Nothing was sent.`;
    throw new OAuthTrouble('unsafe', message, { host: hostname });
  }
}

function outgoing(
  host: string,
  { headers, body }: OAuthRequest,
): {
  headers: Record<string, string>;
  body: string | Uint8Array | null;
} {
  const all = sendable(host, headers);
  all.delete('cookie');
  all.set('accept-encoding', 'identity');
  all.set('user-agent', `gangway/${VERSION}`);
  if (body instanceof URLSearchParams && !all.has('content-type')) {
    all.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  const bytes = body instanceof URLSearchParams ? body.toString() : (body ?? null);
  return { headers: Object.fromEntries(all), body: bytes };
}

function sendable(host: string, headers: OAuthRequest['headers']): Headers {
  try {
    return new Headers(headers instanceof Headers ? headers : { ...headers });
  } catch {
    // The error quotes the value, which may be a secret.
    throw new OAuthTrouble('unsafe', `A header for ${host} cannot be sent. Nothing was sent.`, { host });
  }
}

async function wholeAnswer(host: string, answer: Dispatcher.ResponseData): Promise<Response> {
  const { statusCode: status, body } = answer;
  const encoding = String(answer.headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  if (status >= 300 && status < 400) {
    body.destroy();
    throw badAnswer(host, 'sent Gangway to another address, where it does not go', status);
  }
  if (encoding !== 'identity' && encoding !== '') {
    body.destroy();
    throw badAnswer(host, 'answered in an encoding that was not asked for', status);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.metadataBytes) {
      body.destroy();
      const most = `${limits.metadataBytes / 1024} KB`;
      throw badAnswer(host, `sent an answer larger than ${most}, which was stopped`, status);
    }
    chunks.push(chunk);
  }
  return responseOf(host, answer, Buffer.concat(chunks, size));
}

async function headOnly(host: string, answer: Dispatcher.ResponseData): Promise<Response> {
  answer.body.destroy();
  return responseOf(host, answer, undefined);
}

/** Statuses whose responses have no body (WHATWG Fetch, "null body status"). */
const BODILESS = new Set([204, 205, 304]);

function responseOf(host: string, answer: Dispatcher.ResponseData, body: Buffer | undefined): Response {
  const { statusCode: status } = answer;
  if (status < 200 || status > 599) throw badAnswer(host, 'did not answer in proper HTTP', status);
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (name === 'set-cookie') continue;
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const content = body === undefined || BODILESS.has(status) ? null : new Uint8Array(body);
  return new Response(content, { status, headers });
}
