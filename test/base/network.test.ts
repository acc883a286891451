import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  proxyChoice,
  readProxyAddress,
  readProxyList,
  UnusableProxy,
  unreachableText,
  type Way,
} from '#bridge/base/network.ts';
import type { ProxySetting } from '#contract/settings.ts';
import { refusal } from '../connectors/refusal.ts';

const DIRECT: Way = { kind: 'direct' };
const via = (url: string): Way => ({ kind: 'proxy', url });
const ENVIRONMENT = via('http://environment.example.com');
const signal = new AbortController().signal;

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
beforeEach(() => [...NAMES, 'NO_PROXY', 'no_proxy'].forEach((name) => void vi.stubEnv(name, undefined)));
afterEach(() => vi.unstubAllEnvs());

describe('NW-08 a list as proxy scripts answer it', () => {
  test.each<[string, Way | 'unusable' | undefined]>([
    ['DIRECT', DIRECT],
    ['direct', DIRECT],
    ['PROXY proxy.example.com:8080', via('http://proxy.example.com:8080')],
    ['PROXY proxy.example.com:8080; DIRECT', via('http://proxy.example.com:8080')],
    ['DIRECT; PROXY proxy.example.com:8080', DIRECT],
    ['  proxy   Proxy.Example.com:80  ;', via('http://proxy.example.com')],
    ['HTTP proxy.example.com:3128', via('http://proxy.example.com:3128')],
    ['HTTPS proxy.example.com:443', via('https://proxy.example.com')],
    ['PROXY [2001:db8::1]:8080', via('http://[2001:db8::1]:8080')],
    ['SOCKS5 socks.example.com:1080; PROXY proxy.example.com:8080', via('http://proxy.example.com:8080')],
    ['SOCKS socks.example.com:1080; DIRECT', DIRECT],
    ['SOCKS5 socks.example.com:1080', 'unusable'],
    ['QUIC proxy.example.com:443', 'unusable'],
    ['PROXY', 'unusable'],
    ['PROXY me:pass@proxy.example.com:8080', 'unusable'],
    ['PROXY proxy.example.com:8080/path', 'unusable'],
    ['PROXY proxy.example.com:99999', 'unusable'],
    ['PROXY a b', 'unusable'],
    ['DIRECT now', 'unusable'],
    ['nonsense', 'unusable'],
    ['', undefined],
    [' ; ;', undefined],
  ])('%j', (list, expected) => {
    expect(readProxyList(list)).toEqual(expected);
  });
});

test.each([
  'proxy.example.com:8080',
  'socks5://proxy.example.com:1080',
  'ftp://proxy.example.com',
  'http://',
  '',
  'http://proxy.example.com/path',
  'http://proxy.example.com/?a=1',
  'http://proxy.example.com/#a',
])('%j is no address of a proxy', (typed) => {
  refusal(() => readProxyAddress(typed));
});

describe('the way of a request', () => {
  const manual: ProxySetting = { mode: 'manual', url: 'http://proxy.example.com:8080' };
  const wayTo = (address: string, setting: ProxySetting, system?: string): Promise<Way> =>
    proxyChoice({ setting: () => setting, system: async () => system })(new URL(address), signal);

  test('is what the person chose', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://environment.example.com');
    const address = 'https://workspace.test/mcp';
    const system = 'PROXY desktop.example.com:8080';
    expect(await wayTo(address, { mode: 'none' }, system)).toEqual(DIRECT);
    expect(await wayTo(address, manual, system)).toEqual(via('http://proxy.example.com:8080'));
    expect(await wayTo(address, { mode: 'system' }, system)).toEqual(via('http://desktop.example.com:8080'));
    expect(await wayTo(address, { mode: 'system' }, 'DIRECT')).toEqual(DIRECT);
  });

  test.each(NAMES)('is what %s says where no desktop knows', async (name) => {
    expect(await wayTo('https://workspace.test/mcp', { mode: 'system' })).toEqual(DIRECT);
    vi.stubEnv(name, 'http://environment.example.com');
    for (const system of [undefined, '', ' ; ']) {
      expect(await wayTo('https://workspace.test/mcp', { mode: 'system' }, system)).toEqual(ENVIRONMENT);
    }
    const without = proxyChoice({ setting: () => ({ mode: 'system' }) });
    expect(await without(new URL('https://workspace.test/'), signal)).toEqual(ENVIRONMENT);
  });

  test.each([
    'http://127.0.0.1:4003/mcp',
    'https://127.9.9.9/',
    'http://2130706433/',
    'http://localhost:1/',
    'http://LOCALHOST./',
    'http://workspace.localhost/',
    'http://[::1]:1/',
    'http://[::ffff:127.0.0.1]/',
  ])('leads straight to this computer: %s', async (address) => {
    vi.stubEnv('HTTP_PROXY', 'http://environment.example.com');
    vi.stubEnv('HTTPS_PROXY', 'http://environment.example.com');
    expect(await wayTo(address, manual)).toEqual(DIRECT);
    expect(await wayTo(address, { mode: 'system' }, 'PROXY desktop.example.com:1')).toEqual(DIRECT);
    expect(await wayTo(address, { mode: 'system' })).toEqual(DIRECT);
  });

  test.each(['http://127.0.0.1.example.com/', 'https://localhost.example.com/', 'http://10.0.0.1/'])(
    'does not take a name that only looks like this computer for it: %s',
    async (address) => {
      expect(await wayTo(address, manual)).toEqual(via('http://proxy.example.com:8080'));
    },
  );

  test('is none when all that is named cannot be used, rather than one around the proxy', async () => {
    for (const setting of [{ mode: 'manual', url: 'socks5://proxy.example.com' } as const]) {
      await expect(wayTo('https://workspace.test/', setting)).rejects.toThrow(UnusableProxy);
    }
    await expect(wayTo('https://workspace.test/', { mode: 'system' }, 'SOCKS5 a:1')).rejects.toThrow('SOCKS');
    vi.stubEnv('HTTPS_PROXY', 'socks5://me:pass@proxy.example.com');
    const choosing = wayTo('https://workspace.test/', { mode: 'system' });
    await expect(choosing).rejects.toThrow(UnusableProxy);
    await expect(choosing).rejects.not.toThrow('pass');
  });

  test('is looked up for the origin only', async () => {
    const asked: string[] = [];
    const choose = proxyChoice({
      setting: () => ({ mode: 'system' }),
      system: async (url) => {
        asked.push(url);
        return 'DIRECT';
      },
    });
    await choose(new URL('https://workspace.test:8443/secret-path?token=1#x'), signal);
    expect(asked).toEqual(['https://workspace.test:8443/']);
  });

  test('is the one of the environment when the desktop fails or does not answer', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://environment.example.com');
    const url = new URL('https://workspace.test/');
    const setting = (): ProxySetting => ({ mode: 'system' });
    const failing = proxyChoice({ setting, system: () => Promise.reject(new Error('no such script')) });
    expect(await failing(url, signal)).toEqual(ENVIRONMENT);
    const silent = proxyChoice({ setting, system: () => new Promise(() => undefined), systemMs: 1 });
    expect(await silent(url, signal)).toEqual(ENVIRONMENT);
  });

  test('is not waited for any more once the request was given up', async () => {
    const leaving = new AbortController();
    const choose = proxyChoice({
      setting: () => ({ mode: 'system' }),
      system: () => new Promise(() => undefined),
    });
    const choosing = choose(new URL('https://workspace.test/'), leaving.signal);
    const reason = new Error('no longer wanted');
    leaving.abort(reason);
    await expect(choosing).rejects.toBe(reason);
  });
});

test('a host that cannot be reached through a proxy says which one, without its password', () => {
  const error = new Error('no way');
  const text = unreachableText('workspace.test', error, via('http://me:word@proxy.example.com:8080'));
  expect(text).toMatch(
    /^workspace\.test cannot be reached right now through the proxy proxy\.example\.com:8080\./,
  );
  expect(text).not.toContain('word@');
  for (const way of [DIRECT, undefined]) {
    const straight = unreachableText('workspace.test', error, way);
    expect(straight).toBe('workspace.test cannot be reached right now. Nothing was sent.');
  }
});
