import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newAccountId } from '#bridge/accounts/accounts.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { anOAuthAccount, answer, HOUR, Keeper, MINUTE, same, trouble } from '../credentials/keeper.ts';
import { settled } from '../credentials/timeline.ts';
import { answerOf, ask, quickHttp, troubleOf, workspaceAt } from '../upstream/asking.ts';
import { type Hostile, startHostile } from '../upstream/hostile.ts';

const DAY = 24 * HOUR;

/** Sleeps, as the wall clock shows it, and is told of waking up as by the desktop: for itself and for the screen. */
function sleep(keeper: Keeper, ms: number): void {
  keeper.time.jump(ms);
  keeper.grants.wake();
  keeper.grants.wake();
}

describe('PW-01: after a sleep', () => {
  test.each([
    ['a second', 1_000, 0],
    ['an hour', HOUR, 1],
    ['three days', 3 * DAY, 1],
  ])(
    'of %s each account that is in use is renewed once if it has to be, others not',
    async (_, ms, renewals) => {
      const accounts = ['one', 'two', 'unused'].map((slug) => anOAuthAccount({ id: newAccountId(), slug }));
      await using keeper = new Keeper({ accounts });
      for (const { id } of accounts) await keeper.began({}, id);
      const [one, two] = accounts;
      if (!one || !two) throw new Error('There are three accounts.');
      const { signal } = new AbortController();
      await keeper.grants.accessToken(one, signal);
      await keeper.grants.accessToken(two, signal);
      sleep(keeper, ms);
      await settled();
      expect(keeper.asked.map(({ account }) => account.slug).sort()).toEqual(
        ['one', 'two'].flatMap((slug) => Array.from({ length: renewals }, () => slug)),
      );
      await keeper.time.pass(MINUTE);
      expect(keeper.asked).toHaveLength(2 * renewals);
      expect(keeper.needed).toEqual([]);
    },
  );

  test('that nobody told of, the clocks tell within a minute', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.token();
    keeper.time.jump(HOUR);
    await keeper.time.pass(MINUTE);
    expect(keeper.asked).toHaveLength(1);
  });
});

describe('PW-03: a sleep', () => {
  test('during a renewal leaves it one renewal, and its answer is used', async () => {
    await using keeper = new Keeper();
    await keeper.began({ obtainedAt: 0, expiresAt: keeper.time.now() - 1 });
    const held = Promise.withResolvers<TokenAnswer>();
    keeper.replies.push(() => held.promise);
    const token = keeper.token();
    await settled();
    sleep(keeper, 8 * HOUR);
    await settled();
    const fresh = answer();
    held.resolve(fresh);
    expect(same(await token, fresh.accessToken)).toBe(true);
    expect(keeper.asked).toHaveLength(1);
    expect((await keeper.stored())?.grant?.renewal).toBeUndefined();
  });

  test('during a renewal whose connection it broke sends it once more, and asks nobody to sign in', async () => {
    await using keeper = new Keeper();
    await keeper.began({ obtainedAt: 0, expiresAt: keeper.time.now() - 1 });
    const held = Promise.withResolvers<TokenAnswer>();
    const fresh = answer();
    keeper.replies.push(() => held.promise, fresh);
    const token = keeper.token();
    await settled();
    sleep(keeper, 8 * HOUR);
    held.reject(trouble('ambiguous'));
    expect(same(await keeper.time.until(token, 2_000), fresh.accessToken)).toBe(true);
    expect(keeper.asked).toHaveLength(2);
    expect(keeper.needed).toEqual([]);
  });
});

test('PW-04: awake without network for half a minute an account is offline, nobody signs in again, and it recovers', async () => {
  await using keeper = new Keeper();
  await keeper.began();
  await keeper.token();
  keeper.replies.push(...Array.from({ length: 20 }, () => trouble('transient')));
  sleep(keeper, 2 * HOUR);
  await laterRefusal(() => keeper.token(), 'unreachable');
  expect(keeper.standing.state).toBe('offline');
  await keeper.time.pass(30_000);
  await laterRefusal(() => keeper.token(), 'unreachable');
  expect(keeper.needed).toEqual([]);
  expect(keeper.asked.length).toBeLessThan(10);
  keeper.replies.length = 0;
  keeper.grants.wake();
  await settled();
  await keeper.token();
  expect(keeper.standing.state).toBe('ready');
  expect(keeper.needed).toEqual([]);
});

test('PW-06: ten times asleep and awake in a minute is one renewal', async () => {
  await using keeper = new Keeper();
  await keeper.began();
  await keeper.token();
  for (let turn = 0; turn < 10; turn += 1) {
    sleep(keeper, HOUR / 10);
    await keeper.time.pass(6_000);
  }
  expect(keeper.asked).toHaveLength(1);
});

test('CL-03: a token that ends while its request is on the way is renewed once, and the request sent again', async () => {
  await using keeper = new Keeper();
  const grant = await keeper.began();
  const sent = await keeper.token();
  await keeper.time.pass(HOUR + 1);
  const { signal } = new AbortController();
  // The workspace answers 401 to each of the requests that were under way.
  const again = [1, 2, 3].map(() => keeper.grants.refused(keeper.account, sent, signal));
  expect(await Promise.all(again)).toEqual([true, true, true]);
  expect(keeper.asked).toHaveLength(1);
  expect(same(await keeper.token(), grant.accessToken)).toBe(false);
  expect(keeper.needed).toEqual([]);
});

describe('a sleep and real connections', () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await startHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  test('PW-02: between a call and its answer leaves its outcome unknown, and it is not sent again', async () => {
    const asleep = Promise.withResolvers<Socket>();
    const url = hostile.on('/m/pw-02', (_, socket) => asleep.resolve(socket));
    await using http = quickHttp();
    const outcome = ask(connect(workspaceAt(url), http), 'tools/call');
    const socket = await asleep.promise;
    http.renew();
    // The first packet after the sleep: the other side knows nothing of this connection any more.
    socket.resetAndDestroy();
    troubleOf(await outcome, 'outcome-unknown', true);
    expect(hostile.requests('/m/pw-02')).toHaveLength(1);
  });

  test('PW-01: makes the next request use a connection of its own', async () => {
    const used: Socket[] = [];
    const server = createServer((request, response) => {
      used.push(request.socket);
      request.on('data', (bytes) => {
        const { id } = JSON.parse(String(bytes)) as { id: unknown };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
      });
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/mcp`;
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    // Any order of opening is fine, as long as connections are used again.
    for (let count = 0; count < 4; count += 1) answerOf(await ask(channel, 'tools/list'));
    expect(new Set(used).size).toBeLessThan(used.length);
    const before = new Set(used);
    http.renew();
    answerOf(await ask(channel, 'tools/list'));
    expect(before.has(used.at(-1) as Socket)).toBe(false);
  });
});
