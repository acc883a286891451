import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHostile as startOAuth } from '../oauth/hostile.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { startAllv } from '../workspaces/allv.ts';
import { startAly } from '../workspaces/aly.ts';
import { startPelcro } from '../workspaces/pelcro.ts';
import { tokenAccess } from '../workspaces/pelcro-access.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { startPlain } from '../workspaces/plain.ts';
import { type Hostile, type Scenario, startHostile } from './hostile.ts';
import { look, proofsIn, statesOf, textOf } from './looking.ts';
import { event, json, response, result, streamHead } from './raw-http.ts';

const ALL_WELL = ['address ok', 'reachable ok', 'certificate ok', 'protocol ok', 'sign-in ok'];
const WELCOME = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"x"}}';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

/** A workspace at this path; it publishes nothing. */
function workspaceAt(path: string, scenario: Scenario): string {
  for (const at of [
    `/.well-known/oauth-protected-resource${path}`,
    '/.well-known/oauth-protected-resource',
  ]) {
    hostile.on(at, (_, socket) => void socket.write(response(404)));
  }
  return hostile.on(path, scenario);
}

describe('a known kind of workspace says how one signs in there, and no request proves who asks', () => {
  test('Allegro: with a key, which one question tells', async () => {
    await using allegro = await startAllegro({ tenant: 'acme', tokens: [] });
    const seen = await look({ connector: 'allegro', url: allegro.url });
    expect(statesOf(seen)).toEqual(ALL_WELL);
    expect(seen).toMatchObject({
      address: allegro.url,
      host: new URL(allegro.url).host,
      connector: 'allegro',
      signIn: ['key'],
      server: null,
      protocolVersion: null,
      privateNetwork: false,
    });
    expect(textOf(seen, 'certificate')).toContain('on this computer');
    expect(textOf(seen, 'protocol')).toContain('asks for a sign-in');
    expect(allegro.requests.all.map(({ rpc, method }) => rpc?.method ?? method)).toEqual(['initialize']);
    expect(proofsIn(allegro.requests.all)).toEqual([]);
  });

  test('Pelcro: in the browser, or with a key', async () => {
    const herald = { id: 'herald', name: 'The Herald', sites: ['site_1'] };
    await using world = await startPelcroWithOAuth({ accounts: [herald] });
    const { pelcro, oauth } = world;
    const seen = await look({ connector: 'pelcro', url: pelcro.url });
    expect(statesOf(seen)).toEqual(ALL_WELL);
    expect(seen.signIn).toEqual(['oauth', 'key']);
    expect(textOf(seen, 'sign-in')).toBe(
      `Sign in in the browser at ${new URL(oauth.origin).host}, or use a key.`,
    );
    expect(proofsIn(pelcro.requests.all)).toEqual([]);
  });

  test('Pelcro without a place to sign in at: with a key', async () => {
    await using pelcro = await startPelcro({ access: tokenAccess([]) });
    const seen = await look({ connector: 'pelcro', url: pelcro.url });
    expect(seen.signIn).toEqual(['key']);
    expect(textOf(seen, 'sign-in')).toBe('Use a key.');
  });

  test('allv: with a key, at the address that its workspace id makes', async () => {
    await using allv = await startAllv({ keys: [] });
    const [, id = ''] = /workspaces\/([^/]+)\/mcp$/.exec(allv.url) ?? [];
    const seen = await look({ connector: 'allv', url: new URL(allv.url).host, workspace: id });
    expect(statesOf(seen)).toEqual(ALL_WELL);
    expect(seen).toMatchObject({ address: allv.url, signIn: ['key'] });
    expect(proofsIn(allv.requests.all)).toEqual([]);
  });

  test('Aly: with a key or in the browser; like every other server in the browser first', async () => {
    await using aly = await startAly({ keys: [] });
    expect((await look({ connector: 'aly', url: new URL(aly.url).host })).signIn).toEqual(['key', 'oauth']);
    const custom = await look({ url: aly.url });
    expect(custom).toMatchObject({ connector: 'custom', signIn: ['oauth', 'key'] });
    expect(proofsIn(aly.requests.all)).toEqual([]);
  });
});

describe('any other server', () => {
  test('that is open to everybody tells its name and version, and its session is ended', async () => {
    await using open = await startPlain({ name: 'open' });
    const seen = await look({ url: open.url });
    expect(statesOf(seen)).toEqual(ALL_WELL);
    expect(seen).toMatchObject({
      connector: 'custom',
      signIn: ['none'],
      server: 'open',
      protocolVersion: '2025-11-25',
    });
    expect(textOf(seen, 'protocol')).toBe('open speaks MCP 2025-11-25.');
    expect(open.openedSessions).toBeGreaterThan(0);
    expect(open.openSessions).toBe(0);
    expect(open.requests.calls()).toEqual([]);
  });

  test('that is open and has a place to sign in at offers both', async () => {
    await using server = await startOAuth();
    server.on('/mcp', ({ body }, reply) => {
      const { id, method } = JSON.parse(body || '{}') as { id?: number; method?: string };
      reply.writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json' });
      reply.end(
        id === undefined ? '' : result(String(id), method === 'initialize' ? WELCOME : '{"tools":[]}'),
      );
    });
    const seen = await look({ url: server.mcpUrl });
    expect(seen.signIn).toEqual(['none', 'oauth']);
    expect(textOf(seen, 'sign-in')).toMatch(/^No sign-in is needed, or sign in in the browser at 127/);
  });

  test('that shakes hands with everybody and asks for a sign-in only then is not open', async () => {
    const url = workspaceAt('/l/later', ({ id, rpc }, socket) => {
      if (rpc === 'initialize') socket.write(json(result(id, WELCOME)));
      else if (rpc === 'tools/list') socket.write(response(401));
      else socket.write(response(202));
    });
    const seen = await look({ url });
    expect(statesOf(seen)).toEqual(ALL_WELL);
    expect(seen).toMatchObject({ signIn: ['key'], server: 'x' });
  });

  test('may answer as a stream', async () => {
    const url = workspaceAt('/l/stream', ({ id, rpc }, socket) => {
      const answer = result(id, rpc === 'initialize' ? WELCOME : '{"tools":[]}');
      if (id === '') socket.write(response(202));
      else socket.end(streamHead() + event(answer));
    });
    expect(await look({ url })).toMatchObject({ server: 'x', signIn: ['none'] });
  });

  test('that wants its cookie back and names a session gets only the session back, to end it', async () => {
    const url = workspaceAt('/l/cookie', ({ id, rpc }, socket) => {
      const fields = {
        'content-type': 'application/json',
        'mcp-session-id': 's1',
        'set-cookie': 'who=me; Path=/',
      };
      const answer = result(id, rpc === 'initialize' ? WELCOME : '{"tools":[]}');
      socket.write(id === '' ? response(202, '', fields) : response(200, answer, fields));
    });
    await look({ url });
    const heard = hostile.requests('/l/cookie');
    expect(heard.filter(({ rpc }) => rpc === 'tools/list')).not.toEqual([]);
    expect(proofsIn(heard)).toEqual([]);
    const ends = heard.filter(({ method }) => method === 'DELETE');
    expect(new Set(ends.map(({ headers }) => headers['mcp-session-id']))).toEqual(new Set(['s1']));
  });

  test('whose name is a trick is named in one clean line', async () => {
    const name = JSON.stringify(`\u202eevil\u0007\n${'x'.repeat(500)}`);
    const hello = `{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":${name}}}`;
    const url = workspaceAt('/l/name', ({ id, rpc }, socket) => {
      socket.write(rpc === 'initialize' ? json(result(id, hello)) : response(202));
    });
    const seen = await look({ url });
    expect(seen.server).toMatch(/^evil x+$/);
    expect(seen.server?.length).toBeLessThanOrEqual(80);
    expect(seen.checks.every(({ text }) => text.length <= 300)).toBe(true);
  });
});

describe('signing in in the browser', () => {
  test('is not offered where what is published is not safe; the reason is said', async () => {
    await using server = await startOAuth();
    server.on('/.well-known/oauth-authorization-server', server.metadata({ issuer: 'https://evil.example' }));
    const seen = await look({ url: server.mcpUrl });
    expect(seen.signIn).toEqual(['key']);
    expect(textOf(seen, 'sign-in')).toMatch(/^Use a key\. .*offers no sign-in method Gangway can use safely/);
    expect(proofsIn(server.seen)).toEqual([]);
  });

  test('that cannot be told right now leaves it open', async () => {
    await using server = await startOAuth();
    server.on('/.well-known/oauth-authorization-server', (_, reply) => {
      reply.writeHead(503).end();
    });
    const seen = await look({ url: server.mcpUrl });
    expect(statesOf(seen).at(-1)).toBe('sign-in failed');
    expect(seen.signIn).toEqual([]);
    expect(textOf(seen, 'sign-in')).toContain('right now (503)');
  });

  test('is not looked for where the kind of workspace has none', async () => {
    await using server = await startOAuth();
    const seen = await look({ connector: 'allegro', url: server.mcpUrl });
    expect(seen.signIn).toEqual(['key']);
    expect(server.seen.map(({ path }) => path)).toEqual(['/mcp']);
  });
});

test('a known kind of workspace that asks for no sign-in is somebody else', async () => {
  await using open = await startPlain({ name: 'open' });
  const seen = await look({ connector: 'allegro', url: open.url });
  expect(statesOf(seen).at(-1)).toBe('sign-in failed');
  expect(seen.signIn).toEqual([]);
  expect(textOf(seen, 'sign-in')).toContain('Allegro always does');
});
