import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judge,
  mediaType,
  type RequestFacts,
  type ResponseHead,
  retryAfterSeconds,
} from '#bridge/upstream/verdict.ts';
import { trouble } from '#contract/errors.ts';
import { workspaceAt } from './asking.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const { account, key, withoutSecrets } = workspaceAt('https://acme.example.com/mcp');

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    `Bearer ${key}`,
    'Bearer scope="a:b"',
    'https://other.example/x',
    '/x',
    'javascript:1',
    '120',
    'Fri, 31 Dec 9999 23:59:59 GMT',
  ),
);
/** JSON text of a reason in which every letter is an escape, so that a search of the raw text finds nothing. */
const inEscapes = (reason: string): string =>
  JSON.stringify({ message: reason }).replace(
    /(?<!\\)[A-Z0-9]/g,
    (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
  );
const bodies = fc.oneof(
  text,
  fc.json(),
  fc.constantFrom(key, `Bearer ${key}`).map(inEscapes),
  text.map((reason) => JSON.stringify({ error: { message: reason }, required_scope: reason })),
  text.map((reason) => JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32601, message: reason } })),
);
const heads: fc.Arbitrary<ResponseHead> = fc.record({
  status: fc.oneof(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 200, max: 530 })),
  contentType: fc.oneof(
    text,
    fc.constantFrom('application/json', 'text/event-stream; charset=latin1', 'text/html', ''),
  ),
  challenge: maybe(text),
  location: maybe(text),
  retryAfter: maybe(text),
  // Bodies come here without secrets in plain form; escapes may still hide one.
  body: bodies.map((body) => withoutSecrets(body)),
});
const facts: fc.Arbitrary<RequestFacts> = fc.record({
  account: fc.constantFrom(account, { ...account, connector: 'allegro' as const, label: 'L'.repeat(80) }),
  method: fc.constantFrom('tools/call', 'tools/list', 'initialize', ''),
  wantsAnswer: fc.boolean(),
  hadSession: fc.boolean(),
  repeatable: fc.boolean(),
  attempt: fc.nat(4),
  answersUs: fc.boolean(),
  withoutSecrets: fc.constant(withoutSecrets),
  now: fc.constant(NOW),
});

describe('the verdict on any response', () => {
  test('is one class with one sentence', () => {
    fc.assert(
      fc.property(heads, facts, (head, given) => {
        const verdict = judge(head, given);
        expect(judge(head, given)).toEqual(verdict);
        expect(['json', 'events', 'accepted', 'answer', 'session-lost', 'again', 'trouble']).toContain(
          verdict.kind,
        );
        if (verdict.kind === 'again') {
          expect(verdict.waitMs).toBeLessThanOrEqual(5000);
          expect(given.attempt).toBeLessThan(2);
        }
        if (verdict.kind !== 'trouble') return;
        const { code, message, details } = verdict.error;
        expect(Object.keys(trouble)).toContain(code);
        expect(message.length).toBeLessThanOrEqual(300);
        expect(message).toContain('acme.example.com');
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(message.isWellFormed()).toBe(true);
        expect(`${message}${JSON.stringify(details)}`).not.toContain(key);
      }),
      { numRuns: 2000 },
    );
  });

  test('never lets a call be sent again that may have been carried out', () => {
    const refusing = new Set([421, 425, 429]);
    fc.assert(
      fc.property(heads, facts, (head, given) => {
        const verdict = judge(head, { ...given, method: 'tools/call', repeatable: false });
        if (verdict.kind === 'again') expect(refusing).toContain(head.status);
        if (verdict.kind === 'session-lost') expect([400, 404]).toContain(head.status);
        if (
          head.status >= 500 &&
          head.status < 520 &&
          verdict.kind === 'trouble' &&
          ![501, 505, 511].includes(head.status)
        ) {
          expect(verdict.error).toMatchObject({ code: 'outcome-unknown', details: { mayHaveRun: true } });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('takes only 2xx for an answer, unless the body answers this very request', () => {
    fc.assert(
      fc.property(heads, facts, (head, given) => {
        const { kind } = judge(head, { ...given, answersUs: false });
        const isSuccess = head.status >= 200 && head.status < 300;
        expect(['json', 'events', 'accepted'].includes(kind)).toBe(isSuccess && kind !== 'trouble');
        expect(kind).not.toBe('answer');
      }),
      { numRuns: 500 },
    );
  });
});

describe('Retry-After', () => {
  test.each([
    [undefined, undefined],
    ['7', 7],
    [' 7 ', 7],
    ['0', 5],
    ['7.5', 5],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 5],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3600],
    ['4000', 3600],
    ['soon', 5],
  ])('%j is %j seconds', (value, seconds) => {
    expect(retryAfterSeconds(value, NOW)).toBe(seconds);
  });
});

test('a media type is read without its parameters', () => {
  expect(['Text/HTML; charset=x', ' application/json ', ';', ''].map(mediaType)).toEqual([
    ...['text/html', 'application/json', '', ''],
  ]);
});
