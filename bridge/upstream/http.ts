import type { Readable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';
import { hostOf, troubleOf, type Workspace } from './workspace.ts';

/** One response of a workspace; the body must be read or destroyed. */
export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: Readable;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Longest wait for the head of the response, in milliseconds; 0 waits for ever. */
  readonly headMs: number;
  readonly signal: AbortSignal;
}

/**
 * The connections to all workspaces. No redirect is ever followed, so a credential reaches the account's own origin
 * only; no cookie is kept; streams may stay silent for as long as they like.
 */
export class WorkspaceHttp implements AsyncDisposable {
  readonly #direct: Agent;
  #proxied: EnvHttpProxyAgent | undefined;

  constructor() {
    this.#direct = new Agent(connectionOptions());
  }

  /**
   * Sends one request.
   * @throws BridgeError `unreachable` or `tls` when nothing was sent, `timeout` or `outcome-unknown` when it was.
   */
  async ask(workspace: Workspace, question: HttpQuestion): Promise<HttpAnswer> {
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#dispatcher(question.url).request({
        origin: question.url.origin,
        path: question.url.pathname + question.url.search,
        method: question.method,
        headers: { 'accept-encoding': 'gzip', ...question.headers },
        body: question.body ?? null,
        signal: question.signal,
        headersTimeout: question.headMs,
        bodyTimeout: 0,
      });
    } catch (error) {
      question.signal.throwIfAborted();
      throw networkTrouble(workspace, error);
    }
    // A body that is thrown away reports that as an error; its reader, if there is one, hears it as well.
    response.body.on('error', () => undefined);
    const header = (name: string): string | undefined => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const encoding = (header('content-encoding') ?? 'identity').trim().toLowerCase();
    if (encoding === 'identity' || encoding === '')
      return { status: response.statusCode, header, body: response.body };
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
      response.body.destroy();
      const message = `${hostOf(workspace.account)} answered in an encoding that was not asked for.`;
      throw troubleOf(workspace.account, 'bad-answer', message, { mayHaveRun: true });
    }
    const plain = createGunzip();
    response.body.on('error', (error) => plain.destroy(error));
    plain.on('close', () => response.body.destroy());
    return { status: response.statusCode, header, body: response.body.pipe(plain) };
  }

  #dispatcher(url: URL): Dispatcher {
    if (url.protocol === 'https:') trustSystemStore();
    const isLoopback = /^(127\.|\[::1\]|localhost$)/.test(url.hostname);
    const environment = process.env;
    const hasProxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some(
      (name) => environment[name],
    );
    if (isLoopback || !hasProxy) return this.#direct;
    this.#proxied ??= new EnvHttpProxyAgent(connectionOptions());
    return this.#proxied;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxied?.destroy()]);
  }
}

let trustsSystemStore = false;

/** Trusts what the operating system trusts, for companies that sign their own certificates, besides Node's own list. */
function trustSystemStore(): void {
  if (trustsSystemStore) return;
  trustsSystemStore = true;
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}

function connectionOptions(): Agent.Options {
  return {
    connectTimeout: limits.connectMs,
    connect: { minVersion: 'TLSv1.2' },
    autoSelectFamily: true,
    maxHeaderSize: limits.responseHeaderBytes,
    keepAliveTimeout: 30_000,
    allowH2: false,
    pipelining: 1,
  };
}

const BEFORE_SENDING = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The failure of a request in words. Whether it had left this computer decides between M02 and M03. */
export function networkTrouble(workspace: Workspace, error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const host = hostOf(workspace.account);
  const { account } = workspace;
  const code = errorCode(error);
  if (BEFORE_SENDING.has(code)) {
    return troubleOf(
      account,
      'unreachable',
      `${host} cannot be reached right now. Nothing was sent.`,
      {},
      error,
    );
  }
  if (isCertificateFault(code)) {
    const advice = /SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)
      ? ' If your company or security software inspects connections, add its certificate to the system store.'
      : '';
    return troubleOf(
      account,
      'tls',
      `The secure connection to ${host} failed (${code}). Nothing was sent.${advice}`,
      {},
      error,
    );
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return troubleOf(
      account,
      'timeout',
      `${host} did not answer in time. It may or may not have been carried out.`,
      { mayHaveRun: true },
      error,
    );
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('HPE_')) {
    return troubleOf(
      account,
      'bad-answer',
      `${host} did not answer in proper HTTP.`,
      { mayHaveRun: true },
      error,
    );
  }
  return lost(workspace, error);
}

/** The connection broke after the request was sent. */
export function lost(workspace: Workspace, cause?: unknown): BridgeError {
  const host = hostOf(workspace.account);
  return troubleOf(
    workspace.account,
    'outcome-unknown',
    `The connection to ${host} dropped after the request was sent. It may or may not have been carried out. Check there before trying again.`,
    { mayHaveRun: true },
    cause,
  );
}

function errorCode(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof AggregateError && current.errors.length > 0) return errorCode(current.errors[0]);
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
  }
  return '';
}

function isCertificateFault(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}

/**
 * The whole body as bytes, at most `most` of them after decompression, with at most `idleMs` of silence.
 * @returns undefined when it is larger.
 */
export async function readBody(body: Readable, most: number, idleMs: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  const idle = setTimeout(() => body.destroy(new Error('idle')), idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
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
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size);
}
