import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { cleanHeaderValue, cleanKey } from '#bridge/credentials/clean-key.ts';
import { canary } from '../canary/canary.ts';
import { refusal } from '../connectors/refusal.ts';

/** A reference that some clients replace in their settings, and that others send as it stands. */
const variable = (name: string): string => ['$', '{', name, '}'].join('');

function refusedKey(pasted: string, secret?: string): string {
  const message = refusal(() => cleanKey(pasted));
  if (secret) expect(message).not.toContain(secret);
  return message;
}

test('HV-01 a key with a header line behind it is refused, and the text does not show it', () => {
  const secret = canary('allv');
  expect(refusedKey(`${secret}\r\nX-Evil: 1`, secret)).toBe(
    `This value contains a character that cannot be sent: a line break, position ${secret.length + 1}.`,
  );
});

describe('HV-02 what copying adds at the ends is removed in the open', () => {
  test.each([
    ['a line break', '', '\n'],
    ['a line break', '', '\r\n'],
    ['a blank', '  ', ''],
    ['a blank', '', ' '],
    ['a no-break space', '\u00a0', ''],
    ['a zero-width space', '', '\u200b'],
    ['a byte order mark', '\ufeff', ''],
  ])('%s', (name, before, after) => {
    const secret = canary('allv');
    const { value, notes } = cleanKey(before + secret + after);
    expect(value).toBe(secret);
    expect(notes).toEqual([`We removed ${name} at the ${before ? 'beginning' : 'end'} of the key.`]);
  });

  test.each([
    ['a blank', ' '],
    ['a no-break space', '\u00a0'],
    ['a zero-width space', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['U+00EB', 'ë'],
    ['U+1F600', '😀'],
  ])('but %s inside is refused with its position', (name, character) => {
    const [first, second] = [canary('generic'), canary('generic')];
    expect(refusedKey(` ${first}${character}${second}`, first)).toBe(
      `This value contains a character that cannot be sent: ${name}, position ${first.length + 2}.`,
    );
  });
});

test.each([
  ['\0', 'a NUL character'],
  ['\t', 'a tab'],
  ['\u007f', 'a DEL character'],
  ['\u0080', 'U+0080'],
])('HV-03 %j is refused wherever it stands', (character, name) => {
  const secret = canary('generic');
  for (const key of [character + secret, secret + character, secret + character + secret]) {
    expect(refusedKey(key, secret)).toContain(name);
  }
});

describe('HV-04 what stands around a key in documentation is removed', () => {
  test.each([
    ['Bearer KEY', ['Bearer']],
    ['bearer  KEY', ['Bearer']],
    ['Authorization: Bearer KEY', ['header', 'Bearer']],
    ['authorization:Bearer KEY', ['header', 'Bearer']],
    ['x-api-key: KEY', ['header']],
    ['"KEY"', ['quotes']],
    ["'KEY'", ['quotes']],
    ['`KEY`', ['quotes']],
    ['\u201cKEY\u201d', ['quotes']],
    ['"Bearer KEY"', ['quotes', 'Bearer']],
    ['"Authorization": "Bearer KEY",', ['header', 'quotes', 'Bearer']],
    [' "KEY" \n', ['blank', 'quotes']],
  ])('%s', (text, words) => {
    const secret = canary('allv');
    const { value, notes } = cleanKey(text.replace('KEY', secret));
    expect(value).toBe(secret);
    for (const word of words) expect(notes.join(' ')).toContain(word);
  });

  test.each([
    variable('env:ALLV_API_KEY'),
    `Bearer ${variable('env:ALLV_API_KEY')}`,
    variable('ALLV_API_KEY'),
    '$ALLV_API_KEY',
    '%ALLV_API_KEY%',
    '{{ key }}',
    '<your-token>',
    'sk_live_...',
    'sk_live_…',
  ])('the placeholder %s is refused', (placeholder) => {
    expect(refusedKey(placeholder)).toContain('placeholder');
  });

  test('another scheme is refused with the way to enter it', () => {
    const secret = canary('generic');
    expect(refusedKey(`Basic ${secret}`, secret)).toContain('secret header named Authorization');
  });
});

test.each(['sanctum', 'allv', 'aly', 'bearer'] as const)('HV-05 a key like %s is taken unchanged', (kind) => {
  const secret = canary(kind);
  expect(cleanKey(secret)).toEqual({ value: secret, notes: [] });
});

test('HV-06 only a key of reasonable length is taken', () => {
  expect(refusedKey('')).toContain('empty');
  expect(refusedKey(' \n')).toContain('empty');
  expect(refusedKey('""')).toContain('empty');
  expect(refusedKey('x')).toContain('at least');
  expect(cleanKey('x'.repeat(8 * 1024)).notes).toEqual([]);
  expect(refusedKey('x'.repeat(8 * 1024 + 1))).toContain('8 KB');
  expect(refusedKey('x'.repeat(1024 * 1024))).toContain('8 KB');
});

test('a cleaned key holds visible ASCII only, and cleaning it again changes nothing', async () => {
  await fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 4 })), (pasted) => {
      let value: string;
      try {
        ({ value } = cleanKey(pasted));
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-input' });
        return;
      }
      expect(value).toMatch(/^[\u0021-\u007e]+$/);
      expect(value.length).toBeGreaterThanOrEqual(limits.keyLeastCharacters);
      expect(cleanKey(value)).toEqual({ value, notes: [] });
    }),
    { numRuns: 2000 },
  );
});

describe('the value of an extra header', () => {
  test('may have blanks inside and loses those at its ends', () => {
    expect(cleanHeaderValue('x-team', ' north west ')).toEqual({
      value: 'north west',
      notes: [
        'We removed a blank at the beginning of the header x-team.',
        'We removed a blank at the end of the header x-team.',
      ],
    });
  });

  test.each(['a\r\nx-evil: 1', 'a\0b', 'a\tb', 'zoë', '', ' ', variable('env:TEAM'), 'x'.repeat(8193)])(
    '%j is refused',
    (value) => {
      expect(refusal(() => cleanHeaderValue('x-team', value))).not.toBe('');
    },
  );
});
