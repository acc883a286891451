import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerApp } from '#main/app-protocol.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
const files = new Map([
  ['/index.html', { bytes: bytes('<!doctype html>'), type: 'text/html; charset=utf-8' }],
  ['/assets/index-1.js', { bytes: bytes('run()'), type: 'text/javascript; charset=utf-8' }],
]);
const ask = (url: string, method = 'GET'): Response => answerApp(files, { url, method });

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'none'; " +
  "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

describe('a page of the app', () => {
  test('gets its files with their types', async () => {
    const page = ask('app://bundle/index.html');
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<!doctype html>',
    ]);
    expect(await ask('app://bundle/assets/index-1.js').text()).toBe('run()');
  });

  test('is the same page at each of its places', () => {
    expect(ask('app://bundle/index.html#/accounts').status).toBe(200);
  });

  test.each(['app://bundle/index.html', 'app://bundle/none', 'app://other/index.html'])(
    'may load, send and be framed by nothing else: %s',
    (url) => {
      const { headers } = ask(url);
      expect(headers.get('content-security-policy')).toBe(POLICY);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test.each(['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'get'])('is not asked with %s', (method) => {
    expect(ask('app://bundle/index.html', method).status).toBe(405);
  });

  test.each([
    ...['app://bundle/', 'app://bundle', 'app://bundle//index.html', 'app://bundle/./index.html'],
    ...['app://bundle/assets/../index.html', 'app://bundle/%2e%2e/index.html', 'app://bundle/index.html%00'],
    ...[
      'app://bundle/index.html?x',
      'app://bundle/INDEX.HTML',
      'app://bundle/index.html/',
      'app://BUNDLE/index.html',
    ],
    ...['app://bundle:1/index.html', 'app://a@bundle/index.html', 'app://other/index.html', 'app:index.html'],
    ...[
      'file:///index.html',
      'https://bundle/index.html',
      'app://bundle\\index.html',
      'app://bundle/assets\\index-1.js',
    ],
    ...[
      'app://bundle/assets',
      'app://bundle/assets/',
      'app://bundle/__proto__',
      'app://bundle/constructor',
      '',
    ],
  ])('is found under its own address only, not under %s', (url) => {
    expect(ask(url).status).toBe(404);
  });

  test('is not found under ten thousand other addresses', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        'index.html',
        'assets',
        'index-1.js',
        '%2e%2e',
        '%2E%2e',
        '%00',
        '%2f',
        '%5c',
        '\\',
        'etc',
        'passwd',
      ),
      fc.string({ maxLength: 12 }),
      fc.constant('x'.repeat(2000)),
    );
    const host = fc.constantFrom(
      'bundle',
      'bundle',
      'bundle',
      'other',
      'bundle.',
      'bundle:80',
      'x@bundle',
      '',
    );
    const scheme = fc.constantFrom('app', 'app', 'app', 'file', 'https', 'APP', 'apps');
    const url = fc
      .tuple(scheme, host, fc.array(piece, { maxLength: 6 }))
      .map(([first, second, rest]) => `${first}://${second}/${rest.join('/')}`)
      .filter((text) => !files.has((text.split('#')[0] ?? '').replace('app://bundle', '')));
    fc.assert(
      fc.property(url, (given) => ask(given).status === 404),
      { numRuns: 10_000 },
    );
  });
});
