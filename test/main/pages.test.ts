import { expect, test } from 'vitest';
import { pageAddress } from '#main/pages.ts';

test('our own pages lie below the homepage of the build', () => {
  const home = 'https://git.acme.example/tools/gangway/';
  expect(pageAddress('help', home)).toBe('https://git.acme.example/tools/gangway/blob/main/README.md');
  expect(pageAddress('changes', home)).toBe('https://git.acme.example/tools/gangway/blob/main/CHANGELOG.md');
});

test.each([
  undefined,
  '',
  'https://gangway.invalid',
  'http://a.example',
  'https://me@a.example',
  'javascript:alert(1)',
])('a build whose homepage is %s has none', (homepage) => {
  expect([pageAddress('help', homepage), pageAddress('changes', homepage)]).toEqual([undefined, undefined]);
});

test('the extension for tray icons has a page of its own', () => {
  expect(pageAddress('tray-extension', undefined)).toBe(
    'https://extensions.gnome.org/extension/615/appindicator-support/',
  );
});
