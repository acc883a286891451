import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Answered,
  classify,
  hostOf,
  isJson,
  knownCode,
  retryAfterSeconds,
  type Step,
  troubleOf,
  troubleOfFailure,
} from '#bridge/oauth/classify.ts';
import { OAuthTrouble, type OAuthTroubleKind } from '#bridge/oauth/trouble.ts';
import { troubleIn } from './token-steps.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOST = 'login.example';
const STEPS: readonly Step[] = ['exchange', 'refresh', 'revocation'];
const KINDS: readonly OAuthTroubleKind[] = [
  'unsafe',
  'grant-lost',
  'client-lost',
  'configuration',
  'denied',
  'suspicious',
  'transient',
  'ambiguous',
];
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

function answer(status: number, body: unknown, headers: Record<string, string> = JSON_TYPE): Answered {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: new Headers(headers), body: text };
}

test.each<[number, unknown, OAuthTroubleKind]>([
  [400, 'invalid_grant', 'grant-lost'],
  [401, 'invalid_grant', 'grant-lost'],
  [403, 'invalid_grant', 'grant-lost'],
  [200, 'invalid_grant', 'grant-lost'],
  [400, 'interaction_required', 'grant-lost'],
  [400, 'login_required', 'grant-lost'],
  [400, 'consent_required', 'grant-lost'],
  [400, 'invalid_client', 'client-lost'],
  [401, 'invalid_client', 'client-lost'],
  [400, 'unauthorized_client', 'client-lost'],
  [401, 'unauthorized_client', 'client-lost'],
  [400, 'invalid_scope', 'configuration'],
  [400, 'invalid_target', 'configuration'],
  [400, 'invalid_request', 'configuration'],
  [400, 'unsupported_grant_type', 'configuration'],
  [400, 'unsupported_token_type', 'configuration'],
  [403, 'access_denied', 'denied'],
  [400, 'temporarily_unavailable', 'transient'],
  [400, 'server_error', 'transient'],
  [400, 'no_such_code', 'transient'],
  [400, '__proto__', 'transient'],
  [401, 'constructor', 'transient'],
  [400, 7, 'transient'],
  [400, { code: 'invalid_grant' }, 'transient'],
  [429, 'invalid_grant', 'transient'],
  [503, 'invalid_grant', 'transient'],
])('status %i with the error %j means %s', (status, error, kind) => {
  const verdict = classify(answer(status, { error }), NOW);
  expect(verdict.kind).toBe(kind);
  expect(verdict.error).toBe(status >= 429 ? undefined : knownCode(error));
});

test.each<[string, Answered, OAuthTroubleKind, string]>([
  ['401 with HTML', answer(401, '<h1>Denied</h1>', HTML), 'suspicious', 'firewall'],
  ['401 without a body', answer(401, '', {}), 'suspicious', 'firewall'],
  ['401 with other JSON', answer(401, { message: 'Unauthenticated.' }), 'suspicious', 'firewall'],
  ['403 with HTML', answer(403, '<h1>Denied</h1>', HTML), 'suspicious', 'firewall'],
  ['400 with HTML', answer(400, '<h1>Bad</h1>', HTML), 'transient', 'other'],
  ['404 with HTML', answer(404, '<h1>None</h1>', HTML), 'transient', 'other'],
  ['408', answer(408, ''), 'transient', 'busy'],
  ['425', answer(425, ''), 'transient', 'busy'],
  ['429', answer(429, ''), 'transient', 'busy'],
  ['500 with HTML', answer(500, '<h1>Oops</h1>', HTML), 'transient', 'busy'],
  ['502', answer(502, ''), 'transient', 'busy'],
  ['503', answer(503, ''), 'transient', 'busy'],
  ['200 with HTML', answer(200, '<h1>Wi-Fi</h1>', HTML), 'transient', 'portal'],
  ['200 with JSON called HTML', answer(200, { error: 'invalid_grant' }, HTML), 'transient', 'portal'],
  ['200 without a content type', answer(200, { error: 'invalid_grant' }, {}), 'transient', 'portal'],
  ['200 with half an object', answer(200, '{"access_token":"a'), 'transient', 'portal'],
  ['200 without a body', answer(200, ''), 'transient', 'portal'],
  ['204', answer(204, '', {}), 'transient', 'portal'],
  ['302', answer(302, '', { location: 'https://portal.example/' }), 'transient', 'portal'],
  ['307', answer(307, { error: 'invalid_grant' }), 'transient', 'portal'],
])('%s', (_, answered, kind, looks) => {
  expect(classify(answered, NOW)).toEqual({ kind, looks, error: undefined, retryAfterSeconds: undefined });
});

test('an error code counts on a refusal whatever its content type is', () => {
  const refusal = answer(400, { error: 'invalid_grant' }, { 'content-type': 'text/plain' });
  expect(classify(refusal, NOW).kind).toBe('grant-lost');
});

test.each([
  ['30', 30],
  [' 30 ', 30],
  ['0', 0],
  ['3600', 3600],
  ['86400', 3600],
  ['9'.repeat(400), 3600],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
  ['Sunday, 01-Mar-26 12:00:30 GMT', 30],
  ['Mon, 02 Mar 2026 12:00:00 GMT', 3600],
  ['Sat, 28 Feb 2026 12:00:00 GMT', 0],
  ['Sun, nonsense', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('Retry-After %j is %j seconds', (value, seconds) => {
  expect(retryAfterSeconds(value, NOW)).toBe(seconds);
});

test('Retry-After counts where waiting helps and nowhere else', () => {
  const headers = { ...JSON_TYPE, 'retry-after': '20' };
  expect(classify(answer(503, '', headers), NOW).retryAfterSeconds).toBe(20);
  expect(classify(answer(403, '', headers), NOW).retryAfterSeconds).toBe(20);
  expect(classify(answer(400, { error: 'invalid_grant' }, headers), NOW).retryAfterSeconds).toBeUndefined();
  expect(troubleOf(answer(503, '', headers), 'refresh', HOST)).toMatchObject({
    kind: 'transient',
    message: 'login.example asks to wait 20 s. Gangway tries again by itself.',
    facts: { host: HOST, status: 503, retryAfterSeconds: 20 },
  });
});

test.each([
  ['application/json', true],
  ['Application/JSON;charset=utf-8', true],
  ['application/json ; charset=utf-8', true],
  ['application/problem+json', true],
  ['application/jsonp', false],
  ['text/json', false],
  ['text/html', false],
  ['text/html; x=application/json', false],
  ['', false],
])('content type %j is JSON: %j', (type, json) => {
  expect(isJson(new Headers({ 'content-type': type }))).toBe(json);
});

test('messages name the host, the error code and what to do', () => {
  const text = (status: number, error: string, step: Step): string =>
    troubleOf(answer(status, { error }), step, HOST).message;
  expect(text(400, 'invalid_grant', 'refresh')).toBe(
    'login.example no longer accepts the saved sign-in (invalid_grant). Please sign in again.',
  );
  expect(text(400, 'invalid_grant', 'exchange')).toBe(
    'login.example did not accept this sign-in (invalid_grant); it was too late or used already. Please sign in again.',
  );
  expect(text(401, 'invalid_client', 'refresh')).toMatch(
    /^login\.example no longer knows .+ \(invalid_client\)/,
  );
  expect(text(400, 'invalid_scope', 'refresh')).toMatch(/^login\.example refuses .+ \(invalid_scope\)/);
  expect(text(403, 'access_denied', 'refresh')).toMatch(/^login\.example refused access \(access_denied\)/);
  expect(troubleOf(answer(403, 'no', HTML), 'refresh', HOST).message).toMatch(/status 403.+firewalls/);
  expect(troubleOf(answer(200, 'hi', HTML), 'refresh', HOST).message).toMatch(/network sign-in page\?/);
  expect(troubleOf(answer(500, 'hi', HTML), 'refresh', HOST).message).toMatch(/right now \(status 500\)/);
});

test('a failure keeps its kind; one of an unknown sort may have happened after sending', async () => {
  const { signal } = new AbortController();
  const known = new OAuthTrouble('transient', 'Nothing was sent.', { host: HOST, retryAfterSeconds: 3 });
  expect(troubleOfFailure(known, 'refresh', HOST, signal)).toBe(known);
  expect(classify({ failure: known }, NOW)).toMatchObject({ kind: 'transient', retryAfterSeconds: 3 });
  for (const failure of [new Error('socket'), undefined, 'text', null]) {
    expect(classify({ failure }, NOW).kind).toBe('ambiguous');
  }
  const over = troubleOfFailure(known, 'exchange', HOST, signal);
  expect(over).toMatchObject({ kind: 'transient', message: 'Nothing was sent. Please sign in again.' });
  const lost = troubleOfFailure(
    new OAuthTrouble('ambiguous', 'Lost.', { host: HOST }),
    'exchange',
    HOST,
    signal,
  );
  expect(lost).toMatchObject({
    kind: 'ambiguous',
    message: expect.stringContaining('Please sign in again.'),
  });
});

test('an abort is no trouble: its reason passes through', () => {
  const aborted = AbortSignal.abort(new Error('the person closed the window'));
  expect(() => troubleOfFailure(new Error('socket'), 'refresh', HOST, aborted)).toThrow('closed the window');
});

/** What a test would notice: a text no message of ours contains. */
const MARK = 'Zq7Xk9Wv';

const anyBody = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom('', '<html>', '[]', 'null', '"x"', '[['.repeat(10_000)),
  fc.record({ error: fc.anything(), error_description: fc.anything() }).map((value) => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return '{';
    }
  }),
  fc
    .constantFrom('invalid_grant', 'invalid_client', `${MARK}`, 'x')
    .map((error) => JSON.stringify({ error })),
);
const anyAnswer = fc.record({
  status: fc.oneof(fc.integer(), fc.constantFrom(0, 200, 204, 302, 400, 401, 403, 429, 500, Number.NaN)),
  type: fc.constantFrom('application/json', 'text/html', ''),
  retryAfter: fc.oneof(fc.stringMatching(/^[!-~]{0,40}$/), fc.integer().map(String)),
  body: anyBody.map((body) => body.replace(/^\{/, `{"error_description":"${MARK}","${MARK}":1,`)),
  marked: fc.boolean(),
});

test('every answer has one kind and one short text, without the words of the server', () => {
  fc.assert(
    fc.property(anyAnswer, fc.constantFrom(...STEPS), ({ status, type, retryAfter, body, marked }, step) => {
      const headers = new Headers({ 'content-type': type, 'retry-after': retryAfter });
      const host = hostOf(`https://${'login.'.repeat(40)}example/token`);
      const answered = { status, headers, body: marked ? `${MARK}${body}${MARK}` : body };
      const verdict = classify(answered, NOW);
      expect(KINDS).toContain(verdict.kind);
      const wait = verdict.retryAfterSeconds ?? 0;
      expect(wait >= 0 && wait <= 3600 && Number.isInteger(wait)).toBe(true);
      const trouble = troubleOf(answered, step, host);
      expect(trouble.message).toMatch(/^login\.[ -~]{100,290}[.?]$/);
      expect(JSON.stringify([verdict, trouble.message, trouble.facts, trouble.cause])).not.toContain(MARK);
    }),
    { numRuns: 500 },
  );
});

test('every thrown thing has one kind and one short text', () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...STEPS), (failure, step) => {
      expect(classify({ failure }, NOW).kind).toBe('ambiguous');
      const trouble = troubleOfFailure(failure, step, HOST, new AbortController().signal);
      expect(trouble.message).toMatch(/^The connection to login\.example [ -~]+\.$/);
    }),
  );
});

test('an error code that is no known one is not shown', async () => {
  const said = answer(400, { error: `${MARK}<script>`, error_description: MARK, error_uri: MARK });
  const trouble = await troubleIn(() => {
    throw troubleOf(said, 'refresh', HOST);
  });
  expect(trouble.facts).toEqual({ host: HOST, status: 400 });
  expect(trouble.message).not.toContain(MARK);
});

test.each([
  ['two hours ahead', 2 * 60],
  ['two hours behind', -2 * 60],
  ['right', 0],
])('CL-02: what a server whose clock is %s asks to wait is reckoned by its own clock', (_, minutes) => {
  const there = NOW + minutes * 60_000;
  const headers = {
    date: new Date(there).toUTCString(),
    'retry-after': new Date(there + 30_000).toUTCString(),
  };
  const verdict = classify({ status: 503, headers: new Headers(headers), body: '' }, NOW);
  expect(verdict).toMatchObject({ kind: 'transient', retryAfterSeconds: 30 });
});
