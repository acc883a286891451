import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import type { ClientSetups } from '#bridge/clients/setups.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { accountView } from '../renderer/account-view.ts';
import { aSession, aSetup, CLAUDE, CURSOR } from './a-setup.ts';

/** The next time that the list looks different. */
async function nextChange(setups: ClientSetups): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _subscription = setups.changed.on(() => resolve());
  await promise;
}

describe('CF-10 a client that writes its old settings back', () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
  );
  afterEach(() => void vi.useRealTimers());

  test('is noticed a while after the change, told, and not fought', async () => {
    const setup = await aSetup();
    const before = '{}';
    await setup.put(CURSOR, before);
    await setup.connect('cursor');
    await setup.put(CURSOR, before);
    const told = nextChange(setup.setups);
    vi.advanceTimersByTime(limits.clientRecheckMs);
    await told;
    expect(setup.connection('cursor')).toMatchObject({
      state: 'gone',
      action: 'repair',
      text: 'The entry gangway is not in the settings of Cursor any more.',
    });
    expect(setup.events).toContain('clients.drift');
    await setup.setups.look();
    expect(await setup.read(CURSOR)).toBe(before);
    expect(setup.tokens.list()).toHaveLength(1);
    // The person decides: repairing writes it again, with a new key.
    await setup.connect('cursor');
    expect(setup.connection('cursor').state).toBe('waiting');
    expect(setup.tokens.list()).toHaveLength(1);
    await setup.disconnect('cursor');
    expect(await setup.read(CURSOR)).toBe(before);
  });

  test('much later is noticed by the regular look, and at the next start', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    vi.advanceTimersByTime(limits.clientRecheckMs);
    await rm(setup.path(CURSOR));
    const told = nextChange(setup.setups);
    vi.advanceTimersByTime(limits.clientLookMs);
    await told;
    expect(setup.connection('cursor').text).toBe('The settings file of Cursor is gone.');
    await using again = await setup.again();
    expect(again.list().find(({ id }) => id === 'cursor')?.connections).toMatchObject([{ state: 'gone' }]);
  });
});

describe('an entry that somebody touched', () => {
  test.each([
    [
      'a header more',
      '"headers": {',
      '"headers": { "X-A": "1",',
      'changed',
      'Somebody changed the entry gangway',
    ],
    [
      'switched off',
      '"headers": {',
      '"disabled": true, "headers": {',
      'changed',
      'is switched off in Cursor',
    ],
    [
      'another address',
      '127.0.0.1:4100',
      'elsewhere.example',
      'changed',
      'Somebody changed the entry gangway',
    ],
  ])('%s', async (_what, from, to, state, text) => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put(CURSOR, (await setup.read(CURSOR)).replace(from, to));
    await setup.setups.look();
    expect(setup.connection('cursor')).toMatchObject({
      state,
      action: 'review',
      text: expect.stringContaining(text),
    });
  });

  test('by a field of the client itself is as it was written', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const edited = (await setup.read(CURSOR)).replace(
      '"headers": {',
      '"autoApprove": [], "disabled": false, "headers": {',
    );
    await setup.put(CURSOR, edited);
    await setup.setups.look();
    expect(setup.connection('cursor').state).toBe('waiting');
  });

  test('may stay so: it is forgotten, and keeps its key while it is there', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const leave = () => setup.setups.leave({ client: 'cursor', address: 'current' });
    expect(await laterRefusal(leave, 'conflict')).toMatch(/Disconnect Cursor instead\.$/);
    const edited = (await setup.read(CURSOR)).replace('"headers": {', '"headers": { "X-A": "1",');
    await setup.put(CURSOR, edited);
    const { client } = await leave();
    expect([client.connections, setup.tokens.list().length]).toEqual([[], 1]);
    expect(await setup.read(CURSOR)).toBe(edited);
  });

  test('and that is gone is forgotten with its key', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put(CURSOR, '{}');
    await setup.setups.leave({ client: 'cursor', address: 'current' });
    expect(setup.tokens.list()).toEqual([]);
  });

  test('in a file that cannot be read any more', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    await setup.put(CURSOR, '{ oh');
    await setup.setups.look();
    expect(setup.connection('cursor')).toMatchObject({
      state: 'unreadable',
      text: expect.stringMatching(/has an error in line 1, column \d+/),
    });
  });
});

describe('an entry that cannot work', () => {
  test('its command is gone', async () => {
    const setup = await aSetup();
    await setup.put(CLAUDE, '{}');
    await setup.connect('claude-desktop');
    await rm(join(setup.path(''), 'gangway-shim'));
    await setup.setups.look();
    expect(setup.connection('claude-desktop')).toMatchObject({ state: 'unusable', action: 'repair' });
  });

  test('its key was revoked; its port is another one; the door is closed', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const seen = async (): Promise<string> => {
      const told = nextChange(setup.setups);
      setup.surroundings.announce();
      await told;
      return `${setup.connection('cursor').state}: ${setup.connection('cursor').text}`;
    };
    setup.world.port = 4200;
    expect(await seen()).toMatch(/^unusable: Gangway listens at another port now/);
    setup.world.port = undefined;
    expect(await seen()).toBe('unusable: The HTTP door is closed.');
    setup.world.port = 4100;
    expect(await seen()).toMatch(/^waiting/);
    const told = nextChange(setup.setups);
    await setup.tokens.rotateAll();
    await told;
    expect(setup.connection('cursor')).toMatchObject({ state: 'unusable', action: 'repair' });
  });

  test('its account needs a sign-in, or is gone', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor', 'acme');
    const condition = { state: 'sign-in-needed', text: 'Its key was refused.', action: 'enter-key' } as const;
    setup.world.accounts = [accountView({ state: 'sign-in-needed', condition })];
    setup.surroundings.announce();
    expect(setup.connection('cursor', 'acme')).toMatchObject({
      state: 'unusable',
      action: 'fix-account',
      text: 'Acme: Its key was refused.',
    });
    setup.world.accounts = [];
    setup.surroundings.announce();
    expect(setup.connection('cursor', 'acme').text).toMatch(/^There is no account acme any more\./);
  });
});

describe('the first handshake', () => {
  const identity = {
    server: 'Allegro',
    summary: 'member@acme.example',
    tools: 41,
    protocolVersion: '2025-11-25',
    checkedAt: '2026-11-21T10:00:00.000Z',
  };

  test('is seen, with what the client sees, and survives its end and a restart', async () => {
    const setup = await aSetup();
    setup.world.accounts = [accountView({ current: true, active: true, identity })];
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    const told = nextChange(setup.setups);
    setup.world.sessions = [aSession()];
    setup.surroundings.announce();
    await told;
    const seen = { at: aSession().since, program: 'cursor 3.1', tools: 41, who: 'member@acme.example' };
    expect(setup.connection('cursor')).toMatchObject({
      state: 'seen',
      text: 'Sees 41 tools as member@acme.example.',
      action: 'none',
      seen: { ...seen, open: true },
    });
    setup.world.sessions = [];
    setup.surroundings.announce();
    expect(setup.connection('cursor')).toMatchObject({ state: 'seen', seen: { ...seen, open: false } });
    await setup.setups[Symbol.asyncDispose]();
    await using again = await setup.again();
    expect(again.list().find(({ id }) => id === 'cursor')?.connections[0]?.seen).toEqual({
      ...seen,
      open: false,
    });
  });

  test('of a client that is gone a moment later counts, too', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    setup.world.sessions = [aSession()];
    setup.surroundings.announce();
    setup.world.sessions = [];
    setup.surroundings.announce();
    expect(setup.connection('cursor')).toMatchObject({ state: 'seen', seen: { open: false } });
  });

  test('of another door, address, name or time, or one without a handshake, is none of this entry', async () => {
    const setup = await aSetup();
    await setup.put(CURSOR, '{}');
    await setup.connect('cursor');
    for (const other of [
      { door: 'stdio' },
      { address: 'acme' },
      { client: 'Windsurf' },
      { since: new Date(2026, 10, 21, 14, 1).toISOString() },
      { protocolVersion: null, program: null },
    ] as const) {
      setup.world.sessions = [aSession(other)];
      setup.surroundings.announce();
      expect(setup.connection('cursor').state).toBe('waiting');
    }
  });

  test('does not count for the entry that is written in its place', async () => {
    const setup = await aSetup();
    await setup.put(CLAUDE, '{}');
    await setup.connect('claude-desktop');
    setup.world.sessions = [aSession({ client: 'claude-desktop', door: 'stdio', program: null })];
    setup.surroundings.announce();
    expect(setup.connection('claude-desktop').state).toBe('seen');
    setup.world.now = new Date(2026, 10, 22, 9, 30);
    await setup.connect('claude-desktop');
    expect(setup.connection('claude-desktop')).toMatchObject({
      state: 'waiting',
      text: expect.stringMatching(/^Written at 09:30\./),
    });
  });
});

test('nothing is announced when nothing looks different', async () => {
  const setup = await aSetup();
  await setup.put(CURSOR, '{}');
  await setup.connect('cursor');
  let announced = 0;
  setup.setups.changed.on(() => {
    announced += 1;
  });
  await setup.setups.look();
  await setup.setups.look();
  expect(announced).toBe(0);
});
