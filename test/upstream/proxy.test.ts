import type { Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { proxyChoice } from '#bridge/base/network.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { WorkspaceHttp } from '#bridge/upstream/http.ts';
import type { ProxySetting } from '#contract/settings.ts';
import { answerOf, ask, type Outcome, troubleOf, workspaceAt } from './asking.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { json, result } from './raw-http.ts';

const before = getCACertificates('default');
const NAME = 'https://workspace.test/mcp';
/** A label of more than 63 characters: no resolver asks anybody for it. */
const NOWHERE = `https://${'a'.repeat(64)}.test/mcp`;
let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate('workspace.test');
  setDefaultCACertificates([...before, certificate.cert]);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => setDefaultCACertificates(before));

/** A workspace that nobody finds under its name without the proxy. */
async function startHidden(): Promise<Hostile> {
  const hostile = await startHostile({ tls: certificate });
  hostile.on('/mcp', ({ id }, socket) => void socket.write(json(result(id))));
  return hostile;
}

/** Asks by the settings as they are then. */
function asking(start: ProxySetting, system?: (url: string) => Promise<string | undefined>) {
  const now = { setting: start };
  const http = new WorkspaceHttp({
    waits: limits,
    pause: async () => undefined,
    proxy: proxyChoice({ setting: () => now.setting, system }),
  });
  return {
    now,
    at: async (url: string): Promise<Outcome> => {
      await using channel = connect(workspaceAt(url), http);
      return ask(channel, 'tools/list');
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

test('NW-08 a proxy of one’s own leads to names only it knows, and sees no key', async () => {
  await using hidden = await startHidden();
  await using proxy = await startConnectProxy(hidden.port);
  await using person = asking({ mode: 'manual', url: proxy.origin });
  answerOf(await person.at(NAME));
  expect(proxy.connects).toEqual(['workspace.test:443']);
  expect(hidden.heard[0]?.headers.authorization).toMatch(/^Bearer /);
});

test('a changed setting counts from the next request on', async () => {
  await using hidden = await startHidden();
  await using first = await startConnectProxy(hidden.port);
  await using second = await startConnectProxy(hidden.port);
  await using person = asking({ mode: 'manual', url: first.origin });
  answerOf(await person.at(NAME));
  person.now.setting = { mode: 'manual', url: second.origin };
  answerOf(await person.at(NAME));
  person.now.setting = { mode: 'none' };
  troubleOf(await person.at(NOWHERE), 'unreachable', false);
  expect([first.connects, second.connects]).toEqual([['workspace.test:443'], ['workspace.test:443']]);
});

test('NW-08 the proxy of the desktop is used, and asked for by the origin', async () => {
  await using hidden = await startHidden();
  await using proxy = await startConnectProxy(hidden.port);
  const asked: string[] = [];
  await using person = asking({ mode: 'system' }, async (url) => {
    asked.push(url);
    return `SOCKS5 127.0.0.1:1; PROXY ${proxy.host}; DIRECT`;
  });
  answerOf(await person.at(NAME));
  expect(asked).toEqual(['https://workspace.test/']);
  expect(proxy.connects).toEqual(['workspace.test:443']);
});

test('NW-08 where the desktop knows none, the environment decides', async () => {
  await using hidden = await startHidden();
  await using proxy = await startConnectProxy(hidden.port);
  vi.stubEnv('HTTPS_PROXY', proxy.origin);
  await using person = asking({ mode: 'system' }, async () => undefined);
  answerOf(await person.at(NAME));
  person.now.setting = { mode: 'none' };
  troubleOf(await person.at(NOWHERE), 'unreachable', false);
  expect(proxy.connects).toEqual(['workspace.test:443']);
});

test('this computer is reached without the proxy, whatever was chosen', async () => {
  await using workspace = await startHostile();
  const url = workspace.on('/mcp', ({ id }, socket) => void socket.write(json(result(id))));
  await using proxy = await startConnectProxy(workspace.port);
  vi.stubEnv('HTTP_PROXY', proxy.origin);
  await using person = asking({ mode: 'manual', url: proxy.origin }, async () => `PROXY ${proxy.host}`);
  answerOf(await person.at(url));
  person.now.setting = { mode: 'system' };
  answerOf(await person.at(url));
  expect(proxy.connects).toEqual([]);
});

test('NW-08 a proxy that cannot be used stops the request and says what to do', async () => {
  await using person = asking({ mode: 'system' }, async () => 'SOCKS5 127.0.0.1:1');
  const { message } = troubleOf(await person.at(NAME), 'unreachable', false);
  expect(message).toBe(
    'The proxy of this computer is of a kind Gangway cannot use, such as SOCKS. Nothing reached workspace.test. Choose another proxy in the settings.',
  );
  person.now.setting = { mode: 'manual', url: 'not an address' };
  expect(troubleOf(await person.at(NAME), 'unreachable', false).message).toContain(
    'not the address of a proxy',
  );
});

test('NW-08 a proxy that never answers is given up like a connection that never comes', async () => {
  await using silent = await startHostile({ label: 'the proxy' });
  silent.on('workspace.test:443', () => undefined);
  await using http = new WorkspaceHttp({
    waits: { ...limits, connectMs: 50 },
    proxy: proxyChoice({ setting: () => ({ mode: 'manual', url: silent.origin }) }),
  });
  await using channel = connect(workspaceAt(NAME), http);
  const { message } = troubleOf(await ask(channel), 'unreachable', false);
  expect(message).toContain(`cannot be reached right now through the proxy ${new URL(silent.origin).host}.`);
  expect(silent.heard.map(({ method }) => method)).toContain('CONNECT');
});

test('NW-16 a proxy of one’s own does not make a bad certificate good', async () => {
  const stranger = await makeCertificate('workspace.test');
  await using hidden = await startHostile({ tls: stranger });
  await using proxy = await startConnectProxy(hidden.port);
  await using person = asking({ mode: 'manual', url: proxy.origin });
  troubleOf(await person.at(NAME), 'tls', false);
  expect(proxy.connects).toEqual(['workspace.test:443']);
  expect(hidden.heard).toEqual([]);
});

test('old connections are not used any more on request, and what runs on them goes on', async () => {
  await using workspace = await startHostile();
  const used: Socket[] = [];
  const answer = Promise.withResolvers<void>();
  const url = workspace.on('/mcp', ({ id }, socket) => {
    used.push(socket);
    socket.write(json(result(id)));
  });
  const slow = workspace.on('/slow', async ({ id }, socket) => {
    await answer.promise;
    socket.write(json(result(id)));
  });
  await using http = new WorkspaceHttp();
  await using channel = connect(workspaceAt(url), http);
  await using busy = connect(workspaceAt(slow), http);
  const running = ask(busy);
  await workspace.until(({ path }) => path === '/slow');
  for (let count = 0; count < 4; count += 1) answerOf(await ask(channel));
  const old = new Set(used);
  expect(old.size).toBeLessThan(used.length);
  http.renew();
  answerOf(await ask(channel));
  expect(old.has(used.at(-1) as Socket)).toBe(false);
  answer.resolve();
  answerOf(await running);
});
