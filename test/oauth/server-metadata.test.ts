import { describe, expect, test } from 'vitest';
import { serverMetadataUrls } from '#bridge/oauth/server-metadata.ts';
import { troubleOf } from './asking.ts';
import { discoverAt, foundAt, status } from './discovering.ts';
import { PATHS, startHostile } from './hostile.ts';

const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

describe('OA-09 the metadata of an authorization server', () => {
  test.each([
    ['https://as.example.com', [OAUTH, OPENID]],
    ['https://as.example.com/', [OAUTH, OPENID]],
    ['https://as.example.com/t1', [`${OAUTH}/t1`, `${OPENID}/t1`, `/t1${OPENID}`]],
    ['https://as.example.com/a/t1/', [`${OAUTH}/a/t1`, `${OPENID}/a/t1`, `/a/t1${OPENID}`]],
  ])('of %s is looked for at %j', (issuer, places) => {
    expect(serverMetadataUrls(issuer)).toEqual(places.map((place) => `https://as.example.com${place}`));
  });

  test.each([404, 400, 401, 403, 405, 410, 502, 204, 302])(
    'after %i the next place is asked',
    async (code) => {
      await using server = await startHostile();
      const issuer = `${server.origin}/t1`;
      server.on(PATHS.resource, server.resource({ authorization_servers: [issuer] }));
      const places = serverMetadataUrls(issuer).map((place) => new URL(place).pathname);
      for (const [index, place] of places.entries()) {
        for (const before of places.slice(0, index)) server.on(before, status(code));
        server.on(place, server.metadata({ issuer }));
        const { server: found } = await foundAt(server.mcpUrl);
        expect(found.issuer).toBe(issuer);
        expect(server.asked(place)).toHaveLength(1);
      }
    },
  );

  test.each([500, 501, 503, 504, 408, 429])('%i stops it; a weaker document is not read', async (code) => {
    await using server = await startHostile();
    server.on(PATHS.server, status(code));
    server.on(PATHS.openid, server.metadata());
    const { kind, facts } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, facts.status, server.asked(PATHS.openid)]).toEqual(['transient', code, []]);
  });

  test('a timeout and a dropped connection stop it as well', async () => {
    await using server = await startHostile();
    server.on(PATHS.openid, server.metadata());
    server.on(PATHS.server, () => new Promise(() => undefined));
    const waits = { metadataMs: 200, tokenMs: 200, revocationMs: 200 };
    expect((await troubleOf(discoverAt(server.mcpUrl, {}, { waits }))).kind).toBe('transient');
    server.on(PATHS.server, (_, __, request) => void request.socket.destroy());
    expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('transient');
    expect(server.asked(PATHS.openid)).toEqual([]);
  });

  test('a document that is wrong is not passed over for another', async () => {
    await using server = await startHostile();
    server.on(PATHS.server, server.metadata({ code_challenge_methods_supported: [] }));
    server.on(PATHS.openid, server.metadata());
    expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('unsafe');
    expect(server.asked(PATHS.openid)).toEqual([]);
  });

  test('that is nowhere is missed by name', async () => {
    await using server = await startHostile();
    server.on(PATHS.server, status(404));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    const { host } = new URL(server.origin);
    expect([kind, message]).toEqual([
      'unsafe',
      `${host} offers no sign-in method Gangway can use safely: its authorization server ${host} publishes no metadata.`,
    ]);
  });
});

test('OA-10 an issuer that is not the one that was asked for, byte by byte, is refused', async () => {
  await using server = await startHostile();
  const { origin } = server;
  const others = [
    'https://as.example.com',
    `${origin}/`,
    `${origin}/t1`,
    origin.toUpperCase(),
    origin.replace('http:', 'https:'),
    ` ${origin}`,
    undefined,
    null,
    [origin],
    { origin },
    '',
  ];
  for (const issuer of others) {
    server.on(PATHS.server, server.metadata({ issuer }));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, message]).toEqual(['unsafe', expect.stringContaining('is for another issuer')]);
  }
  // The same where the workspace names the slash and the server does not.
  server.on(PATHS.resource, server.resource({ authorization_servers: [`${origin}/`] }));
  server.on(PATHS.server, server.metadata());
  expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('unsafe');
  server.on(PATHS.server, server.metadata({ issuer: `${origin}/` }));
  expect((await foundAt(server.mcpUrl)).server.issuer).toBe(`${origin}/`);
});

test.each([undefined, null, [], ['plain'], ['s256'], 'S256', { S256: true }])(
  'OA-11 code_challenge_methods_supported %j is refused',
  async (methods) => {
    await using server = await startHostile();
    server.on(PATHS.server, server.metadata({ code_challenge_methods_supported: methods }));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    const { host } = new URL(server.origin);
    expect([kind, message]).toEqual([
      'unsafe',
      `${host} offers no sign-in method Gangway can use safely: its authorization server does not offer PKCE with S256.`,
    ]);
  },
);

test.each([undefined, [], ['token'], ['code token'], 'code'])(
  'response_types_supported %j is refused',
  async (types) => {
    await using server = await startHostile();
    server.on(PATHS.server, server.metadata({ response_types_supported: types }));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, message]).toEqual(['unsafe', expect.stringContaining('code flow')]);
  },
);

describe('OA-12 metadata is asked for without compression', () => {
  test.each(['gzip', 'br', 'deflate'])('and what comes as %s is not decoded', async (encoding) => {
    await using server = await startHostile();
    server.on(PATHS.server, (_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(JSON.stringify(server.metadata()));
    });
    expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('transient');
    for (const { headers } of server.seen) expect(headers['accept-encoding']).toBe('identity');
    expect(server.asked(PATHS.openid)).toEqual([]);
  });
});

describe('OA-13 endpoints', () => {
  const NAMES = ['authorization', 'token', 'registration', 'revocation', 'introspection', 'userinfo'];

  test.each(NAMES)('an unsafe %s endpoint is refused', async (name) => {
    await using server = await startHostile();
    for (const address of [
      'http://as.example.com/x',
      'https://user@as.example.com/x',
      'https://as.example.com/x#y',
      'https://10.0.0.1/x',
      'javascript:alert(1)',
      '/x',
      '',
      `https://as.example.com/${'x'.repeat(2048)}`,
    ]) {
      server.on(PATHS.server, server.metadata({ [`${name}_endpoint`]: address }));
      const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
      expect([kind, message]).toEqual(['unsafe', expect.stringContaining(`the ${name} endpoint`)]);
    }
  });

  test('those for authorization and tokens must be there', async () => {
    await using server = await startHostile();
    for (const name of ['authorization_endpoint', 'token_endpoint']) {
      for (const value of [undefined, null, 7, ['https://as.example.com']]) {
        server.on(PATHS.server, server.metadata({ [name]: value }));
        expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('unsafe');
      }
    }
  });

  test('at another origin are taken over https, byte by byte', async () => {
    await using server = await startHostile();
    const endpoints = {
      authorization_endpoint: 'https://login.example.com/authorize?tenant=a%20b',
      token_endpoint: 'https://TOKENS.example.com:443',
      registration_endpoint: null,
      revocation_endpoint: undefined,
    };
    server.on(PATHS.server, server.metadata(endpoints));
    const { server: found } = await foundAt(server.mcpUrl);
    expect(found.authorizationEndpoint).toBe(endpoints.authorization_endpoint);
    expect(found.tokenEndpoint).toBe(endpoints.token_endpoint);
    expect(found).not.toHaveProperty('registrationEndpoint');
    expect(found).not.toHaveProperty('revocationEndpoint');
  });
});

describe('OA-16 metadata of an authorization server', () => {
  test.each<[string, (text: string) => string]>([
    ['with __proto__', (text) => text.replace('{', '{"__proto__":{},')],
    ['that says one thing twice', (text) => text.replace('{', '{"token_endpoint":"https://evil.example",')],
    ['10 000 levels deep', (text) => text.replace('{', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)},`)],
    ['that is a list', (text) => `[${text}]`],
    ['that is a page', () => '<!doctype html>'],
    ['that is cut', (text) => text.slice(0, -5)],
  ])('%s is refused', async (_, change) => {
    await using server = await startHostile();
    for (const [path, value] of [
      [PATHS.server, server.metadata()],
      [PATHS.resource, server.resource({ token_endpoint: 'x' })],
    ] as const) {
      server.on(path, (_, response) => void response.end(change(JSON.stringify(value))));
      const { kind } = await troubleOf(discoverAt(server.mcpUrl));
      expect([path, kind]).toEqual([path, 'unsafe']);
      server.behave(path);
    }
    await foundAt(server.mcpUrl);
  });
});

test('what an authorization server says of itself', async () => {
  await using server = await startHostile();
  const { origin } = server;
  expect((await foundAt(server.mcpUrl)).server).toEqual({
    issuer: origin,
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    registrationEndpoint: `${origin}/register`,
    revocationEndpoint: `${origin}/revoke`,
    authentications: ['none', 'client_secret_basic', 'client_secret_post'],
    takesClientMetadata: false,
    issInResponse: true,
    scopes: undefined,
    metadata: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      revocation_endpoint: `${origin}/revoke`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    },
  });
  const other = {
    token_endpoint_auth_methods_supported: 'none',
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: 'true',
    scopes_supported: ['a', 7, 'b'],
    id_token_signing_alg_values_supported: ['ES256'],
    jwks_uri: 'file:///not/used',
  };
  server.on(PATHS.server, server.metadata(other));
  const { server: found } = await foundAt(server.mcpUrl);
  expect(found).toMatchObject({
    authentications: [],
    takesClientMetadata: true,
    issInResponse: false,
    scopes: ['a', 'b'],
  });
  expect(found.metadata).toMatchObject({ id_token_signing_alg_values_supported: ['ES256'] });
  expect(found.metadata).not.toHaveProperty('jwks_uri');
});
