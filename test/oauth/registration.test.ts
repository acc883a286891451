import { expect, test } from 'vitest';
import type { RegistrationServer } from '#bridge/oauth/registered-client.ts';
import { register } from '#bridge/oauth/registration.ts';
import { canary } from '../canary/canary.ts';
import { type Answer, json } from './hostile.ts';
import { NOW, never, PORTLESS, PORTS, registering, WITH_PORTS } from './registering.ts';

const refusing =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    json(response, body, status, headers);

test('a native client is registered with every redirect address', async () => {
  const { run, asked, server } = await registering();
  expect(await run()).toEqual({
    kind: 'registered',
    issuer: server.origin,
    id: 'client-1',
    secret: undefined,
    authentication: 'none',
    ports: PORTS,
    secretExpiresAt: undefined,
    registration: undefined,
  });
  expect(asked()).toEqual([
    {
      client_name: 'Gangway',
      application_type: 'native',
      redirect_uris: [...WITH_PORTS, PORTLESS],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      software_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      software_version: '1.2.3',
    },
  ]);
});

test.each([
  [[], 'none'],
  [['client_secret_post', 'none'], 'none'],
  [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
  [['private_key_jwt', 'client_secret_post'], 'client_secret_post'],
])('where the server lists %j, the client asks to prove itself by %s', async (listed, method) => {
  const secret = canary('generic');
  const { run, asked } = await registering({
    client_id: 'a',
    client_secret: secret,
    client_secret_expires_at: 0,
  });
  await run(listed);
  expect(asked()[0]?.token_endpoint_auth_method).toBe(method);
});

test.each<[string, object, string, boolean]>([
  [
    'its own choice',
    { token_endpoint_auth_method: 'client_secret_post', client_secret: 's' },
    'client_secret_post',
    true,
  ],
  ['a secret without a word', { client_secret: 's' }, 'client_secret_basic', true],
  ['a secret nobody needs', { token_endpoint_auth_method: 'none', client_secret: 's' }, 'none', false],
  ['nulls', { token_endpoint_auth_method: null, client_secret: null, redirect_uris: null }, 'none', false],
])('the server decides how the client proves itself: %s', async (_, answer, authentication, hasSecret) => {
  const secret = canary('generic');
  const given =
    'client_secret' in answer && answer.client_secret ? { ...answer, client_secret: secret } : answer;
  const client = await (await registering({ client_id: 'a', ...given })).run(['none', 'client_secret_basic']);
  expect(client.authentication).toBe(authentication);
  expect(client.secret?.reveal()).toBe(hasSecret ? secret : undefined);
});

test.each<[string, object, string[]]>([
  ['a secret was agreed and not given', { token_endpoint_auth_method: 'client_secret_basic' }, ['none']],
  ['a key is wanted', { token_endpoint_auth_method: 'private_key_jwt' }, ['none']],
  ['a key is the only way', {}, ['private_key_jwt']],
])('a client that cannot prove itself is refused: %s', async (_, answer, listed) => {
  const { refusal } = await registering({ client_id: 'a', ...answer });
  expect(await refusal(listed)).toMatchObject({ kind: 'unsafe' });
});

test.each(['invalid_redirect_uri', 'invalid_client_metadata'])(
  'a server that answers %s is asked once more without the portless address',
  async (error) => {
    const { run, asked } = await registering(refusing(400, { error }), { client_id: 'second' });
    expect((await run()).id).toBe('second');
    expect(asked().map((one) => one.redirect_uris)).toEqual([[...WITH_PORTS, PORTLESS], WITH_PORTS]);
  },
);

test.each([
  [
    '200 instead of 201',
    (_: unknown, response: Parameters<typeof json>[0]) => json(response, { client_id: 'a' }),
  ],
  ['no list of addresses', { client_id: 'a' }],
  ['members nobody knows', { client_id: 'a', client_id_issued_at: 'now', jwks: null, scope: 7 }],
])('an answer with %s is taken', async (_, answer: Answer) => {
  const client = await (await registering(answer)).run();
  expect(client).toMatchObject({ id: 'a', ports: PORTS });
});

test.each([
  ['one of our ports', [WITH_PORTS[1]], [4712]],
  ['the portless address', [PORTLESS], []],
  ['more than was asked for', [...WITH_PORTS, 'https://else.example/'], PORTS],
])('OA-30 an answer that registers %s is used with it', async (_, redirect_uris, ports) => {
  expect((await (await registering({ client_id: 'a', redirect_uris })).run()).ports).toEqual(ports);
});

test.each<[string, object]>([
  ['other redirect addresses', { client_id: 'a', redirect_uris: ['https://evil.example/callback'] }],
  ['another path', { client_id: 'a', redirect_uris: ['http://127.0.0.1:4711/'] }],
  ['no redirect addresses', { client_id: 'a', redirect_uris: [] }],
  ['no client id', { client_name: 'Gangway' }],
  ['an empty client id', { client_id: '' }],
  ['a client id that is a number', { client_id: 7 }],
  ['a client id of 100 KB', { client_id: 'a'.repeat(100 * 1024) }],
  ['a client id with a line break', { client_id: 'a\nb' }],
  ['a client id with a blank', { client_id: 'a b' }],
  ['a client id beyond ASCII', { client_id: 'ü' }],
  ['a client secret with a line break', { client_id: 'a', client_secret: 'a\r\nb' }],
])('OA-30 an answer with %s is refused', async (_, answer) => {
  const { refusal, asked } = await registering(answer);
  const trouble = await refusal();
  expect(trouble.kind).toBe('unsafe');
  expect(trouble.message).toMatch(/Enter a client id/);
  expect(asked()).toHaveLength(1);
});

test('OA-30 an answer with a client id of 1 MB is stopped', async () => {
  const { refusal } = await registering({ client_id: 'a'.repeat(1024 * 1024) });
  expect(await refusal()).toMatchObject({ kind: 'transient' });
});

test.each<[string, unknown, number | undefined]>([
  ['0', 0, undefined],
  ['"0"', '0', undefined],
  ['missing', undefined, undefined],
  ['null', null, undefined],
  ['no number', 'never', undefined],
  ['half a number', '12 hours', undefined],
  ['beyond all time', 1e306, undefined],
  ['a number', NOW / 1000 + 60, NOW + 60_000],
  ['a number as a text', String(NOW / 1000 + 60), NOW + 60_000],
])('OA-30 an expiry that is %s is understood', async (_, client_secret_expires_at, expected) => {
  const answer = { client_id: 'a', client_secret: canary('generic'), client_secret_expires_at };
  const { run, asked } = await registering(answer);
  expect((await run(['client_secret_basic'])).secretExpiresAt).toBe(expected);
  expect(asked()).toHaveLength(1);
});

test('OA-30 a secret that has expired is asked for once more, then refused', async () => {
  const past = { client_id: 'a', client_secret: canary('generic'), client_secret_expires_at: NOW / 1000 };
  const { refusal, asked } = await registering(past);
  expect(await refusal(['client_secret_post'])).toMatchObject({ kind: 'unsafe' });
  expect(asked()).toHaveLength(2);
  const better = { client_id: 'b', client_secret: canary('generic'), client_secret_expires_at: 0 };
  expect((await (await registering(past, better)).run(['client_secret_post'])).id).toBe('b');
});

test.each([
  ['400 invalid_redirect_uri', refusing(400, { error: 'invalid_redirect_uri' }), 'invalid_redirect_uri', 2],
  [
    '400 invalid_client_metadata',
    refusing(400, { error: 'invalid_client_metadata' }),
    'invalid_client_metadata',
    2,
  ],
  ['400 without words', refusing(400, {}), undefined, 1],
  ['401', refusing(401, { error: 'invalid_token' }), 'invalid_token', 1],
  ['403', refusing(403, {}), undefined, 1],
  [
    '403 HTML',
    (_: unknown, response) => void response.writeHead(403).end('<h1>Forbidden</h1>'),
    undefined,
    1,
  ],
  ['404', refusing(404, 'x'), undefined, 1],
  ['200 with an error', refusing(200, { error: 'access_denied' }), 'access_denied', 1],
] satisfies [string, Answer, string | undefined, number][])(
  'OA-31 %s: denied, and a client id can be entered',
  async (_, answer, error, times) => {
    const { refusal, asked, server } = await registering(answer);
    const trouble = await refusal();
    expect(trouble.kind).toBe('denied');
    expect(trouble.message).toContain(`${new URL(server.origin).host} did not register Gangway (`);
    expect(trouble.message).toMatch(/Enter a client id/);
    expect(trouble.facts.error).toBe(error);
    expect(asked()).toHaveLength(times);
  },
);

test.each([
  ['429', refusing(429, { error: 'slow_down' }, { 'retry-after': '30' }), 30],
  ['500', refusing(500, {}), undefined],
  ['503 with a JSON error', refusing(503, { error: 'invalid_client_metadata' }), undefined],
  [
    'an HTML page',
    (_: unknown, response) => void response.writeHead(200).end('<html>Sign in to the network</html>'),
    undefined,
  ],
  ['an array', refusing(201, []), undefined],
  ['an empty body', (_: unknown, response) => void response.writeHead(201).end(), undefined],
  [
    'a member twice',
    (_: unknown, response) => void response.writeHead(201).end('{"client_id":"a","client_id":"b"}'),
    undefined,
  ],
  [
    'a redirect',
    (_: unknown, response) => void response.writeHead(302, { location: '/register2' }).end(),
    undefined,
  ],
] satisfies [string, Answer, number | undefined][])('OA-31 %s: later, perhaps', async (_, answer, wait) => {
  const { refusal, asked } = await registering(answer);
  const trouble = await refusal();
  expect(trouble.kind).toBe('transient');
  expect(trouble.facts.retryAfterSeconds).toBe(wait);
  expect(asked()).toHaveLength(1);
});

test('OA-31 what the server says is cut and cleaned before it is shown', async () => {
  const error_description = `<script>\u202e\r\n${'x'.repeat(1000)}`;
  const trouble = await (await registering(refusing(400, { error: 'no\nway', error_description }))).refusal();
  expect(trouble.message).toContain('(no way: <script> xxx');
  expect(trouble.message).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(trouble.message).not.toContain('x'.repeat(200));
  expect(trouble.message).toMatch(/Enter a client id that its administrator gave you\.$/);
  expect(trouble.facts.error).toBeUndefined();
});

test('a server without registration asks for a client id, and nothing is sent', async () => {
  const server: RegistrationServer = {
    issuer: 'https://as.example',
    authentications: [],
  };
  const request = { server, ports: PORTS, bounds: 'public', clientName: 'Gangway', version: '1' } as const;
  const asking = register(request, () => Promise.reject(new Error('It was sent.')), never);
  await expect(asking).rejects.toMatchObject({ kind: 'denied', facts: { host: 'as.example' } });
});
