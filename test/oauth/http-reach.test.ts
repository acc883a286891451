import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { boundsOf, OAuthHttp } from '#bridge/oauth/http.ts';
import { makeCertificate } from '../upstream/certificate.ts';
import { answering, ask, LONG_MS, OK, rawServer, troubleOf } from './asking.ts';
import { startHostile } from './hostile.ts';

const certificates = getCACertificates('default');
afterEach(() => vi.unstubAllEnvs());
afterAll(() => setDefaultCACertificates(certificates));

describe('TLS', () => {
  test('a certificate nobody vouches for ends it before anything is sent', async () => {
    const heard: Buffer[] = [];
    const stranger = await makeCertificate('127.0.0.1');
    await using server = await rawServer((socket) => void socket.on('data', (d) => heard.push(d)), stranger);
    const url = `https://127.0.0.1:${server.port}/`;
    const { kind, message } = await troubleOf(ask(url, { method: 'POST', body: 'a' }));
    expect([kind, message]).toEqual(['transient', expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT')]);
    expect(message).toContain('Nothing was sent');
    expect(heard).toEqual([]);
  });

  test('a trusted one is good, TLS 1.1 is not', async () => {
    const trusted = await makeCertificate('127.0.0.1');
    setDefaultCACertificates([...certificates, trusted.cert]);
    await using good = await rawServer(answering(OK), trusted);
    expect((await ask(`https://127.0.0.1:${good.port}/`)).status).toBe(200);
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await using bad = await rawServer(answering(OK), { ...trusted, ...old });
    const { kind, message } = await troubleOf(ask(`https://127.0.0.1:${bad.port}/`));
    expect([kind, message]).toEqual(['transient', expect.stringContaining('secure connection')]);
  });
});

describe('where it goes', () => {
  test.each([
    ['public', ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1', '0.0.0.0']],
    ['loopback', ['10.0.0.1', '169.254.169.254', 'fd00::1', '0.0.0.0']],
    ['own-network', ['0.0.0.0', '224.0.0.1', '::']],
  ] as const)('OA-03 a name within %s that leads out of it gets no connection', async (bounds, bad) => {
    for (const address of bad) {
      await using server = await rawServer(answering(OK));
      const family = address.includes(':') ? 6 : 4;
      const good = { address: '127.0.0.1', family: 4 };
      for (const addresses of bounds === 'public' ? [[]] : [[], [good]]) {
        const resolve = async () => [...addresses, { address, family }];
        await using http = new OAuthHttp({ resolve });
        const url = `https://as.example.com:${server.port}/token`;
        const { kind, facts } = await troubleOf(http.fetch(bounds, LONG_MS)(url, { method: 'POST' }));
        expect([kind, facts.host, address]).toEqual(['unsafe', 'as.example.com', address]);
        expect(server.connections()).toBe(0);
      }
    }
  });

  test('OA-03 one private address among public ones is enough', async () => {
    await using server = await rawServer(answering(OK));
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '93.184.216.34', family: 4 },
    ];
    await using http = new OAuthHttp({ resolve });
    const url = `https://as.example.com:${server.port}/`;
    expect((await troubleOf(http.fetch('public', LONG_MS)(url))).kind).toBe('unsafe');
    expect(server.connections()).toBe(0);
  });

  test('NW-13 the connection goes to the address that was checked, asked for once', async () => {
    await using server = await startHostile();
    server.on('/x', {});
    const asked: string[] = [];
    const resolve = async (hostname: string) => {
      asked.push(hostname);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '0.0.0.0', family: 4 }];
    };
    await using http = new OAuthHttp({ resolve });
    const { port } = new URL(server.origin);
    const answer = await http.fetch('own-network', LONG_MS)(`http://as.office.lan:${port}/x`);
    expect(answer.status).toBe(200);
    expect(asked).toEqual(['as.office.lan']);
    expect(server.seen[0]?.headers.host).toBe(`as.office.lan:${port}`);
  });

  test('localhost is this computer or nothing', async () => {
    await using server = await rawServer(answering(OK));
    const url = `http://localhost:${server.port}/`;
    await using lying = new OAuthHttp({ resolve: async () => [{ address: '93.184.216.34', family: 4 }] });
    expect((await troubleOf(lying.fetch('loopback', LONG_MS)(url))).kind).toBe('unsafe');
    await using honest = new OAuthHttp({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    expect((await honest.fetch('loopback', LONG_MS)(url)).status).toBe(200);
  });

  test('an address out of bounds is refused before its host is looked up', async () => {
    await using server = await startHostile();
    await using http = new OAuthHttp({ resolve: () => Promise.reject(new Error('looked up')) });
    for (const url of [
      `${server.origin}/x`,
      'https://10.0.0.1/',
      'http://as.example.com/',
      'file:///etc/passwd',
      'https://as.example.com\t/',
      '//as.example.com/',
    ]) {
      expect((await troubleOf(http.fetch('public', LONG_MS)(url))).kind).toBe('unsafe');
    }
    expect(server.seen).toEqual([]);
  });
});

describe('a proxy from the environment', () => {
  /** An HTTP proxy that leads every CONNECT to one port. */
  async function startProxy(target: number, status = '200 Go on') {
    const connects: string[] = [];
    const server = createServer();
    const open = new Set<Socket>();
    server.on('connect', ({ url }, near: Socket) => {
      connects.push(url ?? '');
      const far = connectTcp({ port: target, host: '127.0.0.1' });
      for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
      near.write(`HTTP/1.1 ${status}\r\n\r\n`);
      near.pipe(far).pipe(near);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return {
      connects,
      async [Symbol.asyncDispose]() {
        for (const socket of open) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test('is used through a tunnel, also for hosts that only the proxy knows', async () => {
    await using server = await startHostile();
    server.on('/x', {});
    await using proxy = await startProxy(Number(new URL(server.origin).port));
    for (const resolve of [
      async () => [{ address: '93.184.216.34', family: 4 }],
      () => Promise.reject(new Error('no DNS here')),
    ]) {
      await using http = new OAuthHttp({ resolve });
      const answer = await http.fetch('own-network', LONG_MS)('http://as.office.lan/x');
      expect(answer.status).toBe(200);
    }
    expect(proxy.connects).toEqual(['as.office.lan:80', 'as.office.lan:80']);
  });

  test('OA-03 does not make a name good that leads into a private network', async () => {
    await using server = await startHostile();
    await using proxy = await startProxy(Number(new URL(server.origin).port));
    await using http = new OAuthHttp({ resolve: async () => [{ address: '10.0.0.1', family: 4 }] });
    const url = 'https://as.example.com/x';
    expect((await troubleOf(http.fetch('public', LONG_MS)(url))).kind).toBe('unsafe');
    vi.stubEnv('NO_PROXY', 'as.example.com');
    expect((await troubleOf(http.fetch('public', LONG_MS)(url))).kind).toBe('unsafe');
    expect(proxy.connects).toEqual([]);
  });

  test('that wants a sign-in is named', async () => {
    await using server = await startHostile();
    await using _ = await startProxy(Number(new URL(server.origin).port), '407 Who are you');
    await using http = new OAuthHttp({ resolve: async () => [{ address: '93.184.216.34', family: 4 }] });
    const answer = http.fetch('public', LONG_MS)('https://as.example.com/token', { method: 'POST' });
    const { kind, message } = await troubleOf(answer);
    expect([kind, message]).toEqual(['transient', expect.stringContaining('proxy wants a sign-in (407)')]);
  });

  test('is not used for this computer', async () => {
    await using server = await startHostile();
    server.on('/x', {});
    await using proxy = await startProxy(1);
    expect((await ask(`${server.origin}/x`)).status).toBe(200);
    expect(proxy.connects).toEqual([]);
  });
});

test.each([
  [{ ownNetwork: true, upstream: { kind: 'http', url: 'https://10.0.0.1/mcp' } }, 'own-network'],
  [{ ownNetwork: true, upstream: { kind: 'http', url: 'http://127.0.0.1/mcp' } }, 'own-network'],
  [{ ownNetwork: false, upstream: { kind: 'http', url: 'http://127.0.0.1:1/mcp' } }, 'loopback'],
  [{ ownNetwork: false, upstream: { kind: 'sse', url: 'http://[::1]:1/sse' } }, 'loopback'],
  [{ ownNetwork: false, upstream: { kind: 'http', url: 'https://acme.example.com/mcp' } }, 'public'],
  [{ ownNetwork: false, upstream: { kind: 'command', command: 'x', args: [] } }, 'public'],
] as const)('bounds of an account: %j -> %s', (account, bounds) => {
  const { upstream } = account;
  const plain = upstream.kind === 'command' ? { ...upstream, args: [...upstream.args] } : { ...upstream };
  expect(boundsOf({ ownNetwork: account.ownNetwork, upstream: plain })).toBe(bounds);
});
