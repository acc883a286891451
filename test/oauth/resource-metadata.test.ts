import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  canonicalResource,
  readResourceMetadata,
  resourceMetadataUrls,
} from '#bridge/oauth/resource-metadata.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { troubleOf } from './asking.ts';
import { challengeAt, discoverAt, foundAt, requests, silentWorkspace, status } from './discovering.ts';
import { PATHS, startHostile } from './hostile.ts';

describe('OA-03 resource metadata that a challenge names is refused, and nobody is asked for it', () => {
  test.each<[string, (origin: string, stranger: string) => string]>([
    ['at another origin', (_, stranger) => `${stranger}/prm`],
    ['at the same host with another scheme', (origin) => origin.replace('http:', 'https:')],
    ['over http at a public host', () => 'http://acme.example.com/prm'],
    ['at a public host', () => 'https://acme.example.com/prm'],
    ['relative', () => '/.well-known/oauth-protected-resource/mcp'],
    ['relative to the scheme', (origin) => origin.replace('http:', '')],
    ['in a file', () => 'file:///etc/passwd'],
    ['at the metadata service of clouds', () => 'http://169.254.169.254/latest'],
    ['at a private address', () => 'http://10.0.0.1/prm'],
    ['at a private address in IPv6 clothes', () => 'http://[::ffff:a9fe:a9fe]/prm'],
    ['at localhost by name', (origin) => `${origin.replace('127.0.0.1', 'localhost')}/prm`],
    ['at a hexadecimal address', (origin) => `${origin.replace('127.0.0.1', '0x7f000001')}/prm`],
    ['with a user', (origin) => `${origin.replace('//', '//good@')}/prm`],
    ['with a user that looks like the host', (origin, stranger) => `${origin}@${stranger.slice(7)}/prm`],
    ['with a backslash', (origin, stranger) => `${origin}\\@${stranger.slice(7)}/prm`],
    ['with a fragment', (origin) => `${origin}/prm#x`],
  ])('%s', async (_, named) => {
    await using server = await startHostile();
    await using stranger = await startHostile();
    const address = named(server.origin, stranger.origin);
    challengeAt(server, PATHS.mcp, `Bearer resource_metadata="${address.replaceAll('\\', '\\\\')}"`);
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect(kind).toBe('unsafe');
    expect(message).toContain(
      `${new URL(server.origin).host} offers no sign-in method Gangway can use safely: `,
    );
    expect([requests(server), requests(stranger)]).toEqual([['POST /mcp'], []]);
  });

  test('within the internet, whatever leads out of it', async () => {
    let connections = 0;
    const stranger = createServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const workspace = 'https://acme.example.com/mcp';
    for (const issuer of [
      `https://localhost:${port}`,
      `https://0x7f000001:${port}`,
      `http://127.0.0.1:${port}`,
    ]) {
      const members = { resource: workspace, authorization_servers: [issuer] };
      const read = () => readResourceMetadata(members, workspace, 'public', 'acme.example.com');
      expect(read).toThrow(OAuthTrouble);
    }
    // A name that leads here is found out when the connection is made.
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const url = `https://acme.example.com:${port}/mcp`;
    const { kind } = await troubleOf(discoverAt(url, { bounds: 'public' }, { resolve }));
    expect([kind, connections]).toEqual(['unsafe', 0]);
    await new Promise((resolve) => stranger.close(resolve));
  });

  test('at the workspace itself it is taken, wherever it is there', async () => {
    await using server = await startHostile();
    challengeAt(server, PATHS.mcp, `Bearer resource_metadata=${server.origin}/custom/prm.json?a=b`);
    server.on('/custom/prm.json', server.resource());
    expect((await foundAt(server.mcpUrl)).resource).toBe(server.mcpUrl);
    expect(requests(server)).toEqual([
      'POST /mcp',
      'GET /custom/prm.json?a=b',
      'GET /.well-known/oauth-authorization-server',
    ]);
  });
});

describe('OA-04 resource metadata that says nothing usable is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a missing resource', { resource: undefined }, 'the resource in its resource metadata is missing'],
    ['missing servers', { authorization_servers: undefined }, 'names no authorization server'],
    ['no servers', { authorization_servers: [] }, 'names no authorization server'],
    [
      'servers that are no list',
      { authorization_servers: 'https://as.example.com' },
      'names no authorization',
    ],
    [
      'one server that is no address',
      { authorization_servers: ['as.example.com'] },
      'is not a whole address',
    ],
    ['a number among the servers', { authorization_servers: [7] }, 'is missing or no text'],
    ['a server with a query', { authorization_servers: ['https://as.example.com/?a'] }, 'has a query'],
    ['a server within reach of nobody', { authorization_servers: ['https://10.0.0.1'] }, 'private network'],
    [
      'a good server and a bad one',
      { authorization_servers: ['https://as.example.com', 'javascript:alert(1)'] },
      'does not use https',
    ],
    [
      '11 servers',
      { authorization_servers: Array.from({ length: 11 }, (_, n) => `https://as${n}.example.com`) },
      'more than 10',
    ],
    [
      '1000 servers',
      { authorization_servers: Array.from({ length: 1000 }, (_, n) => `https://as${n}.example.com`) },
      'more than 10',
    ],
    [
      'a resource that is no text',
      { resource: 7 },
      'the resource in its resource metadata is missing or no text',
    ],
    ['a resource with a fragment', { resource: 'https://acme.example.com/mcp#x' }, 'has a fragment'],
  ])('%s', async (_, changes, reason) => {
    await using server = await startHostile();
    server.on(PATHS.resource, server.resource(changes));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, message]).toEqual(['unsafe', expect.stringContaining(reason)]);
    expect(requests(server)).toEqual(['POST /mcp', `GET ${PATHS.resource}`]);
  });

  test.each([
    ['a page', '<!doctype html><h1>Hello</h1>', 'is not JSON'],
    ['a list', '[]', 'is not a JSON object'],
    ['an empty object', '{}', 'is missing'],
    ['nothing', '', 'is not JSON'],
  ])('%s', async (_, body, reason) => {
    await using server = await startHostile();
    server.on(PATHS.resource, (_, response) => void response.writeHead(200).end(body));
    const { kind, message } = await troubleOf(discoverAt(server.mcpUrl));
    expect([kind, message]).toEqual(['unsafe', expect.stringContaining(reason)]);
  });
});

test('OA-05 resource metadata that is too large, packed, too slow or elsewhere leaves everything open', async () => {
  await using server = await startHostile();
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
  silentWorkspace(server);
  server.on(PATHS.resource, (_, response) => void response.end('x'.repeat(50 * 1024 * 1024)));
  expect((await troubleOf(discoverAt(server.mcpUrl))).message).toContain('larger than 256 KB');
  server.on(PATHS.resource, (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  expect((await troubleOf(discoverAt(server.mcpUrl))).kind).toBe('transient');
  server.on(PATHS.resource, (_, response) => {
    const drip = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(drip));
  });
  const waits = { metadataMs: 200, tokenMs: 200, revocationMs: 200 };
  const slow = await troubleOf(discoverAt(server.mcpUrl, {}, { waits }));
  expect([slow.kind, slow.message]).toEqual(['transient', expect.stringContaining('did not answer within')]);
  // Nothing followed from any of these, not even a look at the next place.
  expect(server.asked(PATHS.resourceRoot)).toEqual([]);
  server.on(PATHS.resource, (_, response) => {
    response.writeHead(302, { location: `${server.origin}/elsewhere` }).end();
  });
  server.on('/elsewhere', server.resource());
  const { kind } = await troubleOf(discoverAt(server.mcpUrl));
  expect([kind, server.asked('/elsewhere')]).toEqual(['unsafe', []]);
});

describe('OA-06 a workspace that cannot send its resource metadata right now', () => {
  test.each([500, 501, 502, 503, 504, 408, 425, 429])('%i stops it; nothing older is tried', async (code) => {
    for (const legacy of [false, true]) {
      await using server = await startHostile();
      silentWorkspace(server);
      server.on(PATHS.resource, status(code));
      const { kind, facts } = await troubleOf(discoverAt(server.mcpUrl, { legacy }));
      expect([kind, facts.status]).toEqual(['transient', code]);
      expect(requests(server)).toEqual(['POST /mcp', `GET ${PATHS.resource}`]);
    }
  });

  test('says how long to wait, at most an hour', async () => {
    await using server = await startHostile();
    for (const [said, seconds] of [
      ['7', 7],
      ['999999', 3600],
      ['soon', undefined],
    ] as const) {
      server.on(PATHS.resource, (_, response) => void response.writeHead(503, { 'retry-after': said }).end());
      const { facts } = await troubleOf(discoverAt(server.mcpUrl));
      expect(facts.retryAfterSeconds).toBe(seconds);
    }
  });

  test('a dropped connection stops it as well', async () => {
    await using server = await startHostile();
    silentWorkspace(server);
    server.on(PATHS.resource, (_, __, request) => void request.socket.destroy());
    expect((await troubleOf(discoverAt(server.mcpUrl, { legacy: true }))).kind).toBe('transient');
    expect(server.asked(PATHS.server)).toEqual([]);
  });
});

describe('OA-07 the resource in the metadata', () => {
  const issuers = ['https://as.example.com'];
  const read = (resource: string, workspace: string): string =>
    readResourceMetadata(
      { resource, authorization_servers: issuers },
      workspace,
      'public',
      'acme.example.com',
    ).resource;

  test.each([
    ['the same', 'https://acme.example.com/mcp', 'https://acme.example.com/mcp'],
    ['the parent', 'https://acme.example.com/a', 'https://acme.example.com/a/b/mcp'],
    ['the origin', 'https://acme.example.com', 'https://acme.example.com/mcp'],
    ['the origin with a slash', 'https://acme.example.com/', 'https://acme.example.com/mcp'],
    ['a slash at the root', 'https://acme.example.com/', 'https://acme.example.com'],
    ['a slash at the end', 'https://acme.example.com/mcp/', 'https://acme.example.com/mcp'],
    ['no slash at the root', 'https://acme.example.com', 'https://acme.example.com/'],
    ['no slash at the end of ours', 'https://acme.example.com/mcp', 'https://acme.example.com/mcp/'],
    ['upper case in the host', 'https://ACME.Example.com/mcp', 'https://acme.example.com/mcp'],
    ['upper case in the scheme', 'HTTPS://acme.example.com/mcp', 'https://acme.example.com/mcp'],
    ['the usual port', 'https://acme.example.com:443/mcp', 'https://acme.example.com/mcp'],
    ['our query', 'https://acme.example.com/mcp?x=1', 'https://acme.example.com/mcp?x=1'],
    ['no query', 'https://acme.example.com/mcp', 'https://acme.example.com/mcp?x=1'],
  ])('%s covers the workspace and is kept byte by byte', (_, resource, workspace) => {
    expect(read(resource, workspace)).toBe(resource);
  });

  test.each([
    ['another host', 'https://evil.example/mcp', 'https://acme.example.com/mcp'],
    ['a host below', 'https://x.acme.example.com/mcp', 'https://acme.example.com/mcp'],
    ['another port', 'https://acme.example.com:8443/mcp', 'https://acme.example.com/mcp'],
    ['a sibling', 'https://acme.example.com/mcp2', 'https://acme.example.com/mcp'],
    ['the beginning of our segment', 'https://acme.example.com/m', 'https://acme.example.com/mcp'],
    ['a path below', 'https://acme.example.com/mcp/x', 'https://acme.example.com/mcp'],
    ['upper case in the path', 'https://acme.example.com/MCP', 'https://acme.example.com/mcp'],
    ['another query', 'https://acme.example.com/mcp?x=2', 'https://acme.example.com/mcp?x=1'],
  ])('%s does not', (_, resource, workspace) => {
    expect(() => read(resource, workspace)).toThrow('its resource metadata is for another address');
  });

  test('only what can be asked for is a scope, and a name is one line', () => {
    const workspace = 'https://acme.example.com/mcp';
    const members = {
      resource: workspace,
      authorization_servers: ['https://as.example.com', 'https://as2.example.com', 'https://as.example.com'],
      scopes_supported: ['b', 'a', 'offline_access', 7, 'a b', 'b'],
      resource_name: ' Acme\n\u202eworkspace ',
    };
    const metadata = readResourceMetadata(members, workspace, 'public', 'acme.example.com');
    expect(metadata).toEqual({
      resource: workspace,
      authorizationServers: ['https://as.example.com', 'https://as2.example.com'],
      scope: 'b a',
      name: 'Acme workspace',
    });
    for (const scopes of [undefined, [], 'a b', [7], ['offline_access']]) {
      const { scope } = readResourceMetadata(
        { ...members, scopes_supported: scopes },
        workspace,
        'public',
        'acme.example.com',
      );
      expect(scope).toBeUndefined();
    }
  });
});

describe('OA-08 resource metadata is looked for at', () => {
  const root = '/.well-known/oauth-protected-resource';
  test.each([
    ['/api/mcp', [`${root}/api/mcp`, root]],
    ['/', [root]],
    ['/a/b/', [`${root}/a/b`, root]],
    ['/mcp?x=1', [`${root}/mcp?x=1`, root]],
    ['/?x=1', [`${root}?x=1`, root]],
  ])('%s: these places in this order', async (target, places) => {
    await using server = await startHostile();
    const url = `${server.origin}${target}`;
    expect(resourceMetadataUrls(url)).toEqual(places.map((place) => `${server.origin}${place}`));
    silentWorkspace(server, target.replace(/\?.*/, ''));
    server.on(PATHS.resource, status(404));
    expect(await discoverAt(url)).toEqual({ kind: 'legacy' });
    expect(requests(server)).toEqual([`POST ${target}`, ...places.map((place) => `GET ${place}`)]);
  });

  test('the first that is there is the last that is asked', async () => {
    await using server = await startHostile();
    silentWorkspace(server);
    await foundAt(server.mcpUrl);
    expect(server.asked(root)).toEqual([]);
  });

  test.each([404, 401, 403, 405, 410, 204])('after %i the next is asked', async (code) => {
    await using server = await startHostile();
    silentWorkspace(server);
    server.on(PATHS.resource, status(code));
    server.on(root, server.resource({ resource: server.origin }));
    expect((await foundAt(server.mcpUrl)).resource).toBe(server.origin);
  });
});

test.each([
  ['https://acme.example.com/', 'https://acme.example.com'],
  ['https://acme.example.com', 'https://acme.example.com'],
  ['https://acme.example.com:8443/#x', 'https://acme.example.com:8443'],
  ['https://acme.example.com/mcp', 'https://acme.example.com/mcp'],
  ['https://acme.example.com/mcp/#x', 'https://acme.example.com/mcp/'],
  ['https://acme.example.com/?x=/', 'https://acme.example.com/?x=/'],
])('the resource of %s without metadata is %s', (url, resource) => {
  expect(canonicalResource(url)).toBe(resource);
});
