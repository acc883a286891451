import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { proxyChoice } from '#bridge/base/network.ts';
import { failureOf } from '#bridge/upstream/look.ts';
import { WorkspaceLooks } from '#bridge/workspace-look.ts';
import { BridgeError } from '#contract/errors.ts';
import { makeCertificate } from './certificate.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { failedAt, look, statesOf, textOf } from './looking.ts';
import { head, json, response, result } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('an address that cannot be used is told at once, and nothing is sent', () => {
  test.each([
    [{}, 'Type the address'],
    [{ url: 'ftp://acme.example.com' }, 'begins with https://'],
    [{ url: 'https://me:pw@acme.example.com/' }, 'Credentials do not belong in the address'],
    [{ url: 'https://acme.example.com/?api_key=x' }, 'Keys do not belong'],
    [{ url: 'http://acme.example.com/mcp' }, 'Use https://'],
    [{ url: 'https://0.0.0.0/mcp' }, 'No server can be reached'],
    [{ connector: 'allv' as const, workspace: 'a/b' }, 'letters, digits'],
    [{ url: 'https://agent.allv.ai' }, 'Type the workspace id'],
  ])('%j', async (typed, said) => {
    const seen = await look(typed);
    expect(statesOf(seen)).toEqual(failedAt('address'));
    expect(seen).toMatchObject({ address: null, host: null, signIn: [], privateNetwork: false });
    expect(textOf(seen, 'address')).toContain(said);
  });
});

describe('a private network is asked only after the person said that it is theirs', () => {
  /** Everything that leaves this computer would arrive at the proxy. */
  async function lookThrough(proxy: Hostile, url: string, ownNetwork: boolean, at: string) {
    proxy.on('10.1.2.3:443', (_, socket) => void socket.write(response(502)));
    proxy.on('mcp.acme.example:443', (_, socket) => void socket.write(response(502)));
    const through = proxyChoice({ setting: () => ({ mode: 'manual', url: proxy.origin }) });
    return look(
      { url, ownNetwork },
      {
        proxy: through,
        resolve: async () => [{ address: at, family: at.includes(':') ? 6 : 4 }],
      },
    );
  }

  test.each([
    ['https://10.1.2.3/mcp', '10.1.2.3', 'address'],
    ['https://mcp.acme.example/mcp', '10.1.2.3', 'reachable'],
    ['https://mcp.acme.example/mcp', '127.0.0.1', 'reachable'],
    ['https://mcp.acme.example/mcp', 'fd00::1', 'reachable'],
  ] as const)('%s at %s', async (url, at, name) => {
    await using proxy = await startHostile({ label: 'the proxy' });
    const seen = await lookThrough(proxy, url, false, at);
    expect(statesOf(seen)).toEqual(failedAt(name));
    expect(seen).toMatchObject({ address: url, privateNetwork: true, signIn: [] });
    expect(textOf(seen, name)).toContain('server in my own network');
    expect(proxy.connections).toBe(0);
    // The same once it is confirmed, so that silence above means something.
    const confirmed = await lookThrough(proxy, url, true, at);
    expect(confirmed.privateNetwork).toBe(false);
    expect(proxy.heard.map(({ method }) => method)).toContain('CONNECT');
  });

  test.each([
    ['leads elsewhere the second time', async () => [{ address: '203.0.113.7', family: 4 }]],
    ['is not found the first time', () => Promise.reject(new Error('no answer'))],
  ])('NW-13 a name that %s is not asked either', async (_, first) => {
    await using inside = await startHostile({ label: 'a server in the private network' });
    let asked = 0;
    const seen = await look(
      { url: `https://mcp.acme.example:${new URL(inside.origin).port}/mcp` },
      {
        resolve: async () => {
          asked += 1;
          return asked === 1 ? first() : [{ address: '127.0.0.1', family: 4 }];
        },
      },
    );
    expect(asked).toBeGreaterThan(1);
    expect(statesOf(seen)).toEqual(failedAt('reachable'));
    expect(inside.connections).toBe(0);
  });

  test('a name that leads nowhere is not asked, and no word of a person would help', async () => {
    await using proxy = await startHostile({ label: 'the proxy' });
    const seen = await lookThrough(proxy, 'https://mcp.acme.example/mcp', false, '0.0.0.0');
    expect(statesOf(seen)).toEqual(failedAt('reachable'));
    expect(seen.privateNetwork).toBe(false);
    expect(textOf(seen, 'reachable')).toContain('leads to no server (0.0.0.0)');
    expect(proxy.connections).toBe(0);
  });

  test('a name that leads to the internet needs no confirmation', async () => {
    await using proxy = await startHostile({ label: 'the proxy' });
    const seen = await lookThrough(proxy, 'https://mcp.acme.example/mcp', false, '203.0.113.7');
    expect(seen.privateNetwork).toBe(false);
    expect(proxy.heard.map(({ path }) => path)).toContain('mcp.acme.example:443');
  });
});

test('a port where nobody listens', async () => {
  const gone = await startHostile();
  const url = `${gone.origin}/mcp`;
  await gone[Symbol.asyncDispose]();
  const seen = await look({ url });
  expect(statesOf(seen)).toEqual(failedAt('reachable'));
  expect(seen).toMatchObject({ address: url, signIn: [] });
  expect(textOf(seen, 'reachable')).toContain('cannot be reached');
});

test('a certificate that nobody trusts', async () => {
  await using secure = await startHostile({ tls: await makeCertificate('127.0.0.1') });
  const seen = await look({ url: `${secure.origin}/mcp` });
  expect(statesOf(seen)).toEqual(failedAt('certificate'));
  expect(textOf(seen, 'certificate')).toContain('it signed its own certificate');
  expect(secure.heard).toEqual([]);
});

describe('something that is no MCP server', () => {
  test.each([
    ['a page', response(200, '<html>Hotel</html>', { 'content-type': 'text/html' }), '(text/html). Is there'],
    [
      'a page and an error',
      response(404, '<html>', { 'content-type': 'text/html' }),
      'at this address (404)',
    ],
    ['no messages taken', response(405), 'takes no MCP messages at this address (405)'],
    ['a refusal', response(403), 'refuses to answer (403)'],
    ['a fault', response(500), 'fault of its own right now (500)'],
    ['another JSON', json('{"hello":"world"}'), 'not the answer'],
    ['an empty answer', response(204), 'gave no answer'],
    ['a request to wait', response(429, '', { 'retry-after': '60' }), 'asks to wait 60 s'],
  ])('%s', async (name, answer, said) => {
    const path = `/f/${name.replaceAll(' ', '-')}`;
    const seen = await look({ url: hostile.on(path, (_, socket) => void socket.write(answer)) });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain(said);
    expect(textOf(seen, 'protocol')).not.toMatch(/account|carried out/);
    expect(seen.signIn).toEqual([]);
  });

  test('a redirect is said and not followed', async () => {
    await using elsewhere = await startHostile();
    const url = hostile.on('/f/moved', (_, socket) => {
      socket.write(response(307, '', { location: `${elsewhere.origin}/mcp` }));
    });
    const seen = await look({ url });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain(`moved to ${elsewhere.origin}`);
    expect(textOf(seen, 'protocol')).not.toContain('account');
    expect(elsewhere.connections).toBe(0);
    expect(hostile.requests('/f/moved')).toHaveLength(1);
  });

  test('an answer that is far too large is stopped', async () => {
    const big = `{"protocolVersion":"2025-11-25","pad":"${'x'.repeat(1536 * 1024)}"}`;
    const url = hostile.on('/f/big', ({ id }, socket) => void socket.write(json(result(id, big))));
    const seen = await look({ url });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain('larger than 1 MB');
  });

  test('a connection that breaks off', async () => {
    const url = hostile.on('/f/cut', (_, socket) => void socket.resetAndDestroy());
    const seen = await look({ url });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain('dropped after the request was sent');
  });
});

describe('a server that is too slow', () => {
  test('to answer at all', async () => {
    const url = hostile.on('/f/silent', () => undefined);
    const seen = await look({ url }, { http: { waits: { ...limits, responseHeadMs: 50 } } });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain('did not answer in time');
  });

  test('is given up when the time for the whole look is over', async () => {
    const url = hostile.on('/f/drip', (_, socket) => {
      socket.write(head(200, { 'content-type': 'application/json', 'content-length': '100' }));
    });
    const seen = await look({ url }, { lookMs: 200 });
    expect(statesOf(seen)).toEqual(failedAt('protocol'));
    expect(textOf(seen, 'protocol')).toContain('did not answer within 1 s.');
    expect(seen.signIn).toEqual([]);
  });
});

test('of a server that was never reached nothing good is said, however long the way there takes', async () => {
  await using proxy = await startHostile({ label: 'the proxy' });
  proxy.on('mcp.acme.example:443', () => undefined);
  const through = proxyChoice({ setting: () => ({ mode: 'manual', url: proxy.origin }) });
  const resolve = async () => [{ address: '203.0.113.7', family: 4 }];
  const typed = { url: 'https://mcp.acme.example/mcp' };
  const late = await look(typed, { proxy: through, resolve, lookMs: 300 });
  expect(statesOf(late)).toEqual(failedAt('reachable'));
  expect(textOf(late, 'reachable')).toContain('did not answer within 1 s.');
  const silent = proxyChoice({
    setting: () => ({ mode: 'system' }),
    system: () => new Promise(() => undefined),
  });
  expect(statesOf(await look(typed, { proxy: silent, resolve, lookMs: 100 }))).toEqual(failedAt('reachable'));
});

test('a look that nobody wants any more ends with the reason it was given', async () => {
  const leaving = new AbortController();
  const url = hostile.on('/f/left', () => leaving.abort(new Error('typed on')));
  await using looks = new WorkspaceLooks({
    proxy: proxyChoice({ setting: () => ({ mode: 'none' }) }),
    version: '0.1.0',
  });
  await expect(looks.look({ url, ownNetwork: false }, leaving.signal)).rejects.toThrow('typed on');
});

test.each([
  ['unreachable', undefined, 'reachable'],
  ['tls', undefined, 'certificate'],
  ['tls', 526, 'certificate'],
  ['bad-answer', 410, 'protocol'],
  ['timeout', undefined, 'protocol'],
  ['outcome-unknown', undefined, 'protocol'],
  ['wait', 429, 'protocol'],
] as const)('a trouble %s with status %s fails the check %s', (code, status, at) => {
  const message = 'Words. It may or may not have been carried out. Check there before trying again.';
  const failed = failureOf(
    new BridgeError(code, at === 'protocol' ? message : 'Words.'),
    'acme.example.com',
    status,
  );
  expect(failed).toEqual({
    kind: 'failed',
    at,
    text: status === 410 ? expect.stringContaining('410') : 'Words.',
  });
});
