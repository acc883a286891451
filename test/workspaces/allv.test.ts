import { expect, test } from 'vitest';
import { canary } from '../canary/canary.ts';
import { type AllvWorkspace, startAllv } from './allv.ts';
import { bearer, connect } from './connect.ts';

/** No secret: the test itself says it in both headers that this workspace takes. */
const OPEN_KEY = `allv_${'0123456789abcdef'.repeat(2)}`;

async function start(key: string = canary('allv')) {
  const allv = await startAllv({ keys: [{ key, label: 'ops' }] });
  return { allv, key, [Symbol.asyncDispose]: () => allv[Symbol.asyncDispose]() };
}

const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

function post(allv: AllvWorkspace, headers: Readonly<Record<string, string>>, url = allv.url) {
  return fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: LIST,
  });
}

test('tools run as the selected member and say so', async () => {
  await using world = await start(OPEN_KEY);
  const { allv, key } = world;
  await using ines = await connect(allv.url, {
    headers: { ...bearer(key), 'x-allv-user-email': 'ines@example.com' },
  });
  await using otto = await connect(allv.url, {
    headers: { 'x-api-key': key, 'x-allv-user-id': 'usr_otto' },
  });
  expect(JSON.parse(await ines.say('workspace.whoami'))).toMatchObject({ ran_as: 'ines@example.com' });
  expect(JSON.parse(await otto.say('workspace.whoami'))).toMatchObject({ member_id: 'usr_otto' });
  expect(allv.requests.calls().map(({ user, principal }) => [user, principal])).toEqual([
    ['usr_ines', 'ops'],
    ['usr_otto', 'ops'],
  ]);
});

test('no session id is issued, and only POST is served', async () => {
  await using world = await start();
  const { allv, key } = world;
  const headers = { ...bearer(key), 'x-allv-user-id': 'usr_ines' };
  const answer = await post(allv, headers);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('mcp-session-id')).toBeNull();
  expect(await answer.text()).toContain('agent.update_memory');
  for (const method of ['GET', 'DELETE']) {
    const refused = await fetch(allv.url, { method, headers: { ...headers, accept: 'text/event-stream' } });
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('POST');
  }
});

test('memories are resources of the selected member, read-only, changed by a tool', async () => {
  await using world = await start();
  const { allv, key } = world;
  await using ines = await connect(allv.url, { headers: { ...bearer(key), 'x-allv-user-id': 'usr_ines' } });
  await using otto = await connect(allv.url, { headers: { ...bearer(key), 'x-allv-user-id': 'usr_otto' } });
  const mine = 'memory://members/usr_ines/profile';
  const { resources } = await ines.client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual([mine, 'memory://members/usr_ines/project']);
  await ines.say('agent.update_memory', { key: 'profile', text: 'Ines prefers long answers.' });
  expect((await ines.client.readResource({ uri: mine })).contents[0]).toMatchObject({
    text: 'Ines prefers long answers.',
  });
  await expect(otto.client.readResource({ uri: mine })).rejects.toThrow();
  expect(await otto.say('tasks.complete', { id: 'task_1' })).toContain('no such task');
});

test('a tool under approval answers that approval is required', async () => {
  await using world = await start();
  await using ines = await connect(world.allv.url, {
    headers: { ...bearer(world.key), 'x-allv-user-id': 'usr_ines' },
  });
  const answer = await ines.client.callTool({ name: 'campaign.send', arguments: { subject: 'Hello' } });
  expect(answer.isError).not.toBe(true);
  expect(answer.structuredContent).toMatchObject({ status: 'approval_required' });
});

test.each([
  { why: 'no key', send: () => ({}), status: 401, error: 'api_key_missing' },
  {
    why: 'two different keys',
    send: (key: string) => ({ ...bearer(key), 'x-api-key': canary('allv') }),
    status: 401,
    error: 'api_key_ambiguous',
  },
  { why: 'an unknown key', send: () => bearer(canary('allv')), status: 401, error: 'api_key_invalid' },
  {
    why: 'another scheme',
    send: (key: string) => ({ authorization: `Basic ${key}` }),
    status: 401,
    error: 'api_key_invalid',
  },
  { why: 'no member', send: bearer, status: 400, error: 'member_missing' },
  {
    why: 'a member named twice',
    send: (key: string) => ({
      ...bearer(key),
      'x-allv-user-id': 'usr_ines',
      'x-allv-user-email': 'ines@example.com',
    }),
    status: 400,
    error: 'member_ambiguous',
  },
  {
    why: 'an unknown member',
    send: (key: string) => ({ ...bearer(key), 'x-allv-user-id': 'usr_eve' }),
    status: 403,
    error: 'member_unknown',
  },
])('$why is refused with a reason', async ({ send, status, error }) => {
  await using world = await start();
  const answer = await post(world.allv, send(world.key));
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error, reason: expect.any(String) });
});

test('the same key in both headers is accepted', async () => {
  await using world = await start(OPEN_KEY);
  const { allv, key } = world;
  const answer = await post(allv, { ...bearer(key), 'x-api-key': key, 'x-allv-user-id': 'usr_ines' });
  expect(answer.status).toBe(200);
});

test('another workspace id, a removed member and a feature flag that is off are refused', async () => {
  await using world = await start();
  const { allv, key } = world;
  const headers = { ...bearer(key), 'x-allv-user-id': 'usr_otto' };
  const elsewhere = await post(allv, headers, `${allv.origin}/api/workspaces/ws_other/mcp`);
  expect(elsewhere.status).toBe(404);
  allv.removeMember('usr_otto');
  expect(await (await post(allv, headers)).json()).toMatchObject({ error: 'member_unknown' });
  allv.disableFeatureFlag();
  const off = await post(allv, headers);
  expect(off.status).toBe(403);
  expect(await off.json()).toMatchObject({ reason: expect.stringContaining('mcp_server_v1') });
  allv.enableFeatureFlag();
  expect((await post(allv, { ...bearer(key), 'x-allv-user-id': 'usr_ines' })).status).toBe(200);
});
