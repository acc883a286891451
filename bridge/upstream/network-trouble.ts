import { errors } from 'undici';
import { errorCode, unreachableText, type Way } from '../base/network.ts';
import { hostOf } from '../contract/account.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import { troubleOf, type Workspace } from './workspace.ts';

/** How far a request got before it failed. `secure` is true for https. */
export interface Reached {
  /** Its first byte may have left this computer. */
  readonly sent: boolean;
  readonly secure: boolean;
  readonly way?: Way | undefined;
}

/** A body that came too slowly was given up after `seconds`. */
export class TooSlow extends Error {
  readonly seconds: number;

  constructor(ms: number) {
    super('The body came too slowly.');
    this.name = 'TooSlow';
    this.seconds = Math.ceil(ms / 1000);
  }
}

/** The workspace sent more interim responses (1xx) than anybody needs. */
export class TooManyInterim extends Error {
  readonly code = 'TOO_MANY_INTERIM';
}

/** `ERR_ASSERTION` is what undici makes of a status below 100, and of a switch of protocols nobody asked for. */
const NOT_HTTP = new Set(['UND_ERR_HEADERS_OVERFLOW', 'TOO_MANY_INTERIM', 'ERR_ASSERTION']);

/** What OpenSSL and Node call a bad certificate, in words; other names are shown as they are. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed its own certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody this computer trusts signed its certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'nobody this computer trusts signed its certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody this computer trusts signed its certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody this computer trusts signed its certificate',
};

/** The failure of a request in words. Whether it had left this computer decides what can be said of its effect. */
export function networkTrouble(workspace: Workspace, error: unknown, reached: Reached): BridgeError {
  if (error instanceof BridgeError) return error;
  const host = hostOf(workspace.account);
  const ran = { mayHaveRun: true };
  const trouble = (code: BridgeError['code'], message: string, details = {}): BridgeError =>
    troubleOf(workspace.account, code, message, details, error);
  if (error instanceof TooSlow) {
    return trouble('timeout', `${host} did not answer within ${error.seconds} s.`, ran);
  }
  const code = errorCode(error);
  if (!reached.sent && (isCertificateFault(code) || isBrokenHandshake(code, reached))) {
    return trouble('tls', tlsText(host, code));
  }
  if (!reached.sent) {
    if (code === 'UND_ERR_INVALID_ARG') return asBridgeError(error);
    return trouble('unreachable', unreachableText(host, error, reached.way));
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return trouble(
      'timeout',
      `${host} did not answer in time. It may or may not have been carried out.`,
      ran,
    );
  }
  if (error instanceof errors.HTTPParserError || NOT_HTTP.has(code)) {
    return trouble('bad-answer', `${host} did not answer in proper HTTP.`, ran);
  }
  return lost(workspace, error);
}

/** The connection broke after the request was sent. */
export function lost(workspace: Workspace, cause?: unknown): BridgeError {
  return troubleOf(
    workspace.account,
    'outcome-unknown',
    `The connection to ${hostOf(workspace.account)} dropped after the request was sent. It may or may not have been carried out. Check there before trying again.`,
    { mayHaveRun: true },
    cause,
  );
}

function tlsText(host: string, code: string): string {
  const why = CERTIFICATE_FAULTS[code] ?? (code === '' ? 'it broke off' : code);
  const advice = /SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)
    ? ' If company security software inspects connections, add its certificate to the system store.'
    : '';
  return `The secure connection to ${host} failed: ${why}. Nothing was sent.${advice}`;
}

function isCertificateFault(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}

/** An https connection that ended before a request could be sent on it. */
function isBrokenHandshake(code: string, { secure }: Reached): boolean {
  return secure && (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET');
}
