import { limits } from '../base/limits.ts';
import { isRecord } from '../base/record.ts';
import { OAuthTrouble, type OAuthTroubleFacts, type OAuthTroubleKind } from './trouble.ts';

/** What was asked for: tokens for a code, tokens for a refresh token, or the end of a token. */
export type Step = 'exchange' | 'refresh' | 'revocation';

/** An answer of a token or revocation endpoint; `body` is the whole text. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How a request ended: with an answer, or with whatever was thrown instead of one. */
export type Outcome = Answered | { readonly failure: unknown };

/**
 * What an outcome means and what it looks like:
 *
 * - `error`: it says so itself, with an error code, known or not.
 * - `busy`: the status says that the server cannot answer now.
 * - `firewall`: 401 or 403 without OAuth's JSON.
 * - `portal`: something else than the sign-in server seems to have answered.
 * - `other`: a refusal without words.
 * - `lost`: no answer came.
 */
export interface Verdict {
  readonly kind: OAuthTroubleKind;
  readonly looks: 'error' | 'busy' | 'firewall' | 'portal' | 'other' | 'lost';
  readonly error: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

/**
 * Error codes with a meaning of their own: RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1, RFC 8707
 * section 2, and of OpenID Connect Core section 3.1.2.6 those that ask for the person. Any other code is transient.
 */
const CODES: Readonly<Record<string, OAuthTroubleKind>> = {
  invalid_grant: 'grant-lost',
  interaction_required: 'grant-lost',
  login_required: 'grant-lost',
  consent_required: 'grant-lost',
  invalid_client: 'client-lost',
  unauthorized_client: 'client-lost',
  invalid_request: 'configuration',
  invalid_scope: 'configuration',
  invalid_target: 'configuration',
  unsupported_grant_type: 'configuration',
  unsupported_response_type: 'configuration',
  unsupported_token_type: 'configuration',
  access_denied: 'denied',
  server_error: 'transient',
  temporarily_unavailable: 'transient',
};

/** Request Timeout, Too Early, Too Many Requests: refused for now only. */
const PASSING = new Set([408, 425, 429]);

/**
 * What an outcome without tokens means: total, pure, one kind for each. An error code counts on a refusal of any content
 * type and, as some servers do it, on a JSON answer with status 200; never on 5xx, which may come from a machine in
 * between. A failure of an unknown sort may have happened after the request was sent.
 *
 * @param now milliseconds since 1970, for a `Retry-After` with a date
 */
export function classify(outcome: Outcome, now: number): Verdict {
  if ('failure' in outcome) return classifyFailure(outcome.failure);
  const { status, headers, body } = outcome;
  const verdict = (kind: OAuthTroubleKind, looks: Verdict['looks'], error?: string): Verdict => ({
    kind,
    looks,
    error,
    retryAfterSeconds:
      kind === 'transient' || kind === 'suspicious'
        ? retryAfterSeconds(headers.get('retry-after'), clockOf(headers, now))
        : undefined,
  });
  if (status >= 500 || PASSING.has(status)) return verdict('transient', 'busy');
  if (status < 400 && (status !== 200 || !isJson(headers))) return verdict('transient', 'portal');
  const answer = jsonObject(body);
  if (answer?.error) {
    const error = knownCode(answer.error);
    return verdict(CODES[error ?? ''] ?? 'transient', 'error', error);
  }
  if (status === 401 || status === 403) return verdict('suspicious', 'firewall');
  return verdict('transient', status === 200 ? 'portal' : 'other');
}

function classifyFailure(failure: unknown): Verdict {
  const known = failure instanceof OAuthTrouble ? failure : undefined;
  return {
    kind: known?.kind ?? 'ambiguous',
    looks: 'lost',
    error: known?.facts.error,
    retryAfterSeconds: known?.facts.retryAfterSeconds,
  };
}

/** A refusing answer as an error. Of the server's own text only a known error code is in it. */
export function troubleOf(answer: Answered, step: Step, host: string): OAuthTrouble {
  const verdict = classify(answer, Date.now());
  return new OAuthTrouble(
    verdict.kind,
    textOf(verdict, step, host, answer.status),
    factsOf(verdict, host, answer.status),
  );
}

/**
 * A failed request as an error. Troubles that name their cause already stay as they are; after an exchange they say
 * besides that the sign-in is over, because the code may be used up.
 *
 * @throws the signal's reason, when that is why it failed
 */
export function troubleOfFailure(
  failure: unknown,
  step: Step,
  host: string,
  signal: AbortSignal,
): OAuthTrouble {
  signal.throwIfAborted();
  const verdict = classify({ failure }, Date.now());
  if (failure instanceof OAuthTrouble && verdict.kind !== 'ambiguous') {
    if (step !== 'exchange' || verdict.kind !== 'transient') return failure;
    return new OAuthTrouble('transient', `${failure.message} Please sign in again.`, failure.facts);
  }
  // No cause: libraries put the request into theirs, and with it the secrets.
  return new OAuthTrouble(
    verdict.kind,
    textOf(verdict, step, host, undefined),
    factsOf(verdict, host, undefined),
  );
}

/** An answer with its body read. */
export async function answered(response: Response): Promise<Answered> {
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** The JSON object that a body is; undefined for anything else. */
export function jsonObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The content type is JSON (RFC 6749 section 5.1). */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[^\s;/]+\+)?json\s*(?:;|$)/i.test(headers.get('content-type') ?? '');
}

/** Host and port of an address, for people; cut so that every sentence about it fits. */
export function hostOf(address: string): string {
  return URL.parse(address)?.host.slice(0, 100) ?? 'the sign-in server';
}

/** The error code when it is one of the known ones, and so safe to show. */
export function knownCode(error: unknown): string | undefined {
  return typeof error === 'string' && Object.hasOwn(CODES, error) ? error : undefined;
}

/** The time at which the server says it answered, because a date it names is by its own clock; ours when it says none. */
function clockOf(headers: Headers, now: number): number {
  const said = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(said) ? now : said;
}

/**
 * Seconds to wait by `Retry-After` (RFC 9110 section 10.2.3), a delay or a date; 0 to one hour, undefined when it is
 * missing or neither.
 */
export function retryAfterSeconds(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  // Date.parse takes "-5" for a year, so a date must begin with its weekday as HTTP's dates do.
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : /^(?:mon|tue|wed|thu|fri|sat|sun)/i.test(text)
      ? (Date.parse(text) - now) / 1000
      : Number.NaN;
  return Number.isNaN(seconds)
    ? undefined
    : Math.min(Math.max(0, Math.ceil(seconds)), limits.oauthWaitMs / 1000);
}

function factsOf(
  { error, retryAfterSeconds }: Verdict,
  host: string,
  status: number | undefined,
): OAuthTroubleFacts {
  return {
    host,
    ...(error === undefined ? {} : { error }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(status === undefined ? {} : { status }),
  };
}

/** What a person does next after a passing trouble, by step. */
const LATER: Readonly<Record<Step, string>> = {
  exchange: 'Please sign in again later.',
  refresh: 'Gangway tries again by itself.',
  revocation: 'Gangway tells it again later.',
};

function textOf({ kind, looks, error, ...rest }: Verdict, step: Step, host: string, status = 0): string {
  const said = error === undefined ? '' : ` (${error})`;
  switch (kind) {
    case 'grant-lost':
      return step === 'exchange'
        ? `${host} did not accept this sign-in${said}; it was too late or used already. Please sign in again.`
        : `${host} no longer accepts the saved sign-in${said}. Please sign in again.`;
    case 'client-lost':
      return `${host} no longer knows Gangway's client id${said}. Please sign in again; if you entered a client id yourself, check it.`;
    case 'configuration':
      return `${host} refuses what Gangway asked for${said}. Trying again will not help; tell the people who run the server.`;
    case 'denied':
      return `${host} refused access${said}. Ask the people who run it to allow Gangway.`;
    case 'suspicious':
      return `${host} refused without a reason (status ${status}), as firewalls do. ${LATER[step]}`;
    case 'ambiguous':
      return lostText(step, host);
    case 'unsafe':
      return `${host} broke a rule that keeps sign-ins safe. Tell the people who run the server.`;
    case 'transient':
      return passingText(looks, rest.retryAfterSeconds, step, host, status);
    default:
      return kind satisfies never;
  }
}

function lostText(step: Step, host: string): string {
  const lost = `The connection to ${host} dropped after the request was sent`;
  if (step === 'exchange') return `${lost}, so nobody knows whether it worked. Please sign in again.`;
  return `${lost}; it may or may not have been carried out. ${LATER[step]}`;
}

function passingText(
  looks: Verdict['looks'],
  wait: number | undefined,
  step: Step,
  host: string,
  status: number,
): string {
  if (wait !== undefined && wait > 0) return `${host} asks to wait ${wait} s. ${LATER[step]}`;
  if (looks === 'portal')
    return `${host} did not answer as a sign-in server. Is there a network sign-in page? ${LATER[step]}`;
  if (looks === 'busy') return `${host} cannot answer right now (status ${status}). ${LATER[step]}`;
  if (looks === 'lost') return `${host} cannot be reached right now. ${LATER[step]}`;
  return `${host} refused without a reason Gangway knows (status ${status}). ${LATER[step]}`;
}
