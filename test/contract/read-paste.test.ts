import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddForm } from '#contract/link.ts';
import { readPaste } from '#contract/read-paste.ts';
import { canary } from '../canary/canary.ts';

const url = 'https://mcp.acme.example/mcp';

function refusal(text: string): string {
  const read = readPaste(text);
  if (read.kind !== 'refused') throw new Error(`The text was taken as ${read.kind}.`);
  return read.because;
}

describe('an address', () => {
  test.each([
    url,
    'http://127.0.0.1:3000/mcp',
    'acme.example.com',
    'acme.example.com/mcp',
    'acme.example.com:8443/mcp?x=1',
    'localhost',
    'localhost:8080/mcp',
    '127.0.0.1:3000',
    '[::1]:3000/mcp',
  ])('%s', (text) => {
    expect(readPaste(text)).toEqual({ kind: 'form', form: { url: text, notes: [] } });
    expect(readPaste(` \n${text}\r\n`)).toEqual({ kind: 'form', form: { url: text, notes: [] } });
  });

  test('whose host is not what it seems says so', () => {
    expect(readPaste('p\u0430y.example')).toMatchObject({
      form: {
        url: 'p\u0430y.example',
        notes: ['The host contains letters outside plain English. Really it is xn--py-7kc.example.'],
      },
    });
  });

  test.each([
    ['javascript:alert(1)//x', 'nothing'],
    ['ftp://a.example', 'must begin with https://'],
    ['https://me:pw@a.example/', 'Credentials do not belong'],
    ['https://a.example/#x', 'must not contain #'],
    ['https://a.example/../b', 'must not contain ".."'],
    [`https://a.example/${'x'.repeat(2000)}`, 'longer than 2000'],
  ])('is refused: %s', (text, words) => {
    const read = readPaste(text);
    expect(read.kind === 'refused' ? read.because : read.kind).toContain(words);
  });
});

describe('text that says nothing (yet) is no mistake:', () => {
  test.each([
    ...[
      '',
      '   ',
      'acme',
      'https',
      'https:',
      'https:/',
      'https://',
      'acme.',
      'Hello, how are you?',
      'npx',
      '-',
      '127.0',
    ],
    ...['me@acme.example', '3.14', 'a b.example', '.example', 'C:\\Users\\me'],
  ])('%j', (text) => {
    expect(readPaste(text)).toEqual({ kind: 'nothing' });
  });
});

test('a key alone is not taken for an address', () => {
  const middle = canary('generic').replaceAll('_', '');
  for (const key of [
    canary('allv'),
    canary('aly'),
    canary('sanctum'),
    `eyJhbGciOiJIUzI1NiJ9.${middle}.abcdef`,
  ]) {
    const because = refusal(key);
    expect(because).toContain('looks like a key');
    expect(because).not.toContain(key);
  }
});

describe('an invitation', () => {
  test('is read as the link it is', () => {
    expect(readPaste('gangway://add?connector=pelcro&name=Acme')).toEqual({
      kind: 'form',
      form: { connector: 'pelcro', label: 'Acme', notes: [] },
    });
    expect(refusal('GANGWAY://add')).toContain('spelled exactly so');
  });
});

test('whatever is pasted, reading never throws, and the result is no larger than a form', () => {
  const words = fc.constantFrom(
    'npx',
    'mcp-remote',
    url,
    '--header',
    '"Authorization: Bearer x"',
    'claude',
    'mcp',
    'add',
    '--',
    "'",
    '\\',
    'a',
  );
  const entries = fc.dictionary(
    fc.constantFrom(
      'url',
      'serverUrl',
      'command',
      'args',
      'headers',
      'env',
      'mcpServers',
      'servers',
      'type',
      'name',
      '__proto__',
    ),
    fc.oneof(fc.string(), fc.webUrl(), fc.jsonValue({ maxDepth: 3 })),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    entries.map((entry) => JSON.stringify({ mcpServers: { one: entry } })),
    entries.map((entry) => JSON.stringify(entry)),
    fc
      .tuple(fc.constantFrom('{', '"a":', 'gangway:', 'https://', 'npx ', '```\n'), fc.string())
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const read = readPaste(text);
      if (read.kind === 'refused') expect(read.because.length).toBeLessThanOrEqual(300);
      if (read.kind !== 'form') return;
      expect(AddForm.parse(read.form)).toEqual(read.form);
      expect(read.form.url === undefined || read.command === undefined).toBe(true);
      expect(JSON.stringify(read).length).toBeLessThan(200_000);
      expect(JSON.stringify([read.key, read.headers, read.command, read.form.label])).not.toMatch(
        /[\u202a-\u202e]|\\u00/,
      );
    }),
    { numRuns: 1000 },
  );
});
