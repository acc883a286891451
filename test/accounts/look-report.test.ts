import { expect, test } from 'vitest';
import { type BrowserSignIn, LookReport, waysIn } from '#bridge/accounts/look-report.ts';
import { connectorOf } from '#bridge/connectors/catalog.ts';
import type { ConnectorId } from '#contract/connector.ts';

const AT: BrowserSignIn = { kind: 'found', host: 'auth.example' };
const NO: BrowserSignIn = { kind: 'none' };
const UNSAFE: BrowserSignIn = { kind: 'unusable', because: 'It is not safe.' };
const LATER: BrowserSignIn = { kind: 'unknown', because: 'Try again later.' };

test.each<[ConnectorId, boolean, BrowserSignIn, string[], string]>([
  ['custom', true, NO, ['none'], 'No sign-in is needed.'],
  ['custom', true, AT, ['none', 'oauth'], 'No sign-in is needed, or sign in in the browser at auth.example.'],
  ['custom', true, UNSAFE, ['none'], 'No sign-in is needed.'],
  ['custom', true, LATER, ['none'], 'No sign-in is needed.'],
  ['custom', false, NO, ['key'], 'Use a key.'],
  ['custom', false, AT, ['oauth', 'key'], 'Sign in in the browser at auth.example, or use a key.'],
  ['custom', false, UNSAFE, ['key'], 'Use a key. It is not safe.'],
  ['pelcro', false, AT, ['oauth', 'key'], 'Sign in in the browser at auth.example, or use a key.'],
  ['aly', false, AT, ['key', 'oauth'], 'Use a key, or sign in in the browser at auth.example.'],
  ['allv', false, NO, ['key'], 'Use a key.'],
])('%s, open %s, in the browser %j: %j', (id, isOpen, browser, ways, text) => {
  expect(waysIn(connectorOf(id), 'acme.example', isOpen, browser)).toEqual({ state: 'ok', ways, text });
});

test.each<[ConnectorId, boolean, BrowserSignIn, string]>([
  ['custom', false, LATER, 'Try again later.'],
  ['pelcro', false, LATER, 'Try again later.'],
  ['allegro', true, NO, 'acme.example asks for no sign-in, but Allegro always does. Check the address.'],
  ['pelcro', true, NO, 'acme.example asks for no sign-in, but Pelcro always does. Check the address.'],
])('%s, open %s, in the browser %j leaves nothing to offer', (id, isOpen, browser, text) => {
  const expected = { state: 'failed', ways: [], text };
  expect(waysIn(connectorOf(id), 'acme.example', isOpen, browser)).toEqual(expected);
});

/** A report of an address, up to the moment when the test goes on. */
function reportOf(url: string): LookReport {
  const report = new LookReport(connectorOf('custom'));
  report.leadsTo(url);
  report.pass('address', 'It is one.');
  return report;
}

test('what was late is the connection, the handshake, or how to sign in', () => {
  const nobody = reportOf('https://acme.example/mcp');
  nobody.late(15_000);
  expect(nobody.view().checks.map(({ state }) => state)).toEqual([
    ...['ok', 'failed'],
    ...['skipped', 'skipped', 'skipped'],
  ]);
  const early = reportOf('https://acme.example/mcp');
  early.isMet = true;
  early.late(15_000);
  expect(early.view().checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'failed', 'skipped']);
  const late = reportOf('https://acme.example/mcp');
  late.asksFirst();
  late.late(15_000);
  const { checks, signIn } = late.view();
  expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'failed']);
  expect(checks.at(-1)?.text).toBe('acme.example did not answer within 15 s.');
  expect(signIn).toEqual([]);
});

test.each([
  ['https://acme.example/mcp', 'The certificate of acme.example is good.'],
  ['http://127.0.0.1:9000/mcp', 'No certificate is needed: the server is on this computer.'],
  ['http://nas.local/mcp', 'Warning: without https, everybody on the way to nas.local can read'],
])('of %s it says about the certificate: %s', (url, said) => {
  const report = reportOf(url);
  report.welcomed('', '2025-11-25');
  const { checks, server } = report.view();
  expect(checks.find(({ name }) => name === 'certificate')?.text).toContain(said);
  expect(server).toBeNull();
});

test('a sentence is at most 300 characters long', () => {
  const report = reportOf('https://acme.example/mcp');
  report.failAt('protocol', 'x'.repeat(1000));
  expect(report.view().checks.map(({ text }) => text.length)).toEqual(expect.arrayContaining([300]));
  expect(Math.max(...report.view().checks.map(({ text }) => text.length))).toBe(300);
});
