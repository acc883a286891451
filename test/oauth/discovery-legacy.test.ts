import { describe, expect, test } from 'vitest';
import { troubleOf } from './asking.ts';
import { challengeAt, discoverAt, foundAt, silentWorkspace, status } from './discovering.ts';
import { type HostileServer, json, PATHS, startHostile } from './hostile.ts';

describe('the method of MCP 2025-03-26, once a person agreed to it', () => {
  async function oldServer(): Promise<HostileServer> {
    const server = await startHostile();
    silentWorkspace(server);
    server.on(PATHS.resource, status(404));
    return server;
  }
  const legacy = true;

  test('by metadata at the origin, asked for by its version', async () => {
    await using server = await oldServer();
    challengeAt(server, PATHS.mcp, 'Bearer scope="s"');
    server.on(PATHS.server, server.metadata({ token_endpoint: `${server.origin}/oauth/token` }));
    const found = await foundAt(server.mcpUrl, { legacy });
    expect(found).toMatchObject({ resource: server.mcpUrl, scope: 's', legacy });
    expect(found.server.tokenEndpoint).toBe(`${server.origin}/oauth/token`);
    expect(server.asked(PATHS.server)[0]?.headers['mcp-protocol-version']).toBe('2025-03-26');
  });

  test('at fixed paths where there is none', async () => {
    await using server = await oldServer();
    server.on(PATHS.server, status(404));
    const { origin } = server;
    expect((await foundAt(server.mcpUrl, { legacy })).server).toMatchObject({
      issuer: origin,
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
      registrationEndpoint: `${origin}/register`,
      authentications: [],
      issInResponse: false,
    });
    expect(server.asked(PATHS.openid)).toEqual([]);
  });

  test.each([401, 403, 405, 302])('a %i there is no plain 404', async (code) => {
    await using server = await oldServer();
    server.on(PATHS.server, status(code));
    expect((await troubleOf(discoverAt(server.mcpUrl, { legacy }))).kind).toBe('unsafe');
  });

  test.each([500, 502, 503])('a %i there leaves everything open', async (code) => {
    await using server = await oldServer();
    server.on(PATHS.server, status(code));
    expect((await troubleOf(discoverAt(server.mcpUrl, { legacy }))).kind).toBe('transient');
  });

  test('metadata may be silent about PKCE, and about nothing else', async () => {
    await using server = await oldServer();
    server.on(PATHS.server, server.metadata({ code_challenge_methods_supported: undefined }));
    const { metadata } = (await foundAt(server.mcpUrl, { legacy })).server;
    expect(metadata).toMatchObject({ code_challenge_methods_supported: ['S256'] });
    for (const changes of [
      { code_challenge_methods_supported: ['plain'] },
      { code_challenge_methods_supported: null },
      { issuer: 'https://as.example.com' },
      { issuer: undefined },
      { token_endpoint: 'http://as.example.com/token' },
      { response_types_supported: [] },
    ]) {
      server.on(PATHS.server, server.metadata(changes));
      expect((await troubleOf(discoverAt(server.mcpUrl, { legacy }))).kind).toBe('unsafe');
    }
  });

  test('its issuer may end in a slash, as nobody named it', async () => {
    await using server = await oldServer();
    server.on(PATHS.server, server.metadata({ issuer: `${server.origin}/` }));
    expect((await foundAt(server.mcpUrl, { legacy })).server.issuer).toBe(`${server.origin}/`);
  });

  test('another issuer than the pinned one is a question here too', async () => {
    await using server = await oldServer();
    const pinnedIssuer = 'https://as.example.com';
    expect(await discoverAt(server.mcpUrl, { legacy, pinnedIssuer })).toMatchObject({
      kind: 'moved',
      from: pinnedIssuer,
      to: server.origin,
      found: { legacy },
    });
    await foundAt(server.mcpUrl, { legacy, pinnedIssuer: server.origin });
  });

  test('resource metadata goes before it', async () => {
    await using server = await oldServer();
    server.on(PATHS.resourceRoot, (_, response) =>
      json(response, server.resource({ resource: server.origin })),
    );
    expect((await foundAt(server.mcpUrl, { legacy })).legacy).toBe(false);
  });
});
