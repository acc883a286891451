import { expect, test } from 'vitest';
import { type Callback, readCallback } from '#bridge/oauth/callback.ts';

const STATE = 'Zm9yZ2VyeS1pcy1ub3QtcG9zc2libGUtaGVyZS0xMjM';
const ISSUER = 'https://as.example/t1';

function read(query: string, issInResponse = false): Callback {
  return readCallback(new URLSearchParams(query), { state: STATE, issuer: ISSUER, issInResponse });
}

const iss = (issuer: string): string => `&iss=${encodeURIComponent(issuer)}`;

test('a code with the right state is handed on untouched', () => {
  const parameters = new URLSearchParams(`code=a%2Bb&state=${STATE}&session_state=x`);
  const callback = readCallback(parameters, { state: STATE, issuer: ISSUER, issInResponse: false });
  expect(callback).toEqual({ kind: 'code', parameters });
});

test.each([
  ['missing', 'code=a'],
  ['wrong', 'code=a&state=other'],
  ['of the right length but wrong', `code=a&state=${STATE.slice(0, -1)}x`],
  ['in other case', `code=a&state=${STATE.toLowerCase()}`],
  ['empty', 'code=a&state='],
  ['given twice', `code=a&state=${STATE}&state=${STATE}`],
  ['given twice, once wrong', `code=a&state=wrong&state=${STATE}`],
  ['10 KB long', `code=a&state=${STATE}${'x'.repeat(10 * 1024)}`],
  ['named in other case', `code=a&State=${STATE}`],
])('LP-02 a callback whose state is %s is ignored', (_, query) => {
  expect(read(query).kind).toBe('ignored');
});

test.each([
  ['code', `code=a&code=b&state=${STATE}`],
  ['state', `code=a&state=${STATE}&state=${STATE}`],
  ['iss', `code=a&state=${STATE}${iss(ISSUER)}${iss(ISSUER)}`],
  ['error', `error=a&error=b&state=${STATE}`],
])('LP-03 a callback with two of %s is ignored', (_, query) => {
  expect(read(query).kind).toBe('ignored');
});

test.each([
  ['neither a code nor an error', `state=${STATE}`],
  ['an empty code', `state=${STATE}&code=`],
  ['an empty error', `state=${STATE}&error=`],
])('LP-04 the right state with %s is an empty answer', (_, query) => {
  expect(read(query)).toEqual({ kind: 'empty' });
});

test('LP-05 access_denied is read as such, even beside a code', () => {
  expect(read(`error=access_denied&state=${STATE}`)).toEqual({
    kind: 'denied',
    error: 'access_denied',
    description: undefined,
  });
  expect(read(`code=a&error=access_denied&state=${STATE}`).kind).toBe('denied');
});

test.each([
  ['markup', '<script>alert(1)</script>', 'plain'],
  ['100 KB', 'server_error', 'long '.repeat(20 * 1024)],
  ['direction marks', 'server\u202e_error', '\u202eevil\u2066 text\u200f'],
  ['line breaks', 'server\r\nerror', 'one\ntwo\u2028three\u0000four'],
  ['a lone surrogate', 'x', '\ud800'],
])('LP-06 an error with %s becomes one short line', (_, error, description) => {
  const callback = read(
    new URLSearchParams({ error, error_description: description, state: STATE }).toString(),
  );
  if (callback.kind !== 'denied') throw new Error(`It is ${callback.kind}.`);
  const shown = `${callback.error} ${callback.description}`;
  expect(shown.length).toBeLessThanOrEqual(201);
  expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
  expect(shown.isWellFormed()).toBe(true);
});

test.each([
  ['wrong', false, iss('https://evil.example'), 'refused'],
  ['wrong though advertised', true, iss('https://evil.example'), 'refused'],
  ['missing though advertised', true, '', 'refused'],
  ['empty though advertised', true, '&iss=', 'refused'],
  ['empty', false, '&iss=', 'refused'],
  ['present though not advertised and equal', false, iss(ISSUER), 'code'],
  ['present and equal', true, iss(ISSUER), 'code'],
  ['neither advertised nor present', false, '', 'code'],
  ['different by a slash', false, iss(`${ISSUER}/`), 'refused'],
  ['different by case', false, iss('https://AS.example/t1'), 'refused'],
  ['different by an escape', false, iss('https://as.example/%741'), 'refused'],
  ['different by a default port', true, iss('https://as.example:443/t1'), 'refused'],
])('LP-07 an issuer that is %s', (_, advertised, parameter, kind) => {
  const callback = read(`code=a&state=${STATE}${parameter}`, advertised);
  expect(callback.kind).toBe(kind);
});

test('LP-07 a mismatch hides what the server says, and stands before its error', () => {
  const callback = read(
    `error=evil_words&error_description=evil_words&state=${STATE}${iss('https://evil.example')}`,
  );
  expect(callback.kind).toBe('refused');
  expect(JSON.stringify(callback)).not.toContain('evil');
});
