import { describe, expect, test } from 'vitest';
import type { NewAccount } from '#contract/control.ts';
import { canary } from '../canary/canary.ts';
import { startAllv } from '../workspaces/allv.ts';
import { Notices } from './notices.ts';
import { type AnyClient, doors, failure, startWorld, text } from './world.ts';

/** One allv workspace with the members Ines and Otto, and a bridge without accounts. */
async function startWorkspace() {
  await using starting = new AsyncDisposableStack();
  const key = canary('allv');
  const allv = starting.use(await startAllv({ keys: [{ key, label: 'ops' }] }));
  const world = starting.use(await startWorld());
  const entry = (label: string, user: string, more: Partial<NewAccount> = {}): NewAccount => ({
    connector: 'allv',
    label,
    url: allv.url,
    key,
    user,
    ...more,
  });
  const running = starting.move();
  return { allv, world, key, entry, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const memberIn = async (client: AnyClient) =>
  JSON.parse(await text(client, 'workspace.whoami')).ran_as as string;

const profileOf = (id: string) => `memory://members/${id}/profile`;

describe.each(doors)('allv by %s', (door) => {
  test.each(['authorization', 'x-api-key'])(
    'the key travels in %s, and in no other header',
    async (header) => {
      await using stage = await startWorkspace();
      const { allv, world, key, entry } = stage;
      const choice = header === 'authorization' ? {} : { keyHeader: header };
      await world.add(entry('Ines', 'ines@example.com', choice));
      expect(await memberIn(await world.connect(door))).toBe('ines@example.com');
      for (const { headers } of allv.requests.all) {
        const [used, other] = header === 'authorization' ? [header, 'x-api-key'] : [header, 'authorization'];
        expect(headers[used]).toBe(header === 'authorization' ? `Bearer ${key}` : key);
        expect(headers[other]).toBeUndefined();
      }
    },
  );

  test.each([
    { typed: 'ines@example.com', sent: 'x-allv-user-email', other: 'x-allv-user-id' },
    { typed: 'usr_ines', sent: 'x-allv-user-id', other: 'x-allv-user-email' },
  ])('the member $typed is selected in $sent, in exactly one header', async ({ typed, sent, other }) => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await world.add(entry('Ines', typed));
    const client = await world.connect(door);
    expect(await memberIn(client)).toBe('ines@example.com');
    expect(await text(client, 'tasks.create', { title: 'Letter' })).toContain('ines@example.com');
    for (const { headers } of allv.requests.all) {
      expect(headers[sent]).toBe(typed);
      expect(headers[other]).toBeUndefined();
    }
    const [logged] = await world.bridge.control.activity.list({ target: 'tasks.create' });
    expect(logged).toMatchObject({ user: typed, outcome: 'ok' });
  });

  test('HV-13 the member comes from the account only: what a client sends of its own changes nothing', async () => {
    await using stage = await startWorkspace();
    const { allv, world, key, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    const own = {
      'x-allv-user-email': 'otto@example.com',
      'x-allv-user-id': 'usr_otto',
      'x-api-key': 'a-key-of-the-client',
      cookie: 'session=of-the-client',
      'x-forwarded-for': '192.0.2.1',
    };
    const client = door === 'http' ? await world.connectWith(own) : await world.connect(door);
    const said = await client.callTool({ name: 'workspace.whoami', arguments: own, _meta: own });
    expect(said.structuredContent).toMatchObject({ ran_as: 'ines@example.com' });
    expect(await text(client, 'agent.search_memory', own)).toContain('Ines');
    for (const { headers, user } of allv.requests.all) {
      expect(user).toBe('usr_ines');
      expect(headers).toMatchObject({
        authorization: `Bearer ${key}`,
        'x-allv-user-email': 'ines@example.com',
      });
      for (const name of ['x-allv-user-id', 'x-api-key', 'cookie', 'x-forwarded-for']) {
        expect(headers[name]).toBeUndefined();
      }
    }
  });

  test('no session and no standing stream of allv is needed, and none is asked for twice', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    allv.requests.clear();
    const client = await world.connect(door);
    for (let time = 0; time < 5; time += 1) expect(await memberIn(client)).toBe('ines@example.com');
    await allv.requests.until(({ method }) => method === 'GET');
    expect(allv.requests.all.filter(({ method }) => method === 'GET')).toHaveLength(1);
    expect(allv.requests.all.filter(({ session }) => session !== undefined)).toEqual([]);
    expect(allv.requests.deletes()).toEqual([]);
  });

  test('on a switch the bridge itself tells the client, because allv never would', async () => {
    await using stage = await startWorkspace();
    const { world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    await world.add(entry('Otto', 'usr_otto'));
    const notices = new Notices();
    const client = await world.connect(door, 'current', notices.listen);
    expect(client.getServerCapabilities()).toMatchObject({
      tools: { listChanged: true },
      resources: { listChanged: true },
    });
    expect(await memberIn(client)).toBe('ines@example.com');
    await world.bridge.control.accounts.use({ account: 'otto' });
    await notices.atLeast('tools', 1);
    await notices.atLeast('resources', 1);
    expect(await memberIn(client)).toBe('otto@example.com');
  });

  test('"act as" moves a connected client to the other member, with its resources, and tells it', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    const notices = new Notices();
    const client = await world.connect(door, 'ines', notices.listen);
    const uris = async () => (await client.listResources()).resources.map(({ uri }) => uri);
    expect(await uris()).toContain(profileOf('usr_ines'));
    await text(client, 'agent.update_memory', { key: 'profile', text: 'Ines likes charts.' });
    expect(await client.readResource({ uri: profileOf('usr_ines') })).toMatchObject({
      contents: [{ text: 'Ines likes charts.' }],
    });
    const switched = await world.bridge.control.accounts.actAs({
      account: 'ines',
      user: 'otto@example.com',
    });
    expect(switched.following).toHaveLength(1);
    await notices.atLeast('resources', 1);
    expect(await uris()).toContain(profileOf('usr_otto'));
    expect(await uris()).not.toContain(profileOf('usr_ines'));
    expect(await failure(client.readResource({ uri: profileOf('usr_ines') }))).toMatchObject({
      code: expect.any(Number),
    });
    allv.requests.clear();
    expect(await memberIn(client)).toBe('otto@example.com');
    expect(allv.requests.calls().map(({ user }) => user)).toEqual(['usr_otto']);
    await world.bridge.control.accounts.actAs({ account: 'ines', user: null });
    await notices.atLeast('resources', 2);
    expect(await memberIn(client)).toBe('ines@example.com');
  });

  test('an approval that allv asks for passes as allv worded it', async () => {
    await using stage = await startWorkspace();
    const { world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    const client = await world.connect(door);
    const answer = await client.callTool({ name: 'campaign.send', arguments: { subject: 'Hello' } });
    expect(answer.isError).not.toBe(true);
    expect(answer.structuredContent).toEqual({
      status: 'approval_required',
      message: 'Approval required: a workspace operator has to approve this in allv first.',
      action: 'Send "Hello"',
      ran_as: 'ines@example.com',
    });
  });

  test('a feature flag that is off is said in words: on adding, at a check and to the client', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    const client = await world.connect(door);
    allv.disableFeatureFlag();
    const inWords = expect.stringContaining('The feature flag mcp_server_v1 is off for this workspace.');
    await expect(world.add(entry('Otto', 'otto@example.com'))).rejects.toMatchObject({
      code: 'refused',
      message: inWords,
    });
    await expect(world.bridge.control.accounts.check({ account: 'ines' })).rejects.toMatchObject({
      message: inWords,
    });
    expect(await failure(memberIn(client))).toMatchObject({ code: -31004, message: inWords });
    expect(await world.bridge.control.accounts.list()).toMatchObject([{ label: 'Ines', state: 'ready' }]);
    allv.enableFeatureFlag();
    expect(await memberIn(client)).toBe('ines@example.com');
  });

  test('a person who is no member is said in words: on adding, at "act as", and when they leave', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    const { control } = world.bridge;
    const inWords = expect.stringContaining('The selected person is not a member of this workspace.');
    await expect(world.add(entry('Eve', 'usr_eve'))).rejects.toMatchObject({
      code: 'refused',
      message: inWords,
    });
    await world.add(entry('Otto', 'usr_otto'));
    const client = await world.connect(door);
    await expect(control.accounts.actAs({ account: 'otto', user: 'usr_eve' })).rejects.toMatchObject({
      message: inWords,
    });
    expect(await memberIn(client)).toBe('otto@example.com');
    allv.removeMember('usr_otto');
    await expect(control.accounts.check({ account: 'otto' })).rejects.toMatchObject({ message: inWords });
    expect(await failure(memberIn(client))).toMatchObject({ code: -31004, message: inWords });
    expect(allv.requests.all.filter(({ user }) => user !== undefined && user !== 'usr_otto')).toEqual([]);
  });

  test.each([
    ['a line break', 'usr_ines\r\nx-api-key: other'],
    ['a line break after an e-mail address', 'ines@example.com\nx: y'],
    ['letters outside ASCII', 'inès@example.com'],
    ['an id outside ASCII', 'usr_inés'],
    ['an invisible character', 'usr_\u200bines'],
    ['nothing', '  '],
  ])('a member written with %s is refused on save and by "act as", and never sent', async (_what, user) => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await expect(world.add(entry('Bad', user))).rejects.toMatchObject({ code: 'invalid-input' });
    expect(allv.requests.all).toEqual([]);
    await world.add(entry('Ines', 'ines@example.com'));
    const client = await world.connect(door);
    const asked = world.bridge.control.accounts.actAs({ account: 'ines', user });
    await expect(asked).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await memberIn(client)).toBe('ines@example.com');
    expect(new Set(allv.requests.all.map(({ user: seen }) => seen))).toEqual(new Set(['usr_ines']));
  });

  test('pasting the URL fills in the workspace; an id that is no path segment is refused', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    for (const workspace of ['../admin', 'a/b', 'a b', 'ws%2F..', 'ws?x', '']) {
      const bad = world.add(entry('Bad', 'usr_ines', { url: allv.origin, workspace }));
      await expect(bad, workspace).rejects.toMatchObject({ code: 'invalid-input' });
    }
    expect(allv.requests.all).toEqual([]);
    const pasted = await world.add(entry('Pasted', 'usr_ines', { workspace: allv.url, url: '' }));
    const typed = await world.add(entry('Typed', 'usr_ines', { url: allv.origin, workspace: 'ws_demo' }));
    expect([pasted.upstream, typed.upstream]).toEqual([
      { kind: 'http', url: allv.url },
      { kind: 'http', url: allv.url },
    ]);
    expect(await memberIn(await world.connect(door))).toBe('ines@example.com');
  });

  test('two members of one workspace, pinned side by side, never run as each other', async () => {
    await using stage = await startWorkspace();
    const { allv, world, entry } = stage;
    await world.add(entry('Ines', 'ines@example.com'));
    await world.add(entry('Otto', 'otto@example.com'));
    const [ines, otto] = [await world.connect(door, 'ines'), await world.connect(door, 'otto')];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, turn) => memberIn(turn % 2 === 0 ? ines : otto)),
    );
    expect(answers).toEqual(
      answers.map((_, turn) => (turn % 2 === 0 ? 'ines@example.com' : 'otto@example.com')),
    );
    expect(allv.requests.all.filter(({ user }) => user === undefined)).toEqual([]);
  });
});

test('a client that cannot send headers, as Claude Desktop, works as the selected member over stdio', async () => {
  await using stage = await startWorkspace();
  await stage.world.add(stage.entry('Ines', 'ines@example.com'));
  const client = await stage.world.connectOld('stdio');
  expect(await memberIn(client)).toBe('ines@example.com');
});
