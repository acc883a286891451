import { expect, test } from 'vitest';
import { Secret } from '#bridge/base/secret.ts';
import type { OAuthClient } from '#bridge/oauth/client.ts';
import { metadataClient, ownClient, unregister, usableClient } from '#bridge/oauth/registration.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { canary } from '../canary/canary.ts';
import { json } from './hostile.ts';
import { fetch, NOW, never, registering } from './registering.ts';

const DAY = 24 * 60 * 60_000;

test("a registration is deleted with its own token, and a failure is nobody's trouble", async () => {
  const token = canary('bearer');
  const { run, server } = await registering((_, response) =>
    json(response, {
      client_id: 'a',
      registration_client_uri: `${server.origin}/register/a`,
      registration_access_token: token,
    }),
  );
  const client = await run();
  await unregister(client, fetch, never);
  await unregister({ ...client, registration: undefined }, fetch, never);
  expect(server.asked('/register/a')).toMatchObject([
    { method: 'DELETE', headers: { authorization: `Bearer ${token}` } },
  ]);
  await server[Symbol.asyncDispose]();
  await unregister(client, fetch, never);
});

test.each<[string, unknown, unknown]>([
  ['another origin', 'https://evil.example/register/a', 'token'],
  ['the cloud metadata address', 'http://169.254.169.254/a', 'token'],
  ['a file', 'file:///etc/passwd', 'token'],
  ['no text', 7, 'token'],
  ['no token', '/register/a', undefined],
  ['a token with a line break', '/register/a', 'a\r\nb'],
])('a place to delete the registration is not kept when it is %s', async (_, place, token) => {
  const { run, server } = await registering((_, response) =>
    json(response, {
      client_id: 'a',
      registration_client_uri: place === '/register/a' ? `${server.origin}${place}` : place,
      registration_access_token: token,
    }),
  );
  expect((await run()).registration).toBeUndefined();
});

const held: OAuthClient = {
  ...metadataClient('https://gangway.example/client.json', 'https://a.example'),
  kind: 'registered',
};

test('OA-33 a client is used at its own issuer only, byte for byte', () => {
  const at = (issuer: string): boolean => usableClient(held, { issuer, takesClientMetadata: false }, NOW);
  expect(at('https://a.example')).toBe(true);
  for (const other of ['https://b.example', 'https://a.example/', 'https://A.example'])
    expect(at(other)).toBe(false);
});

test('OA-33 a client id metadata document is used only where the server takes such', () => {
  const client = metadataClient('https://gangway.example/client.json', 'https://a.example');
  expect(client).toMatchObject({ kind: 'metadata', authentication: 'none', ports: [] });
  for (const takesClientMetadata of [true, false]) {
    expect(usableClient(client, { issuer: 'https://a.example', takesClientMetadata }, NOW)).toBe(
      takesClientMetadata,
    );
  }
});

test('OA-34 a client whose secret ends within a day is renewed ahead', () => {
  const server = { issuer: 'https://a.example', takesClientMetadata: false };
  const ending = (ms: number): boolean => usableClient({ ...held, secretExpiresAt: NOW + ms }, server, NOW);
  expect([DAY + 1, DAY, 1, 0, -1].map(ending)).toEqual([true, false, false, false, false]);
});

test("a person's own client proves itself as the server lists", () => {
  const secret = new Secret(canary('generic'));
  const by = (authentications: readonly string[], given?: Secret): string =>
    ownClient({ id: 'mine', secret: given, server: { issuer: 'https://a.example', authentications } })
      .authentication;
  expect(by(['client_secret_basic'])).toBe('none');
  expect(by([], secret)).toBe('client_secret_basic');
  expect(by(['client_secret_post', 'client_secret_basic'], secret)).toBe('client_secret_basic');
  expect(by(['client_secret_post'], secret)).toBe('client_secret_post');
  expect(by(['none'], secret)).toBe('none');
  expect(() => by(['private_key_jwt'], secret)).toThrow(OAuthTrouble);
});
