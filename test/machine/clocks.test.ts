import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { HOUR, Keeper, MINUTE, same } from '../credentials/keeper.ts';
import { ask, quickHttp, troubleOf, workspaceAt } from '../upstream/asking.ts';
import { type Hostile, startHostile } from '../upstream/hostile.ts';
import { response } from '../upstream/raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

test.each([2 * HOUR, -2 * HOUR])(
  'CL-02: what a workspace whose clock is off by %d ms asks to wait is reckoned by its own clock',
  async (off) => {
    const there = Date.now() + off;
    const url = hostile.on(`/m/cl-02-${off}`, (_, socket) => {
      const dates: [string, string][] = [
        ['date', new Date(there).toUTCString()],
        ['retry-after', new Date(there + 60_000).toUTCString()],
      ];
      socket.write(response(429, '', dates));
    });
    await using http = quickHttp();
    const outcome = await ask(connect(workspaceAt(url), http));
    expect(troubleOf(outcome, 'wait', false).details.retryAfterSeconds).toBe(60);
  },
);

test.each([
  ['an hour ahead', HOUR],
  ['an hour behind', -HOUR],
  ['ten years ahead', 10 * 365 * 24 * HOUR],
  ['in 1970', -Date.parse('2026-11-21T10:00:00.000Z')],
  ['slewed by half a second', 500],
])('CL-01: a clock that jumps and is %s costs one renewal at most, and no sign-in', async (_, jump) => {
  await using keeper = new Keeper();
  const grant = await keeper.began();
  await keeper.token();
  keeper.time.jump(jump);
  await keeper.time.pass(MINUTE);
  const now = await keeper.token();
  expect(keeper.asked.length).toBeLessThanOrEqual(1);
  expect(same(now, grant.accessToken)).toBe(keeper.asked.length === 0);
  // Whatever the wall clock says, tokens of an hour are renewed once an hour.
  const before = keeper.asked.length;
  await keeper.time.pass(10 * HOUR);
  await keeper.token();
  expect(keeper.asked.length - before).toBeGreaterThanOrEqual(9);
  expect(keeper.asked.length - before).toBeLessThanOrEqual(13);
  expect(keeper.needed).toEqual([]);
});

test('CL-04: a clock that goes back by a millisecond at every look makes no delay negative and no renewal more', async () => {
  await using keeper = new Keeper();
  const { time } = keeper;
  const now = time.now;
  let back = 0;
  time.now = () => now() - back++;
  await keeper.began();
  for (let turn = 0; turn < 100; turn += 1) {
    await keeper.token();
    await time.pass(1);
  }
  expect(keeper.asked).toHaveLength(0);
  await time.pass(2 * HOUR);
  await keeper.token();
  expect(keeper.asked.length).toBeLessThanOrEqual(3);
  expect(Math.min(...time.timers)).toBeGreaterThanOrEqual(0);
});
