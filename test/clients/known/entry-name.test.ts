import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryName, freeName } from '#bridge/clients/known/entry-name.ts';

const NAME = /^gangway(?:-[a-z0-9]+)*$/;
const address = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/).filter((text) => text !== 'current');

test.each([
  ['current', 'gangway'],
  ['pelcro', 'gangway-pelcro'],
  ['acme-billing', 'gangway-acme-billing'],
  ['2', 'gangway-2'],
])('the entry of %s is called %s', (given, expected) => {
  expect(entryName(given)).toBe(expected);
});

test('a name has lower-case letters, digits and single hyphens only, and at most 60 characters', () => {
  fc.assert(
    fc.property(address, (given) => {
      const name = entryName(given);
      expect(name).toMatch(NAME);
      expect(name.length).toBeLessThanOrEqual(60);
    }),
  );
  for (const odd of ['Acme.Billing', 'größe', '--', 'a/../b', '', 'x'.repeat(500)]) {
    expect(entryName(odd)).toMatch(NAME);
    expect(entryName(odd).length).toBeLessThanOrEqual(60);
  }
});

test('two addresses never share a name, also when they are long or nearly the same', () => {
  const long = 'x'.repeat(62);
  const addresses = [
    'a-b',
    'a--b',
    'a-b-',
    'A-b',
    'a.b',
    'a_b',
    `${long}1`,
    `${long}2`,
    long,
    'current',
    'Current',
  ];
  expect(new Set(addresses.map(entryName)).size).toBe(addresses.length);
});

test.each<[string, string[], string]>([
  ['gangway', [], 'gangway'],
  ['gangway', ['sentry'], 'gangway'],
  ['gangway', ['gangway'], 'gangway-2'],
  ['gangway', ['gangway', 'gangway-2', 'gangway-3', 'gangway-5'], 'gangway-4'],
  ['gangway-acme', ['Gangway_Acme'], 'gangway-acme-2'],
  ['gangway-acme', ['GANGWAY-ACME', 'gangway_acme_2'], 'gangway-acme-3'],
])('CF-05 %s beside %j becomes %s', (wanted, taken, expected) => {
  expect(freeName(wanted, taken)).toBe(expected);
});

test('CF-05 a long name with a number stays within 60 characters', () => {
  const wanted = entryName('y'.repeat(52));
  const second = freeName(wanted, [wanted]);
  expect(wanted).toHaveLength(60);
  expect(second).toHaveLength(60);
  expect(second).toMatch(/y-2$/);
});
