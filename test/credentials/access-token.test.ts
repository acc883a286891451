import { describe, expect, test } from 'vitest';
import { laterRefusal } from '../connectors/refusal.ts';
import { answer, HOUR, Keeper, MINUTE, same, signal, trouble } from './keeper.ts';
import { settled } from './timeline.ts';

describe('an access token', () => {
  test('that is fresh is handed out without a question', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    expect(keeper.asked).toHaveLength(0);
  });

  test('is in the Authorization header of an account that signs in by OAuth', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    const headers = await keeper.authorizer.headers(keeper.account, signal);
    expect(headers.authorization === `Bearer ${grant.accessToken.reveal()}`).toBe(true);
  });

  test.each([
    ['an hour', 3600, 6 * MINUTE],
    ['ten minutes', 600, MINUTE],
    ['five minutes', 300, 75_000],
    ['ten seconds', 10, 2_500],
  ])('of %s is used on while it is renewed ahead of its end', async (_, lifeS, margin) => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ expiresAt: keeper.time.now() + lifeS * 1000 });
    await keeper.time.pass(lifeS * 1000 - margin + 1);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    await settled();
    expect(keeper.asked).toHaveLength(1);
    expect(same(await keeper.token(), grant.accessToken)).toBe(false);
    expect((await keeper.stored())?.grant?.generation).toBe(2);
  });

  test.each([
    ['an hour', 3600, 6 * MINUTE],
    ['ten minutes', 600, MINUTE],
    ['five minutes', 300, 75_000],
  ])('of %s that is in demand is renewed by a timer, and not too early', async (_, lifeS, margin) => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() + lifeS * 1000 });
    await keeper.token();
    await keeper.time.pass(lifeS * 1000 - margin - 1);
    expect(keeper.asked).toHaveLength(0);
    await keeper.time.pass(2);
    expect(keeper.asked).toHaveLength(1);
  });

  test('of an account nobody used for a day is not renewed ahead, and no timer waits longer than six hours', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() + 20 * 24 * HOUR });
    keeper.replies.push(answer({ expiresInS: 20 * 24 * 3600 }));
    await keeper.token();
    await keeper.time.pass(60 * 24 * HOUR);
    expect(keeper.asked).toHaveLength(0);
    expect(Math.max(...keeper.time.timers)).toBeLessThanOrEqual(6 * HOUR);
    await keeper.token();
    expect(keeper.asked).toHaveLength(1);
  });

  test('of unknown life is used until it is refused', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ expiresAt: undefined });
    await keeper.time.pass(30 * 24 * HOUR);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    expect(await keeper.grants.refused(keeper.account, grant.accessToken, signal)).toBe(true);
    expect(keeper.asked).toHaveLength(1);
  });

  test('TK-03 a life of 0 seconds means ten, and no server makes renewals more frequent than one a minute', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() });
    keeper.replies.push(...Array.from({ length: 600 }, () => answer({ expiresInS: 0 })));
    await keeper.token();
    expect(keeper.asked).toHaveLength(0);
    await keeper.time.pass(HOUR);
    expect(keeper.asked.length).toBeGreaterThan(50);
    expect(keeper.asked.length).toBeLessThanOrEqual(60);
    // On demand only a token that is over is renewed.
    await keeper.time.pass(30_000);
    await keeper.token();
    const before = keeper.asked.length;
    await keeper.token();
    expect(keeper.asked).toHaveLength(before);
  });

  test.each([
    ['the clock is set back', -10 * HOUR, 70 * MINUTE],
    ['the computer slept', 2 * HOUR, 1],
  ])('CL-01 is over in time though %s', async (_, jump, pass) => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    await keeper.token();
    keeper.replies.push(trouble('transient'));
    keeper.time.jump(jump);
    await keeper.time.pass(pass);
    expect(same(await keeper.token().catch(() => undefined), grant.accessToken)).toBe(false);
  });

  test('of a trial under an id of its own is handed out and never renewed', async () => {
    await using keeper = new Keeper();
    const trial = { ...keeper.account, id: 'acc_trial0000' as typeof keeper.account.id };
    const grant = await keeper.began({ expiresAt: keeper.time.now() - 1 }, trial.id);
    expect(same(await keeper.grants.accessToken(trial, signal), grant.accessToken)).toBe(true);
    expect(await keeper.grants.refused(trial, grant.accessToken, signal)).toBe(false);
    expect(keeper.asked).toHaveLength(0);
  });

  test('is missing as long as nobody signed in, and the text says what to do', async () => {
    await using keeper = new Keeper();
    const text = await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(text).toBe(
      'Acme: sign-in needed. Nobody has signed in yet. Sign in: open Gangway, or run: gangway login acme',
    );
  });

  test.each(['never', 'signed-out'] as const)(
    'AC-10 of an account that is listed as ready and has none (%s) marks it, until it is marked',
    async (reason) => {
      await using keeper = new Keeper();
      if (reason === 'signed-out') await keeper.began();
      if (reason === 'signed-out') await keeper.grants.signOut(keeper.account, signal);
      keeper.needed.length = 0;
      for (let turn = 0; turn < 2; turn += 1) {
        keeper.accounts[0] = { ...keeper.account, state: 'ready', signInReason: undefined };
        await laterRefusal(() => keeper.token(), 'sign-in-needed');
        await laterRefusal(() => keeper.token(), 'sign-in-needed');
        await keeper.time.pass(2 * MINUTE);
      }
      const { id } = keeper.account;
      expect(keeper.needed).toEqual([
        [id, reason],
        [id, reason],
      ]);
    },
  );

  test('AC-10 of an account that needs a sign-in is refused at once', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - HOUR, obtainedAt: 0 });
    keeper.accounts[0] = { ...keeper.account, state: 'sign-in-needed', signInReason: 'ended' };
    const text = await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(text).toContain('no longer accepts the saved sign-in');
    expect(keeper.asked).toHaveLength(0);
  });
});

describe('what a renewal leaves out stays', () => {
  test('TK-05 without a refresh token a sign-in lasts as long as its access token', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ refreshToken: undefined });
    await keeper.time.pass(HOUR - 1);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    await keeper.time.pass(2);
    expect(keeper.needed).toEqual([[keeper.account.id, 'not-renewable']]);
    expect(await laterRefusal(() => keeper.token(), 'sign-in-needed')).toContain('nothing to renew it with');
    expect(keeper.asked).toHaveLength(0);
  });

  test.each([
    ['TK-06 a refresh token that is not given again is kept', undefined],
    ['TK-07 a refresh token that is given again as it was is kept', 'same'],
  ])('%s, and is no used one', async (_, given) => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ expiresAt: keeper.time.now() - 1 - HOUR, obtainedAt: 0 });
    keeper.replies.push(answer({ refreshToken: given ? grant.refreshToken : undefined }));
    await keeper.token();
    await keeper.time.pass(2 * HOUR);
    await keeper.token();
    expect(
      keeper.asked.map(({ refreshToken }) => same(refreshToken, grant.refreshToken)).slice(0, 2),
    ).toEqual([true, true]);
  });

  test.each([
    ['narrower', 'read', 'read'],
    ['wider', 'read write admin', 'read write admin'],
    ['different', 'other', 'other'],
    ['absent', undefined, 'read write'],
  ])('TK-09 a scope that is %s is stored, and told when it changed', async (_, scope, expected) => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0, scope: 'read write' });
    keeper.replies.push(answer({ scope }));
    await keeper.token();
    expect((await keeper.stored())?.grant?.scope).toBe(expected);
    expect(keeper.grantChanges).toEqual(scope === undefined ? [] : [{ scope, renewable: true }]);
  });
});
