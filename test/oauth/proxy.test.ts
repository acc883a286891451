import { afterEach, expect, test, vi } from 'vitest';
import type { Resolve } from '#bridge/base/lookup.ts';
import { proxyChoice } from '#bridge/base/network.ts';
import { OAuthHttp } from '#bridge/oauth/http.ts';
import type { ProxySetting } from '#contract/settings.ts';
import { startConnectProxy } from '../upstream/connect-proxy.ts';
import { LONG_MS, troubleOf } from './asking.ts';
import { startHostile } from './hostile.ts';

afterEach(() => vi.unstubAllEnvs());

const NAME = 'http://as.office.lan/x';
const nobody: Resolve = () => Promise.reject(new Error('no DNS here'));

/** An authorization server that only its proxy finds. */
async function startHidden() {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startHostile());
  server.on('/x', {});
  const proxy = starting.use(await startConnectProxy(Number(new URL(server.origin).port)));
  const running = starting.move();
  return { server, proxy, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const choosing = (setting: ProxySetting, resolve: Resolve, system?: string): OAuthHttp =>
  new OAuthHttp({ resolve, proxy: proxyChoice({ setting: () => setting, system: async () => system }) });

test('a proxy of one’s own leads to authorization servers too', async () => {
  await using hidden = await startHidden();
  await using http = choosing({ mode: 'manual', url: hidden.proxy.origin }, nobody);
  expect((await http.fetch('own-network', LONG_MS)(NAME)).status).toBe(200);
  expect(hidden.proxy.connects).toEqual(['as.office.lan:80']);
});

test('so does the one of the desktop', async () => {
  await using hidden = await startHidden();
  await using http = choosing({ mode: 'system' }, nobody, `PROXY ${hidden.proxy.host}; DIRECT`);
  expect((await http.fetch('own-network', LONG_MS)(NAME)).status).toBe(200);
  expect(hidden.proxy.connects).toEqual(['as.office.lan:80']);
});

test('without proxies the environment does not matter', async () => {
  await using hidden = await startHidden();
  vi.stubEnv('HTTP_PROXY', hidden.proxy.origin);
  const { port } = new URL(hidden.server.origin);
  await using http = choosing({ mode: 'none' }, async () => [{ address: '127.0.0.1', family: 4 }]);
  expect((await http.fetch('own-network', LONG_MS)(`http://as.office.lan:${port}/x`)).status).toBe(200);
  expect(hidden.proxy.connects).toEqual([]);
});

test('OA-03 a proxy of one’s own does not make a name good that leads into a private network', async () => {
  await using hidden = await startHidden();
  const setting: ProxySetting = { mode: 'manual', url: hidden.proxy.origin };
  await using http = choosing(setting, async () => [{ address: '10.0.0.1', family: 4 }]);
  const asked = http.fetch('public', LONG_MS)('https://as.example.com/x');
  expect((await troubleOf(asked)).kind).toBe('unsafe');
  expect(hidden.proxy.connects).toEqual([]);
});

test('a proxy that cannot be used ends it before anything is sent', async () => {
  await using http = choosing({ mode: 'system' }, nobody, 'SOCKS5 127.0.0.1:1');
  const asked = http.fetch('own-network', LONG_MS)(NAME, { method: 'POST', body: 'a=b' });
  const { kind, message } = await troubleOf(asked);
  expect(kind).toBe('transient');
  expect(message).toContain('such as SOCKS. Nothing reached as.office.lan. Choose another proxy');
});
