import { parseChallenge } from '../base/challenge.ts';
import { isRecord } from '../base/record.ts';
import { hostOf } from '../contract/account.ts';
import type { BridgeError, TroubleDetails } from '../contract/errors.ts';
import { fitted, howToSignIn } from '../contract/sign-in-text.ts';
import type { RequestFacts, ResponseHead, Verdict } from './verdict.ts';
import { troubleOf } from './workspace.ts';

type Refusal = readonly [code: BridgeError['code'], text: (host: string, label: string) => string];

/** Longest scope that is taken note of, and the piece of it that a sentence shows. */
const MOST_SCOPE = 1000;
const MOST_SHOWN = 80;

/** What the statuses mean that are refusals and nothing else (RFC 9110 section 15.5, RFC 6585, RFC 7725). */
const REFUSALS: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  [400, ['bad-answer', (host) => `${host} could not read the request (400).`]],
  [402, ['refused', (host) => `${host} asks for payment (402).`]],
  [
    404,
    [
      'bad-answer',
      (host, label) => `${host} has no MCP server at the address of ${label} (404). Check the address.`,
    ],
  ],
  [405, ['bad-answer', (host) => `${host} takes no MCP messages at this address (405). Check the address.`]],
  [406, ['bad-answer', (host) => `${host} cannot answer in a form MCP has (406). Check the address.`]],
  [407, ['unreachable', (host) => `Your network proxy wants a sign-in (407). Nothing reached ${host}.`]],
  [
    410,
    [
      'bad-answer',
      (host, label) => `The MCP server of ${label} at ${host} is gone for good (410). Check the address.`,
    ],
  ],
  [413, ['too-large', (host) => `The message is larger than ${host} takes (413) and was refused there.`]],
  [414, ['bad-answer', (host) => `The address is too long for ${host} (414). Check the address.`]],
  [415, ['bad-answer', (host) => `${host} takes no JSON at this address (415). Check the address.`]],
  [
    421,
    ['bad-answer', (host) => `${host} says it does not answer for this address (421). Check the address.`],
  ],
  [422, ['refused', (host) => `${host} refused the request (422).`]],
  [423, ['refused', (host) => `${host} refused: what the request is about is locked (423).`]],
  [425, ['bad-answer', (host) => `${host} was not ready for the request (425). Try again.`]],
  [426, ['bad-answer', (host) => `${host} wants another protocol than HTTP/1.1 (426).`]],
  [428, ['refused', (host) => `${host} takes this request only with a condition (428).`]],
  [
    431,
    [
      'bad-answer',
      (host) => `The headers of the request are too large for ${host} (431). Use fewer extra headers.`,
    ],
  ],
  [451, ['refused', (host) => `${host} refused for legal reasons (451).`]],
]);

/** A client error that has no meaning of its own in MCP: one class and one sentence each, never sent again. */
export function judgeRefusal(head: ResponseHead, facts: RequestFacts): Verdict {
  const { status } = head;
  const known = REFUSALS.get(status);
  const reason = excerpt(head, facts);
  if (!known) {
    return trouble(
      facts,
      'bad-answer',
      `${host(facts)} answered with status ${status}, which is not MCP.${reason}`,
    );
  }
  const [code, text] = known;
  return trouble(facts, code, text(host(facts), facts.account.label) + reason);
}

/** A 403: the credential is good but not for this. */
export function judgeForbidden(head: ResponseHead, facts: RequestFacts): Verdict {
  const scope = scopeOf(head, facts);
  return trouble(facts, 'refused', forbiddenText(head, facts, scope), scope === undefined ? {} : { scope });
}

function forbiddenText(head: ResponseHead, facts: RequestFacts, scope: string | undefined): string {
  const { label, signIn } = facts.account;
  if (scope) {
    const isOAuth = signIn.kind === 'oauth';
    const remedy = isOAuth
      ? howToSignIn(facts.account)
      : 'Make a wider key there and replace it in Gangway; signing in again does not help.';
    return fitted([host(facts), label, scope.slice(0, MOST_SHOWN)], (at, whose, what) => {
      const has = isOAuth ? 'sign-in' : 'key';
      return `${at} refused: the ${has} of ${whose} lacks the permission ${what}. ${remedy}`;
    });
  }
  if (facts.account.connector === 'allegro' && facts.method === 'tools/call') {
    return `${host(facts)} refused: your role in this tenant is member, and this tool needs admin. Signing in again does not help; making ${label} read-only in Gangway hides such tools.`;
  }
  return `${host(facts)} refused: ${label} may not do that.${excerpt(head, facts)}`;
}

/** The scope that an `insufficient_scope` challenge asks for (RFC 6750 section 3.1). */
export function challengedScope(header: string | undefined): string | undefined {
  const challenge = parseChallenge(header);
  return challenge?.error === 'insufficient_scope' ? bounded(challenge.scope) : undefined;
}

function bounded(scope: string | undefined): string | undefined {
  return scope !== undefined && scope.length <= MOST_SCOPE ? scope : undefined;
}

/** The scope a 403 asks for: RFC 6750 section 3 challenge first, then the body's own word. */
function scopeOf(head: ResponseHead, facts: RequestFacts): string | undefined {
  const scope =
    bounded(parseChallenge(head.challenge)?.scope) ??
    head.body.match(/"(?:required_?scopes?|scope)"\s*:\s*\[?\s*"([\w:.\-/ ]{1,100})"/i)?.[1];
  return scope === undefined ? undefined : facts.withoutSecrets(scope);
}

/** A short piece of the workspace's own reason, made safe to show: one line, no control characters, no secret, bounded. */
function excerpt(head: ResponseHead, facts: RequestFacts): string {
  const reason = oneReason(head.body);
  // Once more after JSON's escapes are resolved: they can hide a secret from a search of the raw body.
  const clean = facts
    .withoutSecrets(reason)
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean === '' ? '' : ` It says: "${clean.slice(0, 120).toWellFormed()}"`;
}

function oneReason(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return '';
  }
  const record = isRecord(parsed) ? parsed : {};
  const nested = isRecord(record.error) ? record.error : {};
  // Sentences before words such as `member_unknown`.
  const candidates = [nested.message, record.message, record.error_description, record.reason, record.error];
  return candidates.find((candidate) => typeof candidate === 'string') ?? '';
}

export function host(facts: RequestFacts): string {
  return hostOf(facts.account);
}

export function trouble(
  facts: RequestFacts,
  code: BridgeError['code'],
  message: string,
  details: TroubleDetails = {},
): Extract<Verdict, { kind: 'trouble' }> {
  return { kind: 'trouble', error: troubleOf(facts.account, code, message, details) };
}
