import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLabel, numberedLabel, slugFor } from '#bridge/accounts/names.ts';
import { Slug } from '#contract/account.ts';
import { ConnectorId } from '#contract/connector.ts';

describe('HV-22 a label is stored as it may be shown anywhere', () => {
  test.each([
    ['  Acme \n Billing ', 'Acme Billing'],
    ['Acme\u202egnp.exe', 'Acmegnp.exe'],
    ['\u2067Acme\u2069', 'Acme'],
    ['Ac\u200bme\0', 'Acme'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['🏴‍☠️ Acme 👩‍👩‍👧', '🏴‍☠️ Acme 👩‍👩‍👧'],
    ['\r\n\t', ''],
    ['', ''],
    ['\ud800Acme', '\ufffdAcme'],
  ])('%j becomes %j', (typed, label) => {
    expect(cleanLabel(typed)).toBe(label);
  });

  test('a megabyte becomes 80 characters, and no emoji is cut', () => {
    expect(cleanLabel('x'.repeat(1024 * 1024))).toBe('x'.repeat(80));
    expect(cleanLabel(`${'x'.repeat(78)}👩‍👩‍👧`)).toBe('x'.repeat(78));
  });

  test('a second account of the same label is numbered, whatever its case', () => {
    expect(numberedLabel('Acme', [])).toBe('Acme');
    expect(numberedLabel('ACME', ['Acme'])).toBe('ACME (2)');
    expect(numberedLabel('Acme', ['Acme', 'Acme (2)'])).toBe('Acme (3)');
    expect(numberedLabel('x'.repeat(80), ['x'.repeat(80)])).toBe(`${'x'.repeat(76)} (2)`);
  });
});

describe('a slug', () => {
  test.each([
    ['Acme Billing', 'acme-billing'],
    ['Zoë’s Straße', 'zoe-s-strasse'],
    ['日本', 'account'],
    ['👩‍👩‍👧', 'account'],
    ['--x--', 'x'],
    ['../etc/passwd', 'etc-passwd'],
    ['Current', 'current-1'],
    ['Pelcro', 'pelcro-1'],
  ])('of %j is %s', (label, slug) => {
    expect(slugFor(label, [])).toBe(slug);
  });

  test('is numbered when it is taken', () => {
    expect(slugFor('Acme', ['acme'])).toBe('acme-2');
    expect(slugFor('Acme', ['acme', 'acme-2', 'acme-3'])).toBe('acme-4');
    expect(slugFor('Pelcro', ['pelcro-1'])).toBe('pelcro-2');
  });

  test('is valid, new and no other word of the address grammar, whatever the label is', async () => {
    const words = fc.constantFrom('current', ...ConnectorId.options, 'Acme', 'acme 2', 'a'.repeat(90));
    await fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ unit: 'binary' })), { maxLength: 20 }), (labels) => {
        const slugs: string[] = [];
        for (const label of labels) slugs.push(Slug.parse(slugFor(label, slugs)));
        expect(new Set(slugs).size).toBe(slugs.length);
        for (const reserved of ['current', ...ConnectorId.options]) expect(slugs).not.toContain(reserved);
      }),
    );
  });

  test('labels stay unique, clean and short in any order', async () => {
    await fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { maxLength: 20 }), (typed) => {
        const labels: string[] = [];
        for (const text of typed) labels.push(numberedLabel(cleanLabel(text) || 'Account', labels));
        expect(new Set(labels.map((label) => label.toLowerCase())).size).toBe(labels.length);
        for (const label of labels) {
          expect(label.length).toBeLessThanOrEqual(80);
          expect(cleanLabel(label)).toBe(label);
        }
      }),
    );
  });
});
