import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as oauth from 'oauth4webapi';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { type OAuthFetch, OAuthHttp, type OAuthRequest } from '#bridge/oauth/http.ts';
import { canary } from '../canary/canary.ts';
import { collectError } from '../canary/collect.ts';
import { answering, ask, LONG_MS, OK, rawServer, troubleOf } from './asking.ts';
import { json, startHostile } from './hostile.ts';

describe('what is sent', () => {
  const form = new URLSearchParams({ a: 'b c', d: '&' });
  test.each<[string, OAuthRequest, string, string | undefined]>([
    ['a form', { body: form }, 'a=b+c&d=%26', 'application/x-www-form-urlencoded;charset=UTF-8'],
    [
      'a form with its own type',
      { body: form, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      'a=b+c&d=%26',
      'application/x-www-form-urlencoded',
    ],
    [
      'text',
      { body: '{"ä":1}', headers: new Headers({ 'content-type': 'application/json' }) },
      '{"ä":1}',
      'application/json',
    ],
    ['bytes', { body: new TextEncoder().encode('bytes') }, 'bytes', undefined],
    ['nothing', {}, '', undefined],
    ['null', { body: null }, '', undefined],
  ])('%s', async (_, request, body, type) => {
    await using server = await startHostile();
    server.on('/x', {});
    await ask(`${server.origin}/x?q=1`, { method: 'POST', ...request });
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'POST', target: '/x?q=1', body });
    expect(seen?.headers['content-type']).toBe(type);
  });

  test('no cookie, no wish for compression, its own name', async () => {
    await using server = await startHostile();
    server.on('/x', (_, response) => json(response, {}, 200, { 'set-cookie': 'a=b' }));
    await using http = new OAuthHttp();
    const fetch = http.fetch('loopback', LONG_MS);
    const headers = { cookie: 'a=b', 'Accept-Encoding': 'gzip, br', accept: 'application/json' };
    const answer = await fetch(`${server.origin}/x`, { headers });
    await fetch(`${server.origin}/x`);
    expect(answer.headers.get('set-cookie')).toBeNull();
    for (const { headers: sent } of server.seen) {
      expect(sent.cookie).toBeUndefined();
      expect(sent['accept-encoding']).toBe('identity');
      expect(sent['user-agent']).toMatch(/^gangway\//);
    }
    expect(server.seen[0]?.headers.accept).toBe('application/json');
  });

  test('never a header that breaks the line, and no error that quotes it', async () => {
    await using server = await startHostile();
    const headers = { authorization: `Bearer ${canary('bearer')}\nx: y` };
    const trouble = await troubleOf(ask(`${server.origin}/x`, { headers }));
    collectError('the trouble', trouble);
    expect([trouble.kind, trouble.cause, server.seen]).toEqual(['unsafe', undefined, []]);
  });

  test('each request on a connection of its own', async () => {
    await using server = await rawServer(answering(OK));
    await using http = new OAuthHttp();
    for (let time = 1; time <= 3; time += 1) {
      await http.fetch('loopback', LONG_MS)(`http://127.0.0.1:${server.port}/`);
      expect(server.connections()).toBe(time);
    }
  });

  test('oauth4webapi can use it', async () => {
    await using server = await startHostile();
    await using http = new OAuthHttp();
    const customFetch: OAuthFetch = http.fetch('loopback', LONG_MS);
    const issuer = new URL(server.origin);
    const options = {
      [oauth.customFetch]: customFetch,
      [oauth.allowInsecureRequests]: true,
      algorithm: 'oauth2',
    } as const;
    const response = await oauth.discoveryRequest(issuer, options);
    // The well-behaved server writes its issuer without the slash that a URL object adds.
    expect(await response.json()).toMatchObject({ issuer: server.origin });
    const revocation = await oauth.revocationRequest(
      { issuer: server.origin, revocation_endpoint: `${server.origin}/revoke` },
      { client_id: 'me' },
      oauth.None(),
      'not-a-secret',
      options,
    );
    await oauth.processRevocationResponse(revocation);
    expect(server.asked('/revoke')[0]?.form.get('token')).toBe('not-a-secret');
  });
});

describe('what comes back', () => {
  test('status, headers and body as they are', async () => {
    await using server = await startHostile();
    server.on('/x', (_, response) => {
      response.writeHead(401, { 'www-authenticate': ['Basic', 'Bearer error="x"'] }).end('{"a":"ü"}');
    });
    const answer = await ask(`${server.origin}/x`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Basic, Bearer error="x"');
    expect(await answer.json()).toEqual({ a: 'ü' });
  });

  test('an answer without a body', async () => {
    await using server = await startHostile();
    server.on('/x', (_, response) => void response.writeHead(204).end());
    expect((await ask(`${server.origin}/x`)).body).toBeNull();
  });

  test('OA-05 an answer larger than 256 KB is stopped, with a length, in pieces, or for ever', async () => {
    await using server = await startHostile();
    const most = limits.metadataBytes;
    server.on('/fits', (_, response) => void response.end('x'.repeat(most)));
    server.on('/length', (_, response) => void response.end('x'.repeat(50 * 1024 * 1024)));
    let isStopped = false;
    server.on('/endless', (_, response) => {
      response.on('close', () => {
        isStopped = true;
      });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
        response.once('drain', more);
      };
      more();
    });
    expect((await (await ask(`${server.origin}/fits`)).text()).length).toBe(most);
    for (const path of ['/length', '/endless']) {
      const { kind, message } = await troubleOf(ask(`${server.origin}${path}`));
      expect([kind, message]).toEqual(['transient', expect.stringContaining('larger than 256 KB')]);
    }
    await vi.waitFor(() => expect(isStopped).toBe(true));
  });

  test('OA-05 a redirect is not followed', async () => {
    await using server = await startHostile();
    await using elsewhere = await startHostile();
    for (const status of [301, 302, 303, 307, 308]) {
      server.on('/x', (_, response) => {
        response.writeHead(status, { location: `${elsewhere.origin}/y` }).end();
      });
      const { kind, facts } = await troubleOf(ask(`${server.origin}/x`, { method: 'POST', body: 'a' }));
      expect([kind, facts.status]).toEqual(['transient', status]);
    }
    expect(elsewhere.seen).toEqual([]);
  });

  test('OA-05 an answer that drips, or never begins, ends with its time', async () => {
    await using server = await startHostile();
    const drips = new Set<NodeJS.Timeout>();
    server.on('/drip', (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      drips.add(drip);
      response.on('close', () => {
        clearInterval(drip);
        drips.delete(drip);
      });
    });
    server.on('/silent', () => new Promise(() => undefined));
    for (const path of ['/drip', '/silent']) {
      const { kind, message } = await troubleOf(ask(`${server.origin}${path}`, {}, 200));
      expect([kind, message]).toEqual(['transient', expect.stringContaining('did not answer within 1 s')]);
    }
    await vi.waitFor(() => expect(drips.size).toBe(0));
  });

  test('OA-12 an encoding nobody asked for is not decoded', async () => {
    await using server = await startHostile();
    for (const encoding of ['gzip', 'br', 'x-gzip', 'nonsense']) {
      const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024));
      server.on('/x', (_, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
      });
      const { kind, message } = await troubleOf(ask(`${server.origin}/x`));
      expect([kind, message]).toEqual(['transient', expect.stringContaining('encoding')]);
    }
    server.on('/x', (_, response) => json(response, {}, 200, { 'content-encoding': 'identity' }));
    expect((await ask(`${server.origin}/x`)).status).toBe(200);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['a status above 599', 'HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['64 KB of headers', `HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer x="${'y'.repeat(65_536)}"\r\n\r\n`],
  ])('%s is no answer', async (_, bytes) => {
    await using server = await rawServer(answering(bytes));
    const { kind, message } = await troubleOf(ask(`http://127.0.0.1:${server.port}/`, { method: 'POST' }));
    expect([kind, message]).toEqual(['transient', expect.stringContaining('proper HTTP')]);
  });

  test('the head alone, where the body has no end and the status leads away', async () => {
    await using server = await startHostile();
    server.on('/x', (_, response) => {
      response.writeHead(302, { location: '/y', 'content-encoding': 'gzip' }).write('never ends');
    });
    await using http = new OAuthHttp();
    const answer = await http.fetchHead('loopback', LONG_MS)(`${server.origin}/x`);
    expect([answer.status, answer.body]).toEqual([302, null]);
  });
});

describe('a connection that fails', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['before any answer', (socket) => void socket.once('data', () => socket.destroy())],
    ['by a reset', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
    [
      'within the body',
      (socket) =>
        void socket.once('data', () => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{')),
    ],
  ])('%s leaves a POST in doubt, and a GET not', async (_, handle) => {
    await using server = await rawServer(handle);
    const url = `http://127.0.0.1:${server.port}/`;
    const post = await troubleOf(ask(url, { method: 'POST', body: 'a=b' }));
    expect([post.kind, post.message]).toEqual(['ambiguous', expect.stringContaining('may or may not')]);
    expect((await troubleOf(ask(url))).kind).toBe('transient');
  });

  test('before anything was sent uses nothing up', async () => {
    const server = await rawServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const trouble = await troubleOf(ask(`http://127.0.0.1:${server.port}/`, { method: 'POST' }));
    expect(trouble.kind).toBe('transient');
    expect(trouble.message).toContain('Nothing was sent');
    await using http = new OAuthHttp({
      resolve: () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })),
    });
    const unknown = http.fetch('public', LONG_MS)('https://as.example.com/token', { method: 'POST' });
    expect(await troubleOf(unknown)).toMatchObject({ kind: 'transient', facts: { host: 'as.example.com' } });
  });

  test('because the caller gave up gives the reason of the caller', async () => {
    await using server = await startHostile();
    const reason = new Error('given up');
    const early = ask(`${server.origin}/x`, { signal: AbortSignal.abort(reason) });
    await expect(early).rejects.toBe(reason);
    expect(server.seen).toEqual([]);
    const gaveUp = new AbortController();
    server.on('/x', () => {
      gaveUp.abort(reason);
      return new Promise(() => undefined);
    });
    const late = ask(`${server.origin}/x`, { method: 'POST', signal: gaveUp.signal });
    await expect(late).rejects.toBe(reason);
  });
});
