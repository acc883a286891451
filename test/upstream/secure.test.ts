import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { networkTrouble } from '#bridge/upstream/network-trouble.ts';
import { trouble } from '#contract/errors.ts';
import { watchServer } from '../canary/collect.ts';
import { answerOf, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { json, response, result } from './raw-http.ts';

const before = getCACertificates('default');
let trusted: Certificate;
let stranger: Certificate;
let expired: Certificate;
beforeAll(async () => {
  [trusted, stranger, expired] = await Promise.all([
    makeCertificate('127.0.0.1'),
    makeCertificate('127.0.0.1'),
    makeCertificate('127.0.0.1', -1),
  ]);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => setDefaultCACertificates(before));

async function secureWorkspace(tls: Certificate & object): Promise<Hostile> {
  const hostile = await startHostile({ tls });
  hostile.on('/mcp', ({ id }, socket) => void socket.write(json(result(id))));
  return hostile;
}

function trust(...certificates: Certificate[]): void {
  setDefaultCACertificates([...before, ...certificates.map(({ cert }) => cert)]);
}

describe('NW-05 a certificate that is not right stops everything before a byte of the request is sent', () => {
  test('signed by itself', async () => {
    trust();
    await using hostile = await secureWorkspace(stranger);
    for (const method of ['tools/call', 'tools/list']) {
      const { message } = troubleOf(await askAt(`${hostile.origin}/mcp`, method), 'tls', false);
      expect(message).toContain('it signed its own certificate. Nothing was sent.');
      expect(message).toContain('company security software');
    }
    expect(hostile.received).toBe(0);
  });

  test('expired', async () => {
    trust(expired);
    await using hostile = await secureWorkspace(expired);
    expect(troubleOf(await askAt(`${hostile.origin}/mcp`), 'tls', false).message).toContain('has expired');
    expect(hostile.received).toBe(0);
  });

  test('for another host', async () => {
    const other = await makeCertificate('other.example.com');
    trust(other);
    await using hostile = await secureWorkspace(other);
    expect(troubleOf(await askAt(`${hostile.origin}/mcp`), 'tls', false).message).toContain(
      'for another host',
    );
    expect(hostile.received).toBe(0);
  });

  test('NW-06 one the system trusts is good', async () => {
    trust(trusted);
    await using hostile = await secureWorkspace(trusted);
    answerOf(await askAt(`${hostile.origin}/mcp`));
  });

  test.each([
    ['CERT_NOT_YET_VALID', 'not valid yet'],
    ['CERT_REVOKED', 'revoked'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'nobody this computer trusts'],
    ['ERR_SSL_EE_KEY_TOO_SMALL', 'EE_KEY_TOO_SMALL'],
  ])('%s is said in words', (code, words) => {
    const error = networkTrouble(
      workspaceAt('https://acme.example.com/mcp'),
      Object.assign(new Error('x'), { code }),
      {
        sent: false,
        secure: true,
      },
    );
    expect(error.message).toContain(words);
    expect(error.message).toContain('Nothing');
    expect(trouble[error.code].exit).toBe(5);
  });
});

describe('a handshake that fails', () => {
  test('NW-04 by a reset', async () => {
    await using server = await rawServer(
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    );
    expect(troubleOf(await askAt(`https://127.0.0.1:${server.port}/mcp`), 'tls', false).message).toContain(
      'Nothing was sent',
    );
  });

  test('NW-05 with a server that speaks plain HTTP', async () => {
    await using server = await rawServer(
      (socket) => void socket.once('data', () => void socket.end(response(400))),
    );
    troubleOf(await askAt(`https://127.0.0.1:${server.port}/mcp`), 'tls', false);
  });

  test('NW-07 with TLS 1.1', async () => {
    trust(trusted);
    const old = {
      ...trusted,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await using hostile = await secureWorkspace(old);
    troubleOf(await askAt(`${hostile.origin}/mcp`), 'tls', false);
    expect(hostile.received).toBe(0);
  });
});

describe('a proxy from the environment', () => {
  test('UP-407 that wants a sign-in is named as such and gets no credential', async () => {
    await using proxy = await startHostile({ label: 'the proxy' });
    for (const port of [80, 443]) {
      proxy.on(`workspace.test:${port}`, (_, socket) => {
        socket.write(response(407, '', { 'proxy-authenticate': 'Basic realm="proxy"' }));
      });
    }
    vi.stubEnv('HTTP_PROXY', proxy.origin);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    for (const scheme of ['http', 'https']) {
      const outcome = await askAt(`${scheme}://workspace.test/mcp`);
      expect(troubleOf(outcome, 'unreachable', false).message).toContain('proxy wants a sign-in (407)');
    }
    expect(proxy.heard.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['CONNECT', undefined],
      ['CONNECT', undefined],
    ]);
  });

  test('NW-08 that is down leaves the workspace unreachable; NO_PROXY and this computer go without it', async () => {
    await using gone = await rawServer(() => undefined);
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`);
    troubleOf(await askAt('http://workspace.test/mcp'), 'unreachable', false);
    await using hostile = await startHostile();
    hostile.on('/mcp', ({ id }, socket) => void socket.write(json(result(id))));
    answerOf(await askAt(`${hostile.origin}/mcp`));
  });

  test('NW-16 does not make a bad certificate good', async () => {
    trust();
    await using hostile = await secureWorkspace(stranger);
    await using proxy = await startConnectProxy(hostile.port);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    await using http = quickHttp();
    troubleOf(await askAt('https://workspace.test/mcp', 'tools/call', http), 'tls', false);
    expect(proxy.connects).toEqual(['workspace.test:443']);
    expect(hostile.received).toBe(0);
  });
});

describe('HV-28 an environment that switches certificate checks off', () => {
  test.each(['directly', 'through a proxy'])('changes nothing %s: a stranger gets no byte', async (way) => {
    trust();
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await using hostile = await secureWorkspace(stranger);
    await using proxy = await startConnectProxy(hostile.port);
    if (way === 'through a proxy') vi.stubEnv('HTTPS_PROXY', proxy.origin);
    const url = way === 'directly' ? `${hostile.origin}/mcp` : 'https://workspace.test/mcp';
    await using http = quickHttp();
    troubleOf(await askAt(url, 'tools/call', http), 'tls', false);
    expect(hostile.received).toBe(0);
  });
});

async function rawServer(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  watchServer(server, 'a server in the way');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
