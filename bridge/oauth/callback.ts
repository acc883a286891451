import { createHash, timingSafeEqual } from 'node:crypto';
import { oneLine } from '../base/text.ts';

/** Path of the redirect address. */
export const CALLBACK_PATH = '/callback';

/** The loopback redirect address at a port; without one, the address by which servers mean any port (RFC 8252 7.3). */
export function redirectUriAt(port: number | undefined): string {
  return `http://127.0.0.1${port === undefined ? '' : `:${port}`}${CALLBACK_PATH}`;
}

/** What a sign-in that waits for its browser knows beforehand. */
export interface ExpectedCallback {
  readonly state: string;
  /** The recorded issuer, compared byte for byte (RFC 9207 section 2.4). */
  readonly issuer: string;
  /** `authorization_response_iss_parameter_supported` (RFC 9207 section 3). */
  readonly issInResponse: boolean;
}

/**
 * What the parameters of one callback mean.
 *
 * - `ignored`: not an answer to this sign-in, which goes on waiting.
 * - `code`: the parameters, for the exchange.
 * - `denied`: the server said no; both texts are one line, together at most 200 characters.
 * - `refused`: an answer that must not be trusted; `reason` holds nothing of it.
 * - `empty`: neither a code nor an error.
 */
export type Callback =
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'code'; readonly parameters: URLSearchParams }
  | { readonly kind: 'denied'; readonly error: string; readonly description: string | undefined }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'empty' };

const ERROR_CHARACTERS = 60;
const DESCRIPTION_CHARACTERS = 140;

/** Reads the parameters a browser brought back (RFC 6749 section 4.1.2, RFC 9207 section 2.4). Changes nothing. */
export function readCallback(parameters: URLSearchParams, expected: ExpectedCallback): Callback {
  if (!hasState(parameters, expected.state))
    return { kind: 'ignored', reason: 'It has not the right state.' };
  const twice = ['code', 'iss', 'error'].find((name) => parameters.getAll(name).length > 1);
  if (twice) return { kind: 'ignored', reason: `It has "${twice}" more than once.` };
  const issuer = parameters.get('iss');
  if (issuer === null && expected.issInResponse) {
    return { kind: 'refused', reason: 'The answer does not say which server it comes from.' };
  }
  if (issuer !== null && issuer !== expected.issuer) {
    return { kind: 'refused', reason: 'The answer comes from another server than the one asked.' };
  }
  // A parameter without a value counts as left out (RFC 6749 section 3.1).
  const error = parameters.get('error');
  if (error)
    return { kind: 'denied', error: oneLine(error, ERROR_CHARACTERS), description: described(parameters) };
  if (parameters.get('code')) return { kind: 'code', parameters };
  return { kind: 'empty' };
}

/** Exactly one `state`, and the right one. Compared in constant time, whatever its length. */
export function hasState(parameters: URLSearchParams, state: string): boolean {
  const [given, ...more] = parameters.getAll('state');
  return given !== undefined && more.length === 0 && timingSafeEqual(digest(given), digest(state));
}

function described(parameters: URLSearchParams): string | undefined {
  return oneLine(parameters.get('error_description') ?? '', DESCRIPTION_CHARACTERS) || undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
