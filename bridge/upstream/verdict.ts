import type { Account } from '../contract/account.ts';
import type { BridgeError, TroubleDetails } from '../contract/errors.ts';
import { hostOf, troubleOf } from './workspace.ts';

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
  /** The body is a JSON-RPC error for this very request. */
  readonly answersUs: boolean;
  readonly now: Date;
}

/** What a response means. `again` may be followed `triesAllowed` times, after `waitMs`. */
export type Verdict =
  | { readonly kind: 'json' }
  | { readonly kind: 'events' }
  | { readonly kind: 'accepted' }
  /** The body is the workspace's own JSON-RPC answer, whatever the status. */
  | { readonly kind: 'answer' }
  | { readonly kind: 'session-lost' }
  | {
      readonly kind: 'again';
      readonly waitMs: number;
      readonly triesAllowed: number;
      readonly otherwise: BridgeError;
    }
  | { readonly kind: 'trouble'; readonly error: BridgeError };

const LONGEST_WAIT_S = 3600;
const DEFAULT_WAIT_S = 5;
const LONGEST_SILENT_WAIT_S = 10;

/**
 * Seconds to wait by `Retry-After` (RFC 9110 section 10.2.3): delay or date; nonsense and the past count as five
 * seconds; never more than an hour.
 */
export function retryAfterSeconds(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (!Number.isFinite(seconds) || seconds <= 0) return DEFAULT_WAIT_S;
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
  if (status >= 300 && status < 400) return judgeRedirect(head, facts);
  if (status === 401) return signInNeeded(facts);
  if (status === 403) return trouble(facts, 'refused', refusedText(head, facts), scopeDetails(head));
  if (status === 404 && facts.answersUs && /"code"\s*:\s*-32601/.test(head.body)) return { kind: 'answer' };
  if (status === 404 && facts.hadSession) return { kind: 'session-lost' };
  if (status === 429) return judgeTooMany(head, facts);
  if (facts.answersUs) return { kind: 'answer' };
  if (status === 400 && facts.hadSession && /session/i.test(head.body)) return { kind: 'session-lost' };
  if (status >= 500) return judgeServerFault(head, facts);
  return judgeRefusal(head, facts);
}

function judgeSuccess(head: ResponseHead, facts: RequestFacts): Verdict {
  if (!facts.wantsAnswer) return { kind: 'accepted' };
  const type = mediaType(head.contentType);
  if (head.status === 204 || head.status === 205 || head.status === 202) {
    return trouble(
      facts,
      'bad-answer',
      `${host(facts)} took the request but gave no answer. It may have been carried out.`,
      {
        mayHaveRun: true,
      },
    );
  }
  if (type === 'text/event-stream') return { kind: 'events' };
  if (type === 'application/json' || type === '') return { kind: 'json' };
  return trouble(
    facts,
    'bad-answer',
    `${host(facts)} did not answer in MCP (${type.slice(0, 40)}). Is there a network sign-in page?`,
    { mayHaveRun: facts.method === 'tools/call' },
  );
}

function judgeRedirect(head: ResponseHead, facts: RequestFacts): Verdict {
  let target = 'another address';
  try {
    if (head.location) target = new URL(head.location, 'https://invalid.invalid').host;
    if (target === 'invalid.invalid') target = 'another path';
  } catch {
    // An unreadable Location is still a redirect.
  }
  return trouble(
    facts,
    'bad-answer',
    `${host(facts)} says the address has moved to ${target}. Nothing was sent there; check the account's address.`,
  );
}

function signInNeeded(facts: RequestFacts): Verdict {
  const isKey = facts.account.signIn.kind === 'key';
  const why = isKey ? 'no longer accepts the saved key' : 'asks for a sign-in';
  const what = isKey ? 'Replace the key in Gangway' : 'Add the account again with a key';
  return trouble(
    facts,
    'sign-in-needed',
    `${facts.account.label}: sign-in needed. ${host(facts)} ${why}. ${what}.`,
  );
}

function scopeDetails(head: ResponseHead): TroubleDetails {
  const scope = scopeOf(head);
  return scope === undefined ? {} : { scope };
}

/** The scope a 403 asks for: RFC 6750 section 3 challenge first, then the body's own word. */
function scopeOf(head: ResponseHead): string | undefined {
  const fromChallenge = head.challenge?.match(/\bscope="([\w:.\-/ ]{1,200})"/i)?.[1];
  if (fromChallenge) return fromChallenge;
  return head.body.match(/"(?:required_?scopes?|scope)"\s*:\s*\[?\s*"([\w:.\-/ ]{1,100})"/i)?.[1];
}

function refusedText(head: ResponseHead, facts: RequestFacts): string {
  const scope = scopeOf(head);
  const { label } = facts.account;
  if (scope) {
    return `${host(facts)} refused: the key of ${label} lacks the permission ${scope}. Make a wider key there and replace it in Gangway; signing in again does not help.`;
  }
  if (facts.account.connector === 'allegro' && facts.method === 'tools/call') {
    return `${host(facts)} refused: your role in this tenant is member, and this tool needs admin. Signing in again does not help.`;
  }
  return `${host(facts)} refused: ${label} may not do that.${excerpt(head.body)}`;
}

/** A short piece of the workspace's own reason, made safe to show: one line, no control characters, bounded. */
export function excerpt(body: string): string {
  let reason = '';
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      const record = parsed as Record<string, unknown>;
      const nested =
        typeof record.error === 'object' && record.error !== null
          ? (record.error as Record<string, unknown>)
          : {};
      const candidates = [
        nested.message,
        record.message,
        record.error_description,
        record.error,
        record.reason,
      ];
      reason = candidates.find((candidate): candidate is string => typeof candidate === 'string') ?? '';
    }
  } catch {
    return '';
  }
  const clean = reason
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean === '' ? '' : ` It says: "${clean.slice(0, 120)}"`;
}

function judgeTooMany(head: ResponseHead, facts: RequestFacts): Verdict {
  const seconds = retryAfterSeconds(head.retryAfter, facts.now);
  const shown = seconds ?? DEFAULT_WAIT_S;
  const error = troubleOf(facts.account, 'wait', `${host(facts)} asks to wait ${shown} s.`, {
    retryAfterSeconds: shown,
  });
  if (seconds !== undefined && seconds > LONGEST_SILENT_WAIT_S / 2) return { kind: 'trouble', error };
  // 429 means the request was refused, so even a write may be sent again.
  return { kind: 'again', waitMs: (seconds ?? 1) * 1000, triesAllowed: 2, otherwise: error };
}

function judgeServerFault(head: ResponseHead, facts: RequestFacts): Verdict {
  const { status } = head;
  if (status === 511)
    return trouble(
      facts,
      'bad-answer',
      `${host(facts)} cannot be reached: the network wants you to sign in first.`,
    );
  if (status === 525 || status === 526)
    return trouble(
      facts,
      'tls',
      `The secure connection to ${host(facts)} failed (${status}). Nothing was sent.`,
    );
  if (status >= 520 && status <= 530)
    return trouble(facts, 'unreachable', `${host(facts)} cannot be reached right now (${status}).`);
  if (!facts.repeatable && status !== 501 && status !== 505) {
    return trouble(
      facts,
      'outcome-unknown',
      `${host(facts)} failed (${status}) after the request was sent. It may or may not have been carried out. Check there before trying again.`,
      { mayHaveRun: true },
    );
  }
  const otherwise = troubleOf(
    facts.account,
    'bad-answer',
    `${host(facts)} has a fault of its own right now (${status}). Try again later.`,
  );
  if (!facts.repeatable) return { kind: 'trouble', error: otherwise };
  const waitMs =
    (status === 503 ? Math.min(retryAfterSeconds(head.retryAfter, facts.now) ?? 1, 5) : 1) * 1000;
  return { kind: 'again', waitMs, triesAllowed: 1, otherwise };
}

function judgeRefusal(head: ResponseHead, facts: RequestFacts): Verdict {
  const { status } = head;
  const at = host(facts);
  if (status === 408 || status === 421 || status === 425) {
    const otherwise = troubleOf(
      facts.account,
      'timeout',
      `${at} gave up waiting for the request (${status}). Try again.`,
    );
    return { kind: 'again', waitMs: 0, triesAllowed: 1, otherwise };
  }
  const reason = excerpt(head.body);
  switch (status) {
    case 400:
      return trouble(facts, 'bad-answer', `${at} could not read the request (400).${reason}`);
    case 402:
      return trouble(facts, 'refused', `${at} asks for payment (402).${reason}`);
    case 404:
      return trouble(
        facts,
        'bad-answer',
        `There is no MCP server at the address of ${facts.account.label}. Check the address.`,
      );
    case 405:
      return trouble(
        facts,
        'bad-answer',
        `${at} takes no MCP messages at this address (405). Check the address.`,
      );
    case 407:
      return trouble(
        facts,
        'unreachable',
        'Your network proxy wants a sign-in (407). Nothing reached the workspace.',
      );
    case 410:
      return trouble(
        facts,
        'bad-answer',
        `The MCP server of ${facts.account.label} is gone for good (410). Check the address.`,
      );
    case 413:
      return trouble(
        facts,
        'too-large',
        `The message is larger than ${at} takes (413) and was refused there.`,
      );
    case 422:
      return trouble(facts, 'refused', `${at} refused the request (422).${reason}`);
    default:
      return trouble(facts, 'bad-answer', `${at} answered with status ${status}, which is not MCP.${reason}`);
  }
}

function host(facts: RequestFacts): string {
  return hostOf(facts.account);
}

function trouble(
  facts: RequestFacts,
  code: BridgeError['code'],
  message: string,
  details: TroubleDetails = {},
): Verdict {
  return { kind: 'trouble', error: troubleOf(facts.account, code, message.slice(0, 300), details) };
}
