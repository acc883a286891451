import { describe, expect, test } from 'vitest';
import { newAccountId } from '#bridge/accounts/accounts.ts';
import { Secret } from '#bridge/base/secret.ts';
import { withGrant } from '#bridge/credentials/credential.ts';
import type { OAuthTroubleKind } from '#bridge/oauth/trouble.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aGrant, answer, HOUR, Keeper, MINUTE, same, sealed, signal, trouble } from './keeper.ts';
import { settled, Timeline } from './timeline.ts';

const over = (time: Timeline) => ({ obtainedAt: time.now() - 2 * HOUR, expiresAt: time.now() - HOUR });

describe('a renewal that fails for a passing reason', () => {
  test.each(['transient', 'suspicious'] as const)(
    'RF-07 %s: the token is used to its end, and then the answer comes at once',
    async (kind) => {
      await using keeper = new Keeper();
      const grant = await keeper.began();
      keeper.replies.push(...Array.from({ length: 100 }, () => trouble(kind)));
      await keeper.token();
      await keeper.time.pass(56 * MINUTE);
      expect(keeper.asked.length).toBeGreaterThan(0);
      expect(same(await keeper.token(), grant.accessToken)).toBe(true);
      expect(keeper.standing).toEqual({ state: 'offline', text: `auth.acme.example: ${kind}.` });
      await keeper.time.pass(4 * MINUTE);
      const asked = keeper.asked.length;
      // One more try at most, then the wait counts.
      await laterRefusal(() => keeper.token(), 'unreachable');
      await laterRefusal(() => keeper.token(), 'unreachable');
      expect(keeper.asked.length - asked).toBeLessThanOrEqual(1);
      expect(keeper.needed).toEqual([]);
      const stored = (await keeper.stored())?.grant;
      expect(same(stored?.refreshToken, grant.refreshToken)).toBe(true);
      expect(stored?.renewal).toBeUndefined();
    },
  );

  test('RF-07 ends by itself', async () => {
    await using keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(trouble('transient'), trouble('transient'));
    await laterRefusal(() => keeper.token(), 'unreachable');
    await keeper.time.pass(5 * MINUTE);
    await keeper.token();
    expect(keeper.standing).toEqual({ state: 'ready', text: '' });
    expect(keeper.asked).toHaveLength(3);
  });

  test('is tried again when the server asked, not earlier, not even after a sleep', async () => {
    await using keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(trouble('transient', 600));
    await expect(keeper.token()).rejects.toMatchObject({
      code: 'unreachable',
      details: { retryAfterSeconds: 600, mayHaveRun: false, host: 'auth.acme.example' },
    });
    keeper.grants.wake();
    await keeper.time.pass(599_000);
    expect(keeper.asked).toHaveLength(1);
    await keeper.time.pass(2_000);
    expect(keeper.asked).toHaveLength(2);
  });

  test('is tried again at once when the computer woke up', async () => {
    await using keeper = new Keeper({ random: () => 1 });
    await keeper.began(over(keeper.time));
    keeper.replies.push(...Array.from({ length: 8 }, () => trouble('transient')));
    await laterRefusal(() => keeper.token(), 'unreachable');
    await keeper.time.pass(20 * MINUTE);
    const asked = keeper.asked.length;
    keeper.time.jump(HOUR);
    await keeper.time.pass(MINUTE);
    expect(keeper.asked.length).toBe(asked + 1);
  });

  test('NW-10 without a network it is tried ever more seldom, and at once when the network is back', async () => {
    await using keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(...Array.from({ length: 400 }, () => trouble('transient')));
    await laterRefusal(() => keeper.token(), 'unreachable');
    const counts: number[] = [];
    for (let half = 0; half < 4; half += 1) {
      const before = keeper.asked.length;
      await keeper.time.pass(30 * MINUTE);
      counts.push(keeper.asked.length - before);
    }
    const [first = 0, ...later] = counts;
    expect(first).toBeLessThan(25);
    expect(Math.max(...later)).toBeLessThanOrEqual(15);
    expect(keeper.standing.state).toBe('offline');
    const before = keeper.asked.length;
    keeper.replies.length = 0;
    keeper.grants.wake();
    await keeper.token();
    expect(keeper.asked).toHaveLength(before + 1);
    expect(keeper.standing.state).toBe('ready');
  });

  test('five refusals of a firewall in an hour block it for an hour', async () => {
    await using keeper = new Keeper({ random: () => 0 });
    await keeper.began(over(keeper.time));
    keeper.replies.push(...Array.from({ length: 50 }, () => trouble('suspicious')));
    await laterRefusal(() => keeper.token(), 'unreachable');
    await keeper.time.pass(30 * MINUTE);
    expect(keeper.asked).toHaveLength(5);
    expect(keeper.standing.state).toBe('blocked');
    expect(keeper.needed).toEqual([]);
  });

  test('that nobody foresaw ends no sign-in', async () => {
    await using keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(new TypeError('a fault of our own'));
    await laterRefusal(() => keeper.token(), 'unreachable');
    expect(keeper.needed).toEqual([]);
    expect(keeper.log.events).toContain('grants.fault');
  });
});

describe('a renewal that the server refuses', () => {
  test('RF-08 uses what another process stored meanwhile', async () => {
    const [vault, time] = [new MemoryVault(), new Timeline()];
    await using keeper = new Keeper({ vault, time });
    await keeper.began(over(time));
    const newer = aGrant(time.now(), { generation: 7 });
    keeper.replies.push(async () => {
      await vault.save(keeper.account.id, sealed(newer), signal);
      throw trouble('grant-lost');
    });
    expect(same(await keeper.token(), newer.accessToken)).toBe(true);
    expect(keeper.needed).toEqual([]);
  });

  test('RF-09 asks for a sign-in once, and keeps the record until then', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began(over(keeper.time));
    keeper.replies.push(trouble('grant-lost'));
    const text = await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(text).toContain('mcp.acme.example no longer accepts the saved sign-in');
    await Promise.all([1, 2, 3].map(() => laterRefusal(() => keeper.token(), 'sign-in-needed')));
    await keeper.time.pass(26 * HOUR);
    expect(keeper.needed).toEqual([[keeper.account.id, 'ended']]);
    expect(keeper.asked).toHaveLength(1);
    expect(same((await keeper.stored())?.grant?.refreshToken, grant.refreshToken)).toBe(true);
  });

  test.each(['grant-lost', 'client-lost', 'configuration', 'denied'] as const)(
    'RF-10 early (%s) keeps the token, and tries again at its end only',
    async (kind) => {
      await using keeper = new Keeper();
      const grant = await keeper.began();
      keeper.replies.push(trouble(kind));
      await keeper.token();
      await keeper.time.pass(59 * MINUTE);
      expect(same(await keeper.token(), grant.accessToken)).toBe(true);
      expect([keeper.asked.length, keeper.needed.length, keeper.standing.state]).toEqual([1, 0, 'ready']);
      await keeper.time.pass(2 * MINUTE);
      expect(same(await keeper.token(), grant.accessToken)).toBe(false);
      expect(keeper.asked).toHaveLength(2);
    },
  );

  test('because the client is lost needs a sign-in with that reason', async () => {
    await using keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(trouble('client-lost'));
    expect(await laterRefusal(() => keeper.token(), 'sign-in-needed')).toContain('no longer knows Gangway');
    expect(keeper.needed).toEqual([[keeper.account.id, 'client-lost']]);
  });

  test.each(['configuration', 'denied', 'unsafe'] as const)(
    'for good (%s) is not asked again for an hour',
    async (kind) => {
      await using keeper = new Keeper();
      await keeper.began(over(keeper.time));
      keeper.replies.push(trouble(kind));
      await laterRefusal(() => keeper.token(), 'refused');
      await keeper.time.pass(59 * MINUTE);
      await laterRefusal(() => keeper.token(), 'refused');
      expect(keeper.standing.state).toBe('misconfigured');
      expect(keeper.asked).toHaveLength(1);
      await keeper.time.pass(2 * MINUTE);
      await keeper.token();
      expect(keeper.asked).toHaveLength(2);
    },
  );
});

describe('RF-12 an answer that was lost', () => {
  const firstThen = async (second: OAuthTroubleKind | undefined): Promise<Keeper> => {
    const keeper = new Keeper();
    await keeper.began(over(keeper.time));
    keeper.replies.push(trouble('ambiguous'), second ? trouble(second) : answer());
    return keeper;
  };

  test('is asked for once more after a moment, with the same refresh token', async () => {
    await using keeper = await firstThen(undefined);
    const token = keeper.token();
    await keeper.time.pass(1_999);
    expect(keeper.asked).toHaveLength(1);
    await keeper.time.pass(2);
    await token;
    expect(same(keeper.asked[0]?.refreshToken, keeper.asked[1]?.refreshToken)).toBe(true);
    expect((await keeper.stored())?.grant?.generation).toBe(2);
  });

  test('needs a sign-in when the server has no patience, and the reason is true', async () => {
    await using keeper = await firstThen('grant-lost');
    const refused = laterRefusal(() => keeper.token(), 'sign-in-needed');
    await keeper.time.pass(3_000);
    expect(await refused).toContain('A renewal was cut off');
    expect(keeper.needed).toEqual([[keeper.account.id, 'interrupted']]);
  });

  test.each(['ambiguous', 'transient'] as const)(
    'twice (%s) waits, and leaves the note in the vault',
    async (kind) => {
      await using keeper = await firstThen(kind);
      const refused = laterRefusal(() => keeper.token(), 'unreachable');
      await keeper.time.pass(2_000);
      await refused;
      expect((await keeper.stored())?.grant?.renewal).toBeDefined();
      keeper.replies.push(trouble('grant-lost'));
      await keeper.time.pass(5 * MINUTE);
      expect(keeper.needed).toEqual([[keeper.account.id, 'interrupted']]);
    },
  );
});

test('a scope that a call lacked is asked for until a sign-in grants it', async () => {
  await using keeper = new Keeper();
  let announced = 0;
  using _on = keeper.grants.changed.on(() => {
    announced += 1;
  });
  const { id } = keeper.account;
  keeper.grants.wanted(id, 'write');
  keeper.grants.wanted(id, 'write admin "x" a\u0000b');
  keeper.grants.wanted(id, 'admin');
  expect([keeper.standing.wider, announced]).toEqual(['write admin', 2]);
  await keeper.grants.signedIn(id, aGrant(keeper.time.now(), { scope: 'read write' }), signal);
  expect(keeper.standing.wider).toBe('admin');
  await keeper.grants.signedIn(id, aGrant(keeper.time.now(), { requestedScope: 'read write admin' }), signal);
  expect(keeper.standing.wider).toBeUndefined();
});

test('tokens of the last sixteen grants are kept out of texts, and no more', async () => {
  await using keeper = new Keeper();
  const { account, authorizer, redactor } = keeper;
  const clientSecret = new Secret(canary('generic'));
  const tokens: string[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const grant = aGrant(keeper.time.now(), { generation: turn });
    tokens.push(grant.accessToken.reveal());
    const credential = { ...withGrant(undefined, grant), clientSecret };
    await authorizer.renew(account.id, credential, signal);
    // Saved again, as the journal is.
    await authorizer.renew(account.id, { ...credential }, signal);
  }
  // Trials of sign-ins that come to nothing.
  const tried = Array.from({ length: 40 }, () => canary('bearer'));
  for (const token of tried) {
    const grant = aGrant(keeper.time.now(), { accessToken: new Secret(token) });
    using _held = authorizer.hold(newAccountId(), withGrant(undefined, grant));
  }
  expect(tried.filter((token) => redactor.cleanKnown(token) === '[removed]').length).toBe(16);
  const echoed = (text: string) => [authorizer.withoutSecrets(account.id, text), redactor.cleanKnown(text)];
  const kept = tokens.filter((token) => echoed(token).every((text) => text === '[removed]'));
  expect(kept.length).toBe(16);
  expect(kept.at(-1) === tokens.at(-1)).toBe(true);
  expect(echoed(clientSecret.reveal())).toEqual(['[removed]', '[removed]']);
  await settled();
});
