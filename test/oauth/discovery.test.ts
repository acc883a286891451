import { describe, expect, test } from 'vitest';
import { discover, endpointMoved } from '#bridge/oauth/discovery.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import { troubleOf } from './asking.ts';
import { challengeAt, discoverAt, foundAt, requests, silentWorkspace, status } from './discovering.ts';
import { type HostileServer, PATHS, startHostile } from './hostile.ts';

test('OA-01 a workspace that asks for a sign-in and says nothing of it may only be old; nobody decides that silently', async () => {
  await using server = await startHostile();
  silentWorkspace(server);
  server.on(PATHS.resource, status(404));
  expect(await discoverAt(server.mcpUrl)).toEqual({ kind: 'legacy' });
  expect(requests(server)).toEqual(['POST /mcp', `GET ${PATHS.resource}`, `GET ${PATHS.resourceRoot}`]);
});

describe('OA-01 without resource metadata', () => {
  test.each([401, 403, 405, 410, 204, 302])(
    'a %i instead of a plain 404 is no ground for the old method',
    async (code) => {
      for (const legacy of [false, true]) {
        await using server = await startHostile();
        silentWorkspace(server);
        server.on(PATHS.resource, status(code));
        const { kind, message } = await troubleOf(discoverAt(server.mcpUrl, { legacy }));
        expect([kind, message]).toEqual(['unsafe', expect.stringContaining('does not say where to sign in')]);
        expect(server.asked(PATHS.server)).toEqual([]);
      }
    },
  );

  test('metadata that a challenge names and nobody has is no ground for it either', async () => {
    await using server = await startHostile();
    server.on(PATHS.resource, status(404));
    const { kind } = await troubleOf(discoverAt(server.mcpUrl, { legacy: true }));
    expect([kind, server.asked(PATHS.server)]).toEqual(['unsafe', []]);
  });

  test.each([200, 400, 403, 404, 405, 406, 500, 503])(
    'a workspace that answers %i wants no sign-in',
    async (code) => {
      for (const wellKnown of [404, 401]) {
        await using server = await startHostile();
        server.on(PATHS.mcp, status(code));
        server.on(PATHS.resource, status(wellKnown));
        expect(await discoverAt(server.mcpUrl)).toEqual({ kind: 'none' });
      }
    },
  );
});

describe('OA-02 the challenge of the workspace', () => {
  test.each<[string, (url: string) => string[]]>([
    [
      'among others in one header',
      (url) => [`Basic realm="a, b", Bearer resource_metadata="${url}", scope="s"`],
    ],
    ['in a header of its own', (url) => ['Basic realm="a"', `bearer RESOURCE_METADATA=${url},scope=s`]],
    [
      'twice',
      (url) => [
        `Bearer resource_metadata="${url}", scope="s"`,
        'Bearer resource_metadata="https://evil.example"',
      ],
    ],
  ])('%s is heard', async (_, challenges) => {
    await using server = await startHostile();
    const url = `${server.origin}/prm`;
    challengeAt(server, PATHS.mcp, ...challenges(url));
    server.on('/prm', server.resource());
    expect((await foundAt(server.mcpUrl)).scope).toBe('s');
  });

  test('of 64 KB is not read', async () => {
    await using server = await startHostile();
    challengeAt(server, PATHS.mcp, `Bearer realm="${'x'.repeat(65_536)}"`);
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, message]).toEqual(['transient', expect.stringContaining('proper HTTP')]);
    expect(requests(server)).toEqual(['POST /mcp']);
  });
});

describe('the workspace is asked', () => {
  test('once, as a client does, without any credential', async () => {
    await using server = await startHostile();
    await foundAt(server.mcpUrl);
    const [knock, ...others] = server.asked(PATHS.mcp);
    expect(others).toEqual([]);
    expect(knock).toMatchObject({
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    });
    expect(knock?.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(knock?.body ?? '')).toMatchObject({
      jsonrpc: '2.0',
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', clientInfo: { name: 'gangway' } },
    });
  });

  test('for its stream where it takes no messages', async () => {
    for (const code of [404, 405]) {
      await using server = await startHostile();
      server.on('/sse', ({ method }, response) => {
        response.writeHead(method === 'GET' ? 401 : code, { 'www-authenticate': 'Bearer scope="s"' }).end();
      });
      expect(await discoverAt(`${server.origin}/sse`)).toEqual({ kind: 'legacy' });
    }
  });

  test('and not waited for when it opens a stream', async () => {
    await using server = await startHostile();
    server.on(PATHS.mcp, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    });
    expect((await foundAt(server.mcpUrl)).resource).toBe(server.mcpUrl);
  });

  test('and when it cannot be reached, nothing else is tried', async () => {
    await using server = await startHostile();
    server.on(PATHS.mcp, (_, __, request) => void request.socket.destroy());
    expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('transient');
    expect(requests(server)).toEqual(['POST /mcp']);
  });

  test('until the person gives up', async () => {
    await using server = await startHostile();
    await using http = new OAuthHttp();
    const gaveUp = new AbortController();
    const reason = new Error('given up');
    server.on(PATHS.server, () => {
      gaveUp.abort(reason);
      return new Promise(() => undefined);
    });
    const wanted = { url: server.mcpUrl, bounds: 'loopback', legacy: false } as const;
    await expect(discover(wanted, http, gaveUp.signal)).rejects.toBe(reason);
  });
});

describe('the scope to ask for', () => {
  test.each<[string, { challenge?: string; resource?: string[]; server?: string[] }, string | undefined]>([
    ['is that of the challenge', { challenge: 'c', resource: ['r'] }, 'c'],
    ['is all that the workspace has', { resource: ['r1', 'r2'] }, 'r1 r2'],
    ['is left to the server where nobody names any', {}, undefined],
    ['is not what the server happens to have', { server: ['s'] }, undefined],
    [
      'has offline_access where the server has it',
      { resource: ['r'], server: ['offline_access'] },
      'r offline_access',
    ],
    ['has it with a challenge too', { challenge: 'c', server: ['offline_access', 'c'] }, 'c offline_access'],
    ['has it once', { challenge: 'offline_access c', server: ['offline_access'] }, 'offline_access c'],
    ['has not it alone', { server: ['offline_access'] }, undefined],
    ['has not it because the workspace says so', { resource: ['r', 'offline_access'], server: ['r'] }, 'r'],
  ])('%s', async (_, { challenge, resource, server: scopes }, expected) => {
    await using server = await startHostile();
    challengeAt(server, PATHS.mcp, ...(challenge === undefined ? [] : [`Bearer scope="${challenge}"`]));
    server.on(PATHS.resource, server.resource({ scopes_supported: resource }));
    server.on(PATHS.server, server.metadata({ scopes_supported: scopes }));
    expect((await foundAt(server.mcpUrl)).scope).toBe(expected);
  });
});

describe('the resource', () => {
  test('is kept as the workspace writes it, with and without a slash at the root', async () => {
    await using server = await startHostile();
    silentWorkspace(server, '/');
    for (const resource of [server.origin, `${server.origin}/`]) {
      server.on(PATHS.resourceRoot, server.resource({ resource, resource_name: 'Acme' }));
      const found = await foundAt(`${server.origin}/`);
      expect(found).toMatchObject({ resource, resourceName: 'Acme', legacy: false });
    }
  });
});

/** A workspace that names two authorization servers besides itself. */
async function withServers(names: (one: HostileServer, other: HostileServer) => string[]) {
  const [workspace, one, other] = [await startHostile(), await startHostile(), await startHostile()];
  workspace.on(PATHS.resource, workspace.resource({ authorization_servers: names(one, other) }));
  return {
    url: workspace.mcpUrl,
    one,
    other,
    async [Symbol.asyncDispose]() {
      for (const server of [workspace, one, other]) await server[Symbol.asyncDispose]();
    },
  };
}

describe('OA-15 of several authorization servers', () => {
  test('the pinned one is used while it is listed, wherever', async () => {
    await using place = await withServers((one, other) => [one.origin, other.origin]);
    for (const pinned of [place.one, place.other]) {
      const found = await foundAt(place.url, { pinnedIssuer: pinned.origin });
      expect(found.server.issuer).toBe(pinned.origin);
    }
  });

  test('the pinned one is not passed over when it cannot be used', async () => {
    await using place = await withServers((one, other) => [one.origin, other.origin]);
    for (const [code, kind] of [
      [503, 'transient'],
      [404, 'unsafe'],
    ] as const) {
      place.other.on(PATHS.server, status(code));
      const trouble = await troubleOf(discoverAt(place.url, { pinnedIssuer: place.other.origin }));
      expect([trouble.kind, requests(place.one)]).toEqual([kind, []]);
    }
  });

  test('another than the pinned one is a question to the person', async () => {
    await using place = await withServers((one) => [one.origin]);
    const from = 'https://as.example.com';
    const to = place.one.origin;
    const moved = await discoverAt(place.url, { pinnedIssuer: from });
    expect(moved).toMatchObject({ kind: 'moved', from, to, found: { server: { issuer: to } } });
    // A slash makes another issuer.
    expect(await discoverAt(place.url, { pinnedIssuer: `${to}/` })).toMatchObject({ kind: 'moved', to });
  });

  test('without a pinned one the first good one is used', async () => {
    await using place = await withServers((one, other) => [one.origin, other.origin]);
    expect((await foundAt(place.url)).server.issuer).toBe(place.one.origin);
    expect(requests(place.other)).toEqual([]);
    place.one.on(PATHS.server, place.one.metadata({ issuer: 'https://evil.example' }));
    expect((await foundAt(place.url)).server.issuer).toBe(place.other.origin);
    place.other.on(PATHS.server, place.other.metadata({ response_types_supported: [] }));
    const { kind, message } = await troubleOf(discoverAt(place.url));
    expect([kind, message]).toEqual(['unsafe', expect.stringContaining('for another issuer')]);
  });

  test('one that cannot be reached right now is not passed over', async () => {
    await using place = await withServers((one, other) => [one.origin, other.origin]);
    place.one.on(PATHS.server, status(500));
    expect((await troubleOf(discoverAt(place.url))).kind).toBe('transient');
    expect(requests(place.other)).toEqual([]);
  });
});

describe('OA-13b an endpoint of a stored sign-in has moved', () => {
  const tokenEndpoint = 'https://as.example.com/token';
  const revocationEndpoint = 'https://as.example.com/revoke';
  test.each([
    ['the same', { tokenEndpoint, revocationEndpoint }, false],
    [
      'another path',
      { tokenEndpoint: 'https://as.example.com/v2', revocationEndpoint: 'https://AS.example.com:443/r' },
      false,
    ],
    ['tokens elsewhere', { tokenEndpoint: 'https://evil.example/token', revocationEndpoint }, true],
    [
      'tokens at another port',
      { tokenEndpoint: 'https://as.example.com:8443/token', revocationEndpoint },
      true,
    ],
    ['tokens without encryption', { tokenEndpoint: 'http://as.example.com/token', revocationEndpoint }, true],
    ['revocation elsewhere', { tokenEndpoint, revocationEndpoint: 'https://evil.example/revoke' }, true],
    ['no revocation any more', { tokenEndpoint }, false],
  ])('%s', (_, server, moved) => {
    expect(endpointMoved({ tokenEndpoint, revocationEndpoint }, server)).toBe(moved);
  });

  test('unless nothing was stored of it', () => {
    const evil = { tokenEndpoint, revocationEndpoint: 'https://other.example/revoke' };
    expect(endpointMoved({ tokenEndpoint, revocationEndpoint: undefined }, evil)).toBe(false);
    expect(endpointMoved({ tokenEndpoint: 'nonsense' }, { tokenEndpoint: 'nonsense' })).toBe(true);
  });

  test('by what the pinned issuer says now', async () => {
    await using server = await startHostile();
    const stored = await foundAt(server.mcpUrl);
    const pinnedIssuer = server.origin;
    server.on(PATHS.server, server.metadata({ token_endpoint: `${server.origin}/v2/token` }));
    const samePlace = await foundAt(server.mcpUrl, { pinnedIssuer });
    expect(endpointMoved(stored.server, samePlace.server)).toBe(false);
    expect(samePlace.server.tokenEndpoint).toBe(`${server.origin}/v2/token`);
    server.on(PATHS.server, server.metadata({ token_endpoint: 'https://evil.example/token' }));
    const elsewhere = await foundAt(server.mcpUrl, { pinnedIssuer });
    expect(endpointMoved(stored.server, elsewhere.server)).toBe(true);
  });
});
