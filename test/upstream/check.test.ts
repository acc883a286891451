import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redactor } from '#bridge/base/redactor.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { checkAccount } from '#bridge/upstream/check.ts';
import { Eras } from '#bridge/upstream/eras.ts';
import type { Account } from '#contract/account.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { collect, collectError } from '../canary/collect.ts';
import { startAllv } from '../workspaces/allv.ts';
import { startAly } from '../workspaces/aly.ts';
import { startLegacySse } from '../workspaces/legacy-sse.ts';
import { startPelcro } from '../workspaces/pelcro.ts';
import { tokenAccess } from '../workspaces/pelcro-access.ts';
import { quickHttp, workspaceAt } from './asking.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { json, response, result } from './raw-http.ts';

const NOW = new Date('2026-11-21T12:00:00Z');

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

interface Checked extends Partial<Awaited<ReturnType<typeof checkAccount>>> {
  readonly error?: BridgeError;
  readonly observed: ReturnType<typeof workspaceAt>['observed'];
}

/** Checks an account with this key; `error` is the BridgeError it failed with. */
async function check(
  upstream: Parameters<typeof workspaceAt>[0],
  key: string,
  more: Partial<Account> = {},
): Promise<Checked> {
  const { account, observe, observed } = workspaceAt(upstream, more);
  const authorizer = new Authorizer({
    load: async () => ({ key, headers: {} }),
    save: async () => undefined,
    forget: async () => undefined,
    redactor: new Redactor(),
  });
  await using http = quickHttp();
  const workspace = {
    account,
    headers: (signal: AbortSignal) => authorizer.headers(account, signal),
    withoutSecrets: (text: string) => authorizer.withoutSecrets(account.id, text),
    observe,
  };
  const { signal } = new AbortController();
  try {
    const checked = await checkAccount({
      workspace,
      http,
      eras: new Eras(),
      version: '0.1.0',
      now: NOW,
      signal,
    });
    collect('the identity', JSON.stringify({ identity: checked.identity, notes: checked.notes }));
    return { ...checked, observed };
  } catch (error) {
    collectError('trouble', error);
    if (!(error instanceof BridgeError)) throw error;
    expect(error.message.length).toBeLessThanOrEqual(300);
    return { error, observed };
  }
}

describe('an account of Pelcro', () => {
  async function pelcro(environment: 'production' | 'staging' = 'production') {
    const key = canary('bearer');
    const access = tokenAccess([{ id: 'herald', name: 'The Herald', sites: ['site_1'], token: key }]);
    return { key, workspace: await startPelcro({ environment, access }) };
  }

  test('is named by its own tool; nothing is left open there, and the health page gets no key', async () => {
    const { key, workspace } = await pelcro();
    await using running = workspace;
    const checked = await check(running.url, key, { connector: 'pelcro' });
    expect(checked).toMatchObject({
      identity: {
        server: 'pelcro',
        summary: 'The Herald (production)',
        protocolVersion: '2025-11-25',
        checkedAt: NOW.toISOString(),
      },
      notes: [],
    });
    expect(checked.identity?.tools).toBe(checked.tools?.length);
    expect(checked.identity?.tools).toBeGreaterThan(90);
    const [health, ...rest] = running.requests.all;
    expect([health?.path, health?.headers.authorization]).toEqual(['/health', undefined]);
    expect(rest.map(({ rpc, method }) => rpc?.target ?? rpc?.method ?? method)).toEqual([
      'initialize',
      'notifications/initialized',
      'tools/list',
      'get_account',
      'DELETE',
    ]);
  });

  test('that is marked production but answers from staging is noted', async () => {
    const { key, workspace } = await pelcro('staging');
    await using running = workspace;
    const { notes } = await check(running.url, key, { connector: 'pelcro' });
    expect(notes).toEqual([expect.stringMatching(/says it is stg, but the account is marked production/)]);
  });

  test('with a wrong key needs a sign-in', async () => {
    const { workspace } = await pelcro();
    await using running = workspace;
    const { error, observed } = await check(running.url, canary('bearer'), { connector: 'pelcro' });
    expect(error?.code).toBe('sign-in-needed');
    expect(observed).toEqual([[401]]);
    expect(running.requests.withMethod('initialize')).toHaveLength(1);
  });

  test('that cannot be reached is not sent a key at all', async () => {
    const { key, workspace } = await pelcro();
    await workspace[Symbol.asyncDispose]();
    expect((await check(workspace.url, key, { connector: 'pelcro' })).error?.code).toBe('unreachable');
  });
});

describe('an account of allv', () => {
  const member = (value: string): Partial<Account> => ({ connector: 'allv', user: { by: 'email', value } });

  test('acts as its member, who is in the summary', async () => {
    const key = canary('allv');
    await using allv = await startAllv({ keys: [{ key, label: 'ops' }] });
    const { identity } = await check(allv.url, key, member('ines@example.com'));
    expect(identity?.summary).toMatch(/^ines@example.com at /);
    expect(allv.requests.all.map(({ user }) => user)).toEqual(allv.requests.all.map(() => 'usr_ines'));
  });

  test('with a stranger as member, a wrong key, or the feature off says which it is', async () => {
    const key = canary('allv');
    await using allv = await startAllv({ keys: [{ key, label: 'ops' }] });
    const stranger = await check(allv.url, key, member('eve@example.com'));
    expect(stranger.error).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('not a member'),
    });
    const wrong = await check(allv.url, canary('allv'), member('ines@example.com'));
    expect(wrong.error?.code).toBe('sign-in-needed');
    allv.disableFeatureFlag();
    const off = await check(allv.url, key, member('ines@example.com'));
    expect(off.error).toMatchObject({ code: 'refused', message: expect.stringContaining('mcp_server_v1') });
  });
});

test('an account of Aly works with a key', async () => {
  const key = canary('aly');
  await using aly = await startAly({ keys: [{ key, label: 'owner', scopes: ['*'] }] });
  const { identity } = await check(aly.url, key, { connector: 'aly' });
  expect(identity?.tools).toBeGreaterThan(0);
  expect((await check(aly.url, canary('aly'), { connector: 'aly' })).error?.code).toBe('sign-in-needed');
});

test('an account on HTTP+SSE works', async () => {
  const key = canary('generic');
  await using old = await startLegacySse({ name: 'old', tokens: { me: key } });
  const { identity } = await check({ kind: 'sse', url: old.url }, key);
  expect(identity).toMatchObject({
    server: expect.any(String),
    protocolVersion: expect.stringMatching(/^202/),
  });
  const asStreamable = await check(old.url, key);
  expect(asStreamable.error?.code).toBe('bad-answer');
});

describe('a workspace that is none', () => {
  const welcome = (more: string): string =>
    `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{${more}}}`;

  test('UB-01 but a sign-in page', async () => {
    const url = hostile.on('/c/portal', (_, socket) => {
      socket.write(response(200, '<html><title>Hotel</title></html>', { 'content-type': 'text/html' }));
    });
    const { error } = await check(url, canary('bearer'));
    expect(error).toMatchObject({ code: 'bad-answer', message: expect.stringContaining('sign-in page') });
  });

  test.each([
    ['without a version', '{}'],
    ['with a version that is no text', '{"protocolVersion":5}'],
    ['with a version no header can carry', '{"protocolVersion":"a\\r\\nb"}'],
    ['with a list for a result', '[]'],
  ])('that shakes hands %s', async (row, hello) => {
    const path = `/c/hello-${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, ({ id }, socket) => void socket.write(json(result(id, hello))));
    const { error } = await check(url, canary('bearer'));
    expect(error).toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('did not shake hands'),
    });
    expect(hostile.requests(path)).toHaveLength(1);
  });

  test('that refuses with an error is quoted without the key', async () => {
    const key = canary('bearer');
    const url = hostile.on('/c/refuses', ({ id, headers }, socket) => {
      socket.write(
        json(
          `{"jsonrpc":"2.0","id":${id},"error":{"code":-1,"message":"No \\u0007 ${headers.authorization}"}}`,
        ),
      );
    });
    const { error } = await check(url, key);
    expect(error).toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('refused initialize. It says: "No Bearer [removed]"'),
    });
  });

  test('whose name and identity hold the key keeps neither', async () => {
    const key = canary('bearer');
    const url = hostile.on('/c/echo', ({ id, rpc, headers }, socket) => {
      const echo = JSON.stringify(headers.authorization?.slice('Bearer '.length));
      if (rpc === 'initialize') socket.write(json(result(id, welcome(`"name":${echo}`))));
      else if (rpc === 'tools/list') socket.write(json(result(id, '{"tools":[{"name":"get_account"}]}')));
      else if (rpc === 'tools/call') socket.write(json(result(id, `{"structuredContent":{"name":${echo}}}`)));
      else socket.write(response(202));
    });
    hostile.on('/health', (_, socket) => void socket.resetAndDestroy());
    const { identity, notes } = await check(url, key, { connector: 'pelcro' });
    expect(identity).toMatchObject({ server: '[removed]', summary: '[removed] (production)', tools: 1 });
    expect(notes).toEqual([expect.stringMatching(/^The health page of .* does not answer.$/)]);
  });

  test('UB-22 whose list of tools never ends is read for 100 pages', async () => {
    const url = hostile.on('/c/pages', ({ id, rpc }, socket) => {
      if (rpc === 'initialize') socket.write(json(result(id, welcome('"name":"endless"'))));
      else if (rpc === 'tools/list')
        socket.write(json(result(id, '{"tools":[{"name":"a"}],"nextCursor":"more"}')));
      else socket.write(response(202));
    });
    const { identity } = await check(url, canary('bearer'));
    expect(identity?.tools).toBe(100);
    expect(hostile.requests('/c/pages', 'tools/list')).toHaveLength(100);
  });

  test('that forgets its session at once', async () => {
    const url = hostile.on('/c/forgets', ({ id, rpc }, socket) => {
      const fields = { 'content-type': 'application/json', 'mcp-session-id': 's' };
      socket.write(
        rpc === 'initialize' ? response(200, result(id, welcome('"name":"x"')), fields) : response(404),
      );
    });
    expect((await check(url, canary('bearer'))).error?.code).toBe('bad-answer');
  });
});
