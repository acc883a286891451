import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { restOf } from '#bridge/sessions/idle.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { startPlain } from '../workspaces/plain.ts';

const hour = 60 * 60_000;

test.each([
  ['stdio', false, 100 * hour, 'awake'],
  ['http', true, 100 * hour, 'awake'],
  ['http', false, limits.sessionQuietMs - 1, 'awake'],
  ['http', false, limits.sessionQuietMs, 'asleep'],
  ['http', false, limits.sessionEndMs, 'over'],
] as const)('over %s, busy %s, quiet for %i ms: %s', (door, isBusy, quietMs, rest) => {
  expect(restOf({ door, isBusy, quietMs })).toBe(rest);
});

test('a quiet HTTP conversation lets its workspace session go, and its next request opens it again', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat('current', 'http');
  await seat.greet();
  expect(await seat.call('echo', { text: 'x' })).toBe('w: x');
  const gone = workspace.requests.next(({ method }) => method === 'DELETE');
  room.sessions.tend(performance.now() + limits.sessionQuietMs + 1);
  await gone;
  expect(room.sessions.list()).toHaveLength(1);
  expect(await seat.call('echo', { text: 'back' })).toBe('w: back');
});

test('a conversation that listens is never put to sleep', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seat = room.seat('current', 'http');
  seat.listen();
  await seat.greet();
  room.sessions.tend(performance.now() + limits.sessionEndMs + 1);
  expect(await seat.call('echo', { text: 'x' })).toBe('w: x');
  expect(workspace.requests.deletes()).toHaveLength(0);
});

test('a client that never ends its conversations keeps a bounded number; the quietest goes', async () => {
  await using workspace = await startPlain({ name: 'w' });
  await using room = new Room([accountFor(workspace.url, 'account')]);
  const seats = Array.from({ length: limits.sessionsPerClient + 3 }, () => room.seat('current', 'http'));
  const ids = room.sessions.list().map(({ id }) => id);
  expect(ids).toHaveLength(limits.sessionsPerClient);
  expect(ids).not.toContain(seats[0]?.session.id);
  expect(ids).toContain(seats.at(-1)?.session.id);
});
