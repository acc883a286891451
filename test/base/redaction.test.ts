import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { openLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

describe('RD-03: a live secret', () => {
  const encodings: readonly [string, (secret: string) => string][] = [
    ['as it is', (secret) => secret],
    ['in base64', (secret) => Buffer.from(secret).toString('base64')],
    ['in base64 for addresses', (secret) => Buffer.from(secret).toString('base64url')],
    ['as a whole header in base64', (secret) => Buffer.from(`Bearer ${secret}`).toString('base64')],
    ['percent-encoded', (secret) => encodeURIComponent(secret)],
    [
      'percent-encoded in lower case',
      (secret) => encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
    ],
    ['in JSON', (secret) => JSON.stringify(secret)],
    ['in HTML', (secret) => secret.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)],
  ];
  test.each(encodings)('%s is taken out', (_, encode) => {
    const redactor = new Redactor();
    // Signs that every encoding writes in another way.
    const secret = `${canary('generic')}|/"'<&>+ü`;
    redactor.learn(secret);
    const cleaned = redactor.clean(`before ${encode(secret)} after`);
    expect(cleaned).not.toContain('CANARY');
    expect(cleaned).not.toContain(encode(secret).slice(0, 24));
    expect(cleaned).toMatch(/^before .*\[removed\].* after$/);
  });

  test('reversed or in two pieces is not known, which is said openly', () => {
    const redactor = new Redactor();
    redactor.learn('one-live-secret-of-somebody');
    expect(redactor.clean('one-live-secret-')).toBe('one-live-secret-');
    expect(redactor.clean('ydobemos-fo-terces-evil-eno')).toBe('ydobemos-fo-terces-evil-eno');
  });
});

test('RD-08: line ends and escape sequences in what is logged make one escaped line', async () => {
  await using home = await temporaryHome();
  const file = join(home.path, 'gangway.log');
  using log = openLog({ file, redact: (text) => text });
  const name = 'x\n2026-01-01T00:00:00Z FAKE\r\u001b[31mred\u0000\u2028';
  log.info(name, { name });
  const text = readFileSync(file, 'utf8');
  expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  expect(JSON.parse(text)).toMatchObject({ msg: name, name });
});

test('RD-05: errors of libraries that quote a secret are logged without their message', async () => {
  await using home = await temporaryHome();
  const file = join(home.path, 'gangway.log');
  using log = openLog({ file, redact: (text) => text });
  const secret = canary('allv');
  const failing: readonly (() => unknown)[] = [
    () => new Headers({ authorization: `${secret}\r\nx: 1` }),
    () => JSON.parse(secret),
    () => new URL(`:${secret}`),
    () => z.literal('a').parse(secret, { error: () => secret }),
    () => {
      throw new Error('outer', { cause: new Error(secret) });
    },
    () => {
      throw secret;
    },
  ];
  for (const task of failing) {
    try {
      task();
    } catch (error) {
      log.error('failed', error);
    }
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(failing.length);
  expect(lines.join('')).not.toContain('CANARY');
});
