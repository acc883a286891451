import { errors } from 'undici';
import { errorCode, unreachableText, type Way } from '../base/network.ts';
import { OAuthTrouble } from './trouble.ts';

/** How far a request got before it failed. */
export interface Reached {
  /** Its first byte may have left this computer. */
  readonly isSent: boolean;
  /** It was sent and asks for more than reading. */
  readonly mayHaveActed: boolean;
  readonly way: Way | undefined;
}

/** The failure of a request in words. Whether it had left this computer decides what can be said of its effect. */
export function networkTrouble(url: URL, error: unknown, reached: Reached): OAuthTrouble {
  const { isSent, mayHaveActed, way } = reached;
  const { host } = url;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof OAuthTrouble) return cause;
  }
  const trouble = (kind: 'transient' | 'ambiguous', message: string): OAuthTrouble =>
    new OAuthTrouble(kind, message, { host }, error);
  const code = errorCode(error);
  if (isSent) {
    if (error instanceof errors.HTTPParserError || NOT_HTTP.has(code)) {
      return trouble('transient', `${host} did not answer in proper HTTP. Is there a network sign-in page?`);
    }
    const lost = `The connection to ${host} dropped after the request was sent.`;
    if (!mayHaveActed) return trouble('transient', lost);
    return trouble('ambiguous', `${lost} It may or may not have been carried out.`);
  }
  if (url.protocol === 'https:' && TLS.test(code)) {
    return trouble('transient', `The secure connection to ${host} failed (${code}). Nothing was sent.`);
  }
  return trouble('transient', unreachableText(host, error, way));
}

/** `ERR_ASSERTION` is what undici makes of a status below 100. */
const NOT_HTTP = new Set(['UND_ERR_HEADERS_OVERFLOW', 'ERR_ASSERTION']);

/** Codes of OpenSSL and Node for bad certificates, and of connections that end within the handshake. */
const TLS =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|ECONNRESET|EPIPE|UND_ERR_SOCKET)/;

/** The answer did not come in time. */
export function tooSlow(host: string, ms: number, mayHaveActed: boolean): OAuthTrouble {
  const message = `${host} did not answer within ${Math.ceil(ms / 1000)} s.`;
  return new OAuthTrouble(mayHaveActed ? 'ambiguous' : 'transient', message, { host });
}

/** The answer cannot be used, as when a network puts its own page in between. */
export function badAnswer(host: string, what: string, status: number): OAuthTrouble {
  const message = `${host} ${what}. Is there a network sign-in page?`;
  return new OAuthTrouble('transient', message, { host, status });
}
