import type { Account } from '../contract/account.ts';
import type { BridgeError } from '../contract/errors.ts';
import { signInNeededText } from '../contract/sign-in-text.ts';
import { host, judgeForbidden, judgeRefusal, trouble } from './refusals.ts';

/** The head of a workspace's response, with a bounded piece of its body when it is no success. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  readonly challenge: string | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** Body text of an error response, secrets removed; empty for successes. */
  readonly body: string;
}

export interface RequestFacts {
  readonly account: Account;
  readonly method: string;
  /** A request wants an answer; a notification or a response does not. */
  readonly wantsAnswer: boolean;
  readonly hadSession: boolean;
  readonly repeatable: boolean;
  /** How many times the message was sent again already because of a verdict. */
  readonly attempt: number;
  /** The body is a JSON-RPC answer to this very request. */
  readonly answersUs: boolean;
  /** Takes the account's own secrets out of a text that may be shown. */
  withoutSecrets(text: string): string;
  readonly now: Date;
}

/** What a response means. */
export type Verdict =
  | { readonly kind: 'json' }
  | { readonly kind: 'events' }
  | { readonly kind: 'accepted' }
  /** The body is the workspace's own JSON-RPC answer, whatever the status. */
  | { readonly kind: 'answer' }
  | { readonly kind: 'session-lost' }
  /** Send the same message once more after `waitMs`, `anew` on another connection. */
  | { readonly kind: 'again'; readonly waitMs: number; readonly anew?: boolean }
  | { readonly kind: 'trouble'; readonly error: BridgeError };

const LONGEST_WAIT_S = 3600;
const DEFAULT_WAIT_S = 5;
/** Longer waits are told to the client instead of being sat out. */
const LONGEST_SILENT_WAIT_S = 5;
const MOST_WAITS = 2;

/**
 * Seconds to wait by `Retry-After` (RFC 9110 section 10.2.3): delay or date; nonsense and the past count as five
 * seconds; never more than an hour.
 */
export function retryAfterSeconds(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (Number.isNaN(seconds) || seconds <= 0) return DEFAULT_WAIT_S;
  return Math.min(Math.ceil(seconds), LONGEST_WAIT_S);
}

/** The media type without parameters, lower case. */
export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** Classifies every response to a POST: total, pure, one class and one text each. */
export function judge(head: ResponseHead, facts: RequestFacts): Verdict {
  const { status } = head;
  if (status >= 200 && status < 300) return judgeSuccess(head, facts);
  if (status === 401) return signInNeeded(facts);
  if (status === 403) return judgeForbidden(head, facts);
  if (status === 404 && facts.answersUs && /"code"\s*:\s*-32601/.test(head.body)) return { kind: 'answer' };
  if (status === 404 && facts.hadSession) return { kind: 'session-lost' };
  if (status === 429) return judgeTooMany(head, facts);
  if (facts.answersUs) return { kind: 'answer' };
  if (status === 400 && facts.hadSession && /session/i.test(head.body)) return { kind: 'session-lost' };
  if (status >= 300 && status < 400) return judgeRedirect(head, facts);
  if (status >= 500) return judgeServerFault(head, facts);
  if (status === 408) return judgeGaveUp(facts);
  // Both say that nothing was carried out: RFC 9110 section 15.5.20, RFC 8470 section 5.2.
  if ((status === 421 || status === 425) && facts.attempt === 0) {
    return { kind: 'again', waitMs: 0, anew: status === 421 };
  }
  return judgeRefusal(head, facts);
}

function judgeSuccess(head: ResponseHead, facts: RequestFacts): Verdict {
  if (!facts.wantsAnswer) return { kind: 'accepted' };
  if (head.status === 204 || head.status === 205 || head.status === 202) {
    const message = `${host(facts)} took the request but gave no answer. It may have been carried out.`;
    return trouble(facts, 'bad-answer', message, { mayHaveRun: true });
  }
  const type = mediaType(head.contentType);
  if (type === 'text/event-stream') return { kind: 'events' };
  if (type === 'application/json' || type === '') return { kind: 'json' };
  const shown = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type) ? type.slice(0, 40) : 'an unknown type';
  return trouble(
    facts,
    'bad-answer',
    `${host(facts)} did not answer in MCP (${shown}). Is there a network sign-in page?`,
    { mayHaveRun: facts.method === 'tools/call' },
  );
}

const MOVED = new Set([301, 302, 303, 307, 308]);

function judgeRedirect(head: ResponseHead, facts: RequestFacts): Verdict {
  if (!MOVED.has(head.status)) return judgeRefusal(head, facts);
  return trouble(
    facts,
    'bad-answer',
    `${host(facts)} says the address has moved to ${targetOf(head, facts)}. Nothing was sent there; check the account's address.`,
  );
}

/** Where a redirect leads, as far as it can be shown. */
function targetOf({ location = '' }: ResponseHead, facts: RequestFacts): string {
  const { upstream } = facts.account;
  const here = upstream.kind === 'command' ? undefined : upstream.url;
  if (location === '' || !URL.canParse(location, here)) return 'another address';
  const url = new URL(location, here);
  if (!/^https?:$/.test(url.protocol) || !/^[a-z0-9.:[\]-]{1,100}$/.test(url.host)) return 'another address';
  const isHere = here !== undefined && new URL(here).origin === url.origin;
  return isHere ? 'another path' : facts.withoutSecrets(url.origin);
}

function signInNeeded(facts: RequestFacts): Verdict {
  const why = {
    key: 'does not accept the key',
    oauth: 'does not accept the sign-in',
    none: 'asks for a sign-in',
  }[facts.account.signIn.kind];
  const message = signInNeededText(facts.account, host(facts), (at) => `${at} ${why}.`);
  return trouble(facts, 'sign-in-needed', message);
}

/** 429, or 503 with a time: the request was refused, so even a write may be sent again. */
function judgeTooMany(head: ResponseHead, facts: RequestFacts): Verdict {
  const seconds = retryAfterSeconds(head.retryAfter, facts.now);
  if ((seconds ?? 0) <= LONGEST_SILENT_WAIT_S && facts.attempt < MOST_WAITS) {
    return { kind: 'again', waitMs: (seconds ?? 2 ** facts.attempt) * 1000 };
  }
  const shown = seconds ?? DEFAULT_WAIT_S;
  return trouble(facts, 'wait', `${host(facts)} asks to wait ${shown} s.`, { retryAfterSeconds: shown });
}

function judgeServerFault(head: ResponseHead, facts: RequestFacts): Verdict {
  const { status } = head;
  const at = host(facts);
  if (status === 511) {
    return trouble(
      facts,
      'bad-answer',
      `${at} cannot be reached: the network wants you to sign in first (511).`,
    );
  }
  if (status === 525 || status === 526) {
    return trouble(
      facts,
      'tls',
      `The secure connection to ${at} failed (${status}). Nothing reached the workspace.`,
    );
  }
  // Cloudflare's own pages; with 520 and 524 the workspace had the request.
  const reached = status === 520 || status === 524 || status < 520 || status > 530;
  if (!reached) return trouble(facts, 'unreachable', `${at} cannot be reached right now (${status}).`);
  if (!facts.repeatable && status !== 501 && status !== 505) {
    return trouble(
      facts,
      'outcome-unknown',
      `${at} failed (${status}) after the request was sent. It may or may not have been carried out. Check there before trying again.`,
      { mayHaveRun: true },
    );
  }
  if (facts.repeatable && status === 503 && head.retryAfter !== undefined) return judgeTooMany(head, facts);
  if (facts.repeatable && facts.attempt === 0) return { kind: 'again', waitMs: 1000 };
  return trouble(facts, 'bad-answer', `${at} has a fault of its own right now (${status}). Try again later.`);
}

/** 408: the workspace has heard some of the request, so a write is not sent again. */
function judgeGaveUp(facts: RequestFacts): Verdict {
  const message = `${host(facts)} gave up waiting for the request (408).`;
  if (!facts.repeatable) {
    const unknown = `${message} It may or may not have been carried out. Check there before trying again.`;
    return trouble(facts, 'outcome-unknown', unknown, { mayHaveRun: true });
  }
  if (facts.attempt === 0) return { kind: 'again', waitMs: 0 };
  return trouble(facts, 'timeout', `${message} Try again.`);
}
