import { describe, expect, test } from 'vitest';
import { Secret } from '#bridge/base/secret.ts';
import { fingerprint } from '#bridge/credentials/fingerprint.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aGrant, answer, HOUR, Keeper, MINUTE, same, sealed, signal } from './keeper.ts';
import { settled, Timeline } from './timeline.ts';

describe('one renewal at a time', () => {
  test('RF-01 a hundred parallel needs send one request', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    const tokens = await Promise.all(Array.from({ length: 100 }, () => keeper.token()));
    expect(new Set(tokens.map((token) => token.reveal())).size).toBe(1);
    expect(keeper.asked).toHaveLength(1);
  });

  test('RF-02 seven clients and a wake-up at the end of a token send one request', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.token();
    // The computer slept beyond the end of the token, so no timer could renew it.
    keeper.time.jump(2 * HOUR);
    keeper.grants.wake();
    await Promise.all(Array.from({ length: 7 }, () => keeper.token()));
    keeper.grants.wake();
    await settled();
    expect(keeper.asked).toHaveLength(1);
  });

  test('RF-03 two processes with one vault send one request, and the loser uses the new token', async () => {
    const [vault, time] = [new MemoryVault(), new Timeline()];
    await using one = new Keeper({ vault, time, instance: 'one' });
    await using other = new Keeper({ vault, time, instance: 'other' });
    await one.began({ expiresAt: time.now() - 1, obtainedAt: 0 });
    const held = Promise.withResolvers<TokenAnswer>();
    one.replies.push(() => held.promise);
    other.replies.push(() => held.promise);
    const both = Promise.all([one.token(), other.token()]);
    await time.pass(5_000);
    expect(one.asked.length + other.asked.length).toBe(1);
    held.resolve(answer());
    await time.pass(1_000);
    const [first, second] = await both;
    expect(same(first, second)).toBe(true);
    expect(one.asked.length + other.asked.length).toBe(1);
  });

  test('RF-03 a process that comes later finds the new token in the vault', async () => {
    const [vault, time] = [new MemoryVault(), new Timeline()];
    await using one = new Keeper({ vault, time, instance: 'one' });
    await using other = new Keeper({ vault, time, instance: 'other' });
    await one.began();
    await Promise.all([one.token(), other.token()]);
    time.jump(2 * HOUR);
    const first = await one.token();
    expect(same(first, await other.token())).toBe(true);
    expect([one.asked.length, other.asked.length]).toEqual([1, 0]);
  });

  test.each([
    ['is over for whoever owns the folder', true, 1],
    ['is waited for by a process that may not be alone', false, 0],
  ])('a renewal that another process began before this one %s', async (_, ownsFolder, asked) => {
    const time = new Timeline();
    const renewal = { fingerprint: 'any', startedAt: time.now() - 1, by: 'another process' };
    await using keeper = new Keeper({ time, ownsFolder });
    await keeper.began({ expiresAt: time.now() - 1, obtainedAt: 0, renewal });
    const token = keeper.token();
    token.catch(() => undefined);
    await settled();
    expect(keeper.asked).toHaveLength(asked);
  });

  test('a process that died while it renewed is waited for no longer than its lease', async () => {
    await using keeper = new Keeper();
    const grant = aGrant(keeper.time.now(), {
      expiresAt: keeper.time.now() - 1,
      obtainedAt: 0,
      generation: 4,
    });
    const renewal = {
      fingerprint: fingerprint(grant.refreshToken!),
      startedAt: keeper.time.now(),
      by: 'a dead process',
    };
    await keeper.vault.save(keeper.account.id, sealed({ ...grant, renewal }), signal);
    const waiting = keeper.token();
    waiting.catch(() => undefined);
    await keeper.time.pass(19_000);
    expect(keeper.asked).toHaveLength(0);
    await keeper.time.pass(15_000);
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    expect(keeper.asked).toHaveLength(1);
    expect((await keeper.stored())?.grant).toMatchObject({ generation: 5, renewal: undefined });
  });

  test('RF-11 a request waits twenty seconds for a renewal that takes longer, and the renewal goes on', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    keeper.replies.push(async () => {
      await keeper.time.pause(25_000, signal);
      return answer();
    });
    const waiting = keeper.token();
    const refused = expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      details: { mayHaveRun: false },
    });
    await keeper.time.pass(20_000);
    await refused;
    await keeper.time.pass(5_000);
    await keeper.token();
    expect(keeper.asked).toHaveLength(1);
  });

  test('a request that is aborted ends alone', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    const held = Promise.withResolvers<TokenAnswer>();
    keeper.replies.push(() => held.promise);
    const abort = new AbortController();
    const aborted = keeper.grants.accessToken(keeper.account, abort.signal);
    const other = keeper.token();
    await settled();
    abort.abort(new Error('the client left'));
    await expect(aborted).rejects.toThrow('the client left');
    held.resolve(answer());
    await other;
    expect(keeper.asked).toHaveLength(1);
  });
});

describe('the protocol around the request', () => {
  test('the journal is in the vault before the request leaves, and the new set is there before it is used', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    const held = Promise.withResolvers<TokenAnswer>();
    let journal: unknown;
    keeper.replies.push(async () => {
      journal = (await keeper.stored())?.grant?.renewal;
      return held.promise;
    });
    const waiting = keeper.token();
    await settled();
    expect(journal).toEqual({
      fingerprint: fingerprint(grant.refreshToken!),
      startedAt: keeper.time.now(),
      by: 'this-process',
    });
    held.resolve(answer());
    const token = await waiting;
    const stored = (await keeper.stored())?.grant;
    expect(same(stored?.accessToken, token)).toBe(true);
    expect(stored).toMatchObject({
      generation: 2,
      renewal: undefined,
      spent: [fingerprint(grant.refreshToken!)],
    });
  });

  test('a refresh token that was exchanged is never sent again', async () => {
    await using keeper = new Keeper();
    const refreshToken = new Secret(canary('bearer'));
    await keeper.began({
      refreshToken,
      spent: [fingerprint(refreshToken)],
      expiresAt: keeper.time.now() - 1,
      obtainedAt: 0,
    });
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(keeper.asked).toHaveLength(0);
    expect(keeper.needed).toEqual([[keeper.account.id, 'interrupted']]);
  });

  test('nothing is begun once it stops', async () => {
    const keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    await keeper[Symbol.asyncDispose]();
    await laterRefusal(() => keeper.token(), 'unreachable');
    expect([keeper.asked.length, keeper.saves]).toEqual([0, 0]);
  });

  test('the last eight exchanged refresh tokens are remembered', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    for (let turn = 0; turn < 10; turn += 1) {
      await keeper.token();
      keeper.time.jump(2 * HOUR);
    }
    expect((await keeper.stored())?.grant?.spent).toEqual(
      keeper.asked.slice(-8).map(({ refreshToken }) => fingerprint(refreshToken)),
    );
  });

  test.each([
    ['RF-05 a full disk', new BridgeError('storage', 'The disk is full.')],
    ['RF-06 a locked keychain', new BridgeError('vault-locked', 'The keychain is locked.')],
  ])('%s loses no token: the new set is used from memory and saved later', async (_, reason) => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
    const tokens = answer();
    keeper.replies.push(async () => {
      keeper.saveFails = reason;
      return tokens;
    });
    expect(same(await keeper.token(), tokens.accessToken)).toBe(true);
    expect(keeper.standing).toEqual({
      state: 'unsaved',
      text: `Signed in, but saving failed: ${reason.message} It works until you quit.`,
    });
    await keeper.time.pass(10 * MINUTE);
    expect((await keeper.stored())?.grant?.generation).toBe(1);
    keeper.saveFails = undefined;
    await keeper.time.pass(5 * MINUTE);
    const stored = (await keeper.stored())?.grant;
    expect(same(stored?.refreshToken, tokens.refreshToken)).toBe(true);
    expect(keeper.standing.state).toBe('ready');
    expect(keeper.asked).toHaveLength(1);
  });

  test.each([
    ['written', 'saveFails'],
    ['read', 'loadFails'],
  ] as const)('a vault that cannot be %s postpones what is not urgent', async (_, how) => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    await keeper.token();
    keeper[how] = new BridgeError('storage', 'The disk is full.');
    await keeper.time.pass(58 * MINUTE);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    expect(keeper.asked).toHaveLength(0);
    keeper.time.jump(HOUR);
    expect(same(await keeper.token(), grant.accessToken)).toBe(false);
    expect(keeper.asked).toHaveLength(1);
  });

  test('what is still unsaved when Gangway stops is tried a last time', async () => {
    const vault = new MemoryVault();
    const time = new Timeline();
    const tokens = answer();
    {
      await using keeper = new Keeper({ vault, time });
      await keeper.began({ expiresAt: time.now() - 1, obtainedAt: 0 });
      keeper.replies.push(async () => {
        keeper.saveFails = new BridgeError('storage', 'The disk is full.');
        return tokens;
      });
      await keeper.token();
      keeper.saveFails = undefined;
    }
    await using next = new Keeper({ vault, time });
    expect(same((await next.stored())?.grant?.refreshToken, tokens.refreshToken)).toBe(true);
  });
});
