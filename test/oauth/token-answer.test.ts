import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import type { Step } from '#bridge/oauth/classify.ts';
import { type CleanedAnswer, cleanTokenAnswer } from '#bridge/oauth/token-answer.ts';
import { canary } from '../canary/canary.ts';
import { jwt, troubleIn } from './token-steps.ts';

const HOST = 'login.example';
const MONTH_S = 30 * 24 * 3600;

interface Said {
  readonly status?: number;
  readonly type?: string;
  readonly step?: Step;
}

function clean(
  body: unknown,
  { status = 200, type = 'application/json', step = 'refresh' }: Said = {},
): CleanedAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return cleanTokenAnswer({ status, headers: new Headers({ 'content-type': type }), body: text }, step, HOST);
}

function tokens(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { access_token: canary('bearer'), token_type: 'Bearer', ...changes };
}

test('a plain answer stays as it is', () => {
  const said = tokens({ refresh_token: canary('bearer'), expires_in: 3600, scope: 'read write' });
  const { body, notes, claims } = clean(said);
  expect({ ...body }).toEqual(said);
  expect(notes).toEqual([]);
  expect(claims).toEqual({ subject: undefined, name: undefined });
});

test('members nobody asked for are left out', () => {
  const said = tokens({ id_token: jwt({ sub: 'a' }), token: 'x', error: null, error_description: null });
  expect(Object.keys(clean(said).body)).toEqual(['access_token', 'token_type']);
});

test('TK-02 token types other than Bearer are refused, whatever the case of Bearer', async () => {
  for (const type of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    expect(clean(tokens({ token_type: type })).body.token_type).toBe('Bearer');
  }
  for (const type of [undefined, null, 'mac', 'DPoP', 'bearer ', ' bearer', 'N_A', '', 1, ['bearer']]) {
    const trouble = await troubleIn(() => clean(tokens({ token_type: type })));
    expect(trouble).toMatchObject({ kind: 'unsafe', facts: { host: HOST, status: 200 } });
    expect(trouble.message).toContain('other than "Bearer"');
  }
});

test('TK-03 expires_in in every shape', () => {
  const table: readonly [text: string, seconds: number | undefined, notes: number][] = [
    ['null', undefined, 1],
    ['"3600"', 3600, 0],
    ['"abc"', undefined, 1],
    ['""', undefined, 1],
    ['"1e300"', undefined, 1],
    ['"-1"', undefined, 1],
    ['0', 0, 0],
    ['-1', undefined, 1],
    ['-0.5', undefined, 1],
    ['12.5', 12, 0],
    ['"12.5"', 12, 0],
    ['1e300', MONTH_S, 1],
    ['1e999', MONTH_S, 1],
    ['2147484', 2_147_484, 0],
    ['2592000', MONTH_S, 0],
    ['2592001', MONTH_S, 1],
    ['[3600]', undefined, 1],
    ['{}', undefined, 1],
    ['true', undefined, 1],
  ];
  expect(clean(tokens()).body).not.toHaveProperty('expires_in');
  expect(clean(tokens()).notes).toEqual([]);
  for (const [text, seconds, odd] of table) {
    const said = `{"access_token":"${canary('bearer')}","token_type":"bearer","expires_in":${text}}`;
    const { body, notes } = clean(said);
    expect([text, body.expires_in]).toEqual([text, seconds]);
    expect([text, notes.length]).toEqual([text, odd]);
  }
});

/** Characters and lengths no token may have. */
function unsendable(): string[] {
  const start = canary('bearer');
  const letters = ['\r\n', '\n', ' ', '\t', '\0', '\u007f', 'é', '\u00a0', '💥'];
  return [
    ...letters.map((letter) => `${start}${letter}x`),
    ` ${start}`,
    `${start} `,
    start.padEnd(20_480, 'a'),
  ];
}

test('TK-04 access tokens that cannot be sent are refused', async () => {
  for (const token of ['', undefined, null, 12, ['x'], {}, ...unsendable()]) {
    const trouble = await troubleIn(() => clean(tokens({ access_token: token })));
    expect(trouble).toMatchObject({ kind: 'unsafe', facts: { host: HOST } });
    expect(trouble.message).toMatch(/^login\.example sent no (?:usable )?access token/);
  }
  const longest = canary('bearer').padEnd(limits.accessTokenBytes, 'a');
  expect(clean(tokens({ access_token: longest })).body.access_token).toBe(longest);
  const odd = `7|${canary('bearer')}~!"\\=`;
  expect(clean(tokens({ access_token: odd })).body.access_token).toBe(odd);
});

test('refresh tokens that cannot be sent are refused', async () => {
  for (const token of unsendable()) {
    const trouble = await troubleIn(() => clean(tokens({ refresh_token: token })));
    expect(trouble.kind).toBe('unsafe');
    expect(trouble.message).toMatch(/^login\.example sent no usable refresh token/);
  }
});

test('TK-08 an empty refresh token counts as none and is noted', () => {
  for (const token of [null, '', 12, []]) {
    const { body, notes } = clean(tokens({ refresh_token: token }));
    expect(body).not.toHaveProperty('refresh_token');
    expect(notes).toEqual(['The server sent an empty or malformed refresh token; it counts as none.']);
  }
  expect(clean(tokens()).notes).toEqual([]);
});

test('a scope that is none counts as not sent and is noted', () => {
  for (const scope of [null, '', ' ', 1, ['read'], {}, 'a\nb', 'é', 'x'.repeat(limits.scopeCharacters + 1)]) {
    const { body, notes } = clean(tokens({ scope }));
    expect(body).not.toHaveProperty('scope');
    expect(notes).toHaveLength(1);
  }
  expect(clean(tokens({ scope: 'repo,gist' })).body.scope).toBe('repo,gist');
});

test('TK-10 an error with status 200 counts as a refusal, even next to tokens', async () => {
  const alone = await troubleIn(() => clean({ error: 'invalid_grant' }));
  const refused = await troubleIn(() => clean({ error: 'invalid_grant' }, { status: 400 }));
  expect([alone.kind, alone.message]).toEqual([refused.kind, refused.message]);
  expect(alone).toMatchObject({ kind: 'grant-lost', facts: { error: 'invalid_grant', status: 200 } });
  const both = await troubleIn(() => clean(tokens({ error: 'invalid_client' })));
  expect(both.kind).toBe('client-lost');
});

test('TK-11 errors in odd shapes are borne, unknown ones pass for passing', async () => {
  const odd: readonly [body: unknown, kind: string][] = [
    [{ error: 'invalid_grant', error_description: null }, 'grant-lost'],
    [{ error: 'invalid_scope', error_description: 7, error_uri: [] }, 'configuration'],
    [{ error: 42 }, 'transient'],
    [{ error: ['invalid_grant'] }, 'transient'],
    [{ error: 'my_own_error', error_description: canary('generic') }, 'transient'],
    [{ error: canary('generic') }, 'transient'],
    [{ error: null }, 'transient'],
  ];
  for (const [body, kind] of odd) {
    const trouble = await troubleIn(() => clean(body, { status: 400 }));
    expect([body, trouble.kind]).toEqual([body, kind]);
  }
});

test('TK-12 issuer and audience inside an access token are not looked at', () => {
  const subject = '42';
  const token = jwt({
    iss: 'https://evil.example',
    aud: 'other',
    exp: 1,
    nbf: 9e9,
    sub: subject,
    name: 'Ana',
  });
  const { body, claims, notes } = clean(tokens({ access_token: token }));
  expect(body.access_token).toBe(token);
  expect(claims).toEqual({ subject, name: 'Ana' });
  expect(notes).toEqual([]);
});

test('an id token names the person before the access token does, unverified and cleaned', () => {
  const names = (claims: Record<string, unknown>): unknown => clean(tokens({ id_token: jwt(claims) })).claims;
  expect(names({ sub: 'u', email: 'a@b.example', preferred_username: 'ab', name: 'Ana' })).toEqual({
    subject: 'u',
    name: 'a@b.example',
  });
  expect(names({ sub: 7, email: '', preferred_username: 'ab', name: 'Ana' })).toEqual({
    subject: '7',
    name: 'ab',
  });
  expect(names({ sub: 'u', email: 5, name: ' A\u202en\na ' })).toEqual({ subject: 'u', name: 'An a' });
  expect(names({ sub: ['u'], email: null })).toEqual({ subject: undefined, name: undefined });
  expect(names({ sub: 's'.repeat(500), name: 'n'.repeat(500) })).toEqual({
    subject: 's'.repeat(120),
    name: 'n'.repeat(120),
  });
  const both = tokens({ access_token: jwt({ sub: 'access' }), id_token: jwt({ sub: 'id' }) });
  expect(clean(both).claims.subject).toBe('id');
});

test('things that only look like a JWT name nobody', () => {
  const broken = [
    'a.b.c',
    '..',
    'a.W10.c',
    'a.bnVsbA.c',
    `${jwt({ sub: 'u' })}.x.y`,
    'x.e30',
    '',
    5,
    null,
    {},
  ];
  for (const token of broken) {
    expect(clean(tokens({ id_token: token })).claims).toEqual({ subject: undefined, name: undefined });
  }
});

test('answers that are no JSON object hold no tokens', async () => {
  for (const body of [
    '',
    '[]',
    'null',
    '"x"',
    '{"access_token":"x"',
    '<html></html>',
    `[${'['.repeat(50_000)}`,
  ]) {
    expect((await troubleIn(() => clean(body))).kind).toBe('transient');
  }
  expect((await troubleIn(() => clean(tokens(), { type: 'text/html' }))).kind).toBe('transient');
  expect((await troubleIn(() => clean(tokens(), { status: 201 }))).kind).toBe('transient');
  expect((await troubleIn(() => clean(tokens(), { status: 500 }))).kind).toBe('transient');
  expect((await troubleIn(() => clean({}))).kind).toBe('unsafe');
});
