import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddForm } from '#contract/link.ts';
import { readLink } from '#contract/read-link.ts';
import { canary } from '../canary/canary.ts';

/** A link with these parameters, as a careful writer makes it. */
function link(parameters: Readonly<Record<string, string>>): string {
  return `gangway://add?${new URLSearchParams(parameters)}`;
}

function refusal(text: string): string {
  const read = readLink(text);
  if (read.kind !== 'refused') throw new Error('The link was not refused.');
  return read.because;
}

describe('a link fills in the form', () => {
  test('DL-01 with an address', () => {
    expect(readLink('gangway://add?url=https://mcp.pelcro.com/')).toEqual({
      kind: 'add',
      form: { url: 'https://mcp.pelcro.com/', notes: [] },
    });
  });

  test('with everything a form has', () => {
    const given = {
      connector: 'allv',
      url: 'https://agent.allv.ai/api/workspaces/ws_1/mcp',
      name: 'Ops & more',
      workspace: 'ws_1',
      environment: 'staging',
      user: 'me+work@acme.example',
      'sign-in': 'key',
    };
    const { name, 'sign-in': signIn, ...same } = given;
    expect(readLink(link(given))).toEqual({ kind: 'add', form: { ...same, label: name, signIn, notes: [] } });
  });

  test('with nothing: the form is empty', () => {
    expect(readLink('gangway://add')).toEqual({ kind: 'add', form: { notes: [] } });
    expect(readLink('gangway://add/?name=&user=+')).toEqual({ kind: 'add', form: { notes: [] } });
  });

  test('and says which host an address really has', () => {
    expect(readLink(link({ url: 'https://pel\u0441ro.example/mcp' }))).toMatchObject({
      form: {
        url: 'https://xn--pelro-3ye.example/mcp',
        notes: ['The host contains letters outside plain English. Really it is xn--pelro-3ye.example.'],
      },
    });
    expect(readLink(link({ url: 'https://xn--pelro-3ye.example/mcp' }))).toMatchObject({
      form: { notes: [expect.stringContaining('outside plain English')] },
    });
    expect(readLink(link({ url: 'https://0x7f.1/mcp' }))).toMatchObject({
      form: { url: 'https://127.0.0.1/mcp', notes: ['The host was read as 127.0.0.1.'] },
    });
  });
});

describe('DL-02 what a link may not bring is left out, with a note', () => {
  test.each([
    ['key', 'key'],
    ['token', 'token'],
    ['header', 'header'],
    ['client', 'client'],
    ['password', 'password'],
    ['secret', 'secret'],
    ['authorization', 'authorization'],
    ['client_secret', 'client_secret'],
    ['Authorization', 'authorization'],
    ['command', 'command'],
  ])('%s', (name, named) => {
    const secret = canary('allv');
    const read = readLink(link({ url: 'https://a.example/mcp', [name]: `Authorization: Bearer ${secret}` }));
    expect(read).toEqual({
      kind: 'add',
      form: {
        url: 'https://a.example/mcp',
        notes: [`Left out of the link: ${named}. Secrets, headers and commands never come from a link.`],
      },
    });
  });

  test('an unknown name is not even repeated, because it may be a secret itself', () => {
    const secret = canary('generic');
    const read = readLink(`gangway://add?name=A&${secret}&__proto__=1&constructor=2&toString=3`);
    expect(read).toEqual({
      kind: 'add',
      form: { label: 'A', notes: ['The link said more, which Gangway does not know; it was left out.'] },
    });
  });

  test('a key in a field that is not for keys', () => {
    for (const kind of ['allv', 'aly', 'sanctum'] as const) {
      const secret = canary(kind);
      for (const field of ['name', 'user', 'workspace']) {
        const because = refusal(link({ [field]: secret }));
        expect(because).toContain('looks like a key');
        expect(because).not.toContain(secret);
      }
      expect(refusal(link({ url: `https://a.example/${secret}/mcp` }))).toContain('Keys do not belong');
      expect(refusal(link({ url: `https://a.example/mcp?api_key=${secret}` }))).toContain(
        'Keys do not belong',
      );
    }
  });
});

const good = 'https://a.example/mcp';

describe('DL-03 is refused with one sentence', () => {
  test.each([
    ['javascript:', link({ url: 'javascript:alert(1)' }), 'must begin with https://'],
    ['file:', link({ url: 'file:///etc/passwd' }), 'must begin with https://'],
    ['data:', link({ url: 'data:text/html,x' }), 'must begin with https://'],
    ['an address without a scheme', link({ url: 'a.example/mcp' }), 'must begin with https://'],
    ['an address without a host', link({ url: 'https:///mcp' }), 'names no host'],
    ['100 KB', link({ name: 'x'.repeat(100_000) }), 'longer than 2 KB'],
    ['2049 bytes in fewer characters', `gangway://add?name=${'\u00fc'.repeat(1_020)}`, 'longer than 2 KB'],
    ['NUL', 'gangway://add?name=a\0b', 'do not belong in a link'],
    ['%00', 'gangway://add?name=a%00b', 'hidden characters'],
    ['%0d%0a', 'gangway://add?name=a%0d%0aHost:%20b', 'hidden characters'],
    ['%7f', 'gangway://add?user=a%7f', 'hidden characters'],
    ['a line break', 'gangway://add?name=a\nb', 'do not belong in a link'],
    ['an override of direction', 'gangway://add?name=a\u202eb', 'do not belong in a link'],
    ['the same, encoded', link({ name: 'a\u202eb' }), 'hidden characters'],
    ['a zero-width space, encoded', link({ name: 'a\u200bb' }), 'hidden characters'],
    ['a tag character, encoded', link({ name: 'a\u{e0041}' }), 'hidden characters'],
    ['a hidden character in a name', 'gangway://add?na%00me=a', 'hidden characters'],
    ['a lone percent sign', 'gangway://add?name=100%', 'damaged'],
    ['half a character', 'gangway://add?name=%c3', 'damaged'],
    ['.. in the address', link({ url: 'https://a.example/x/../mcp' }), 'must not contain ".."'],
    ['%2e%2e in the address', link({ url: 'https://a.example/x/%2e%2e/mcp' }), 'must not contain ".."'],
    [
      'userinfo in the address',
      link({ url: 'https://mcp.pelcro.com@evil.example/' }),
      'Credentials do not belong',
    ],
    ['a fragment in the address', link({ url: `${good}#x` }), 'must not contain #'],
    ['a backslash in the address', link({ url: 'https://a.example\\@b.example' }), 'blanks, backslashes'],
    ['a blank in the address', link({ url: 'https://a.example /mcp' }), 'blanks, backslashes'],
    ['a percent sign in the host', link({ url: 'https://a%2eexample/mcp' }), 'percent signs'],
    ['a host that is none', link({ url: 'https://a b/' }), 'blanks, backslashes'],
    ['a port that is none', link({ url: 'https://a.example:99999/' }), 'check the host and the port'],
    ['the address twice', `gangway://add?url=${good}&url=https://b.example`, 'twice'],
    ['the address twice, once encoded', `gangway://add?url=${good}&%75rl=https://b.example`, 'twice'],
    ['an unknown name twice', 'gangway://add?x=1&x=2', 'twice'],
    ['gangway:add', `gangway:add?url=${good}`, 'does not begin with gangway://'],
    ['GANGWAY://', `GANGWAY://add?url=${good}`, 'does not begin with gangway://'],
    ['Gangway://', `Gangway://add?url=${good}`, 'does not begin with gangway://'],
    ['a blank before it', ` gangway://add?url=${good}`, 'does not begin with gangway://'],
    ['three slashes', `gangway:///add?url=${good}`, 'no such link'],
    ['/../../x', 'gangway://add/../../x', 'contains a path'],
    ['a path', 'gangway://add/x?name=a', 'contains a path'],
    ['two slashes at its end', 'gangway://add//?name=a', 'contains a path'],
    ['userinfo', `gangway://me@add?url=${good}`, 'contains a user name'],
    ['a user and password', `gangway://me:pw@add?url=${good}`, 'contains a user name'],
    ['a port', `gangway://add:80?url=${good}`, 'contains a port'],
    ['a fragment', 'gangway://add?name=a#b', 'contains #'],
    ['a backslash', 'gangway://add\\..\\x', 'do not belong in a link'],
    ['ADD', 'gangway://ADD?name=a', 'no such link'],
    ['add, encoded', 'gangway://%61dd?name=a', 'no such link'],
    ['an unknown connector', link({ connector: 'evil' }), 'does not know'],
    ['an unknown environment', link({ environment: 'prod' }), 'production, staging or development'],
    ['an unknown way to sign in', link({ 'sign-in': 'basic' }), 'none, key or oauth'],
    ['a name of 81 characters', link({ name: 'x'.repeat(81) }), 'too long'],
    ['a user of 256 characters', link({ user: 'x'.repeat(256) }), 'too long'],
    ['nothing', '', 'does not begin with gangway://'],
  ])('%s', (_what, text, words) => {
    const because = refusal(text);
    expect(because).toContain(words);
    expect(because.length).toBeLessThanOrEqual(300);
  });
});

test.each(['callback', 'oauth', 'oauth/callback', 'auth', 'sign-in', 'open', 'use'])(
  'DL-07 there is no link %s, also not with a code and a state',
  (route) => {
    expect(refusal(`gangway://${route}?code=abc&state=def&iss=https://a.example`)).toContain('no such link');
  },
);

describe('DL-10 values that look like switches stay plain text', () => {
  test.each([
    '--remote-debugging-port=9222',
    '--settings=e.json',
    '--inspect=0.0.0.0:1',
    '-e',
    '@file',
    '--',
    '$(id)',
    '`id`',
    '; rm -rf /',
    '"><script>',
  ])('%s', (value) => {
    const read = readLink(link({ url: 'https://x.example', name: value, user: value, workspace: value }));
    expect(read).toEqual({
      kind: 'add',
      form: { url: 'https://x.example', label: value, user: value, workspace: value, notes: [] },
    });
  });
});

describe('whatever the text,', () => {
  const names = fc.constantFrom(
    'connector',
    'url',
    'name',
    'workspace',
    'environment',
    'user',
    'sign-in',
    'key',
    'x',
  );
  const near = fc
    .array(fc.tuple(names, fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string())), {
      maxLength: 6,
    })
    .map((pairs) => `gangway://add?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`);

  test('reading never throws, and a form holds only what it may', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 3000 }), near), (text) => {
        const read = readLink(text);
        if (read.kind === 'refused') {
          expect(read.because).toMatch(/^[A-Z][\x20-\x7e]{10,298}[.]$/);
          return;
        }
        expect(AddForm.parse(read.form)).toEqual(read.form);
        expect(JSON.stringify(read.form).length).toBeLessThan(8000);
        for (const value of Object.values(read.form))
          expect(String(value)).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
      { numRuns: 2000 },
    );
  });

  test('what a careful writer put into a link comes out of it', () => {
    const plain = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
      return text.trim() === text && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
    });
    fc.assert(
      fc.property(fc.record({ name: plain, user: plain, workspace: plain }), ({ name, user, workspace }) => {
        const read = readLink(link({ name, user, workspace }));
        expect(read).toEqual({ kind: 'add', form: { label: name, user, workspace, notes: [] } });
      }),
    );
  });
});
