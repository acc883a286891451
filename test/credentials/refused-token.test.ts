import { describe, expect, test } from 'vitest';
import type { BridgeError } from '#contract/errors.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aGrant, answer, HOUR, Keeper, MINUTE, same, sealed, signal, trouble } from './keeper.ts';

describe('a token that the workspace refuses', () => {
  test('is replaced once, however many requests it was sent with', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => keeper.grants.refused(keeper.account, grant.accessToken, signal)),
    );
    expect(new Set(answers)).toEqual(new Set([true]));
    expect(keeper.asked).toHaveLength(1);
    // A late 401 to the old token.
    expect(await keeper.grants.refused(keeper.account, grant.accessToken.reveal(), signal)).toBe(true);
    expect(keeper.asked).toHaveLength(1);
  });

  test('RF-20 twice in a row, freshly renewed, needs a person', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    expect(await keeper.grants.refused(keeper.account, await keeper.token(), signal)).toBe(true);
    expect(await keeper.grants.refused(keeper.account, await keeper.token(), signal)).toBe(false);
    expect(keeper.needed).toEqual([[keeper.account.id, 'refused']]);
    expect(keeper.standing).toEqual({
      state: 'blocked',
      text: 'mcp.acme.example refuses every sign-in, even freshly renewed ones. Ask the people who run it.',
      needsPeople: true,
    });
    await keeper.time.pass(30 * MINUTE);
    expect(await keeper.grants.refused(keeper.account, await keeper.token(), signal)).toBe(false);
    expect(keeper.asked).toHaveLength(1);
  });

  test('RF-20 right before its end is no proof: two fresh ones must be refused', async () => {
    await using keeper = new Keeper();
    const { accessToken } = await keeper.began({
      obtainedAt: keeper.time.now() - HOUR + 1_000,
      expiresAt: keeper.time.now() + 1_000,
    });
    expect(await keeper.grants.refused(keeper.account, accessToken, signal)).toBe(true);
    expect(await keeper.grants.refused(keeper.account, await keeper.token(), signal)).toBe(true);
    expect(keeper.needed).toEqual([]);
    expect(await keeper.grants.refused(keeper.account, await keeper.token(), signal)).toBe(false);
    expect(keeper.needed).toEqual([[keeper.account.id, 'refused']]);
    expect(keeper.asked).toHaveLength(2);
  });

  test('RF-20 twice is renewed for a person who checks after its end, once', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.grants.refused(keeper.account, await keeper.token(), signal);
    await keeper.grants.refused(keeper.account, await keeper.token(), signal);
    await keeper.time.pass(2 * HOUR);
    expect(keeper.asked).toHaveLength(1);
    const token = await keeper.token();
    expect(keeper.asked).toHaveLength(2);
    expect(await keeper.grants.refused(keeper.account, token, signal)).toBe(false);
    expect(same(await keeper.token(), token)).toBe(true);
    await keeper.time.pass(2 * HOUR);
    keeper.replies.push(trouble('transient'));
    await laterRefusal(() => keeper.token(), 'unreachable');
    await laterRefusal(() => keeper.token(), 'unreachable');
    expect(keeper.asked).toHaveLength(3);
    keeper.accounts[0] = { ...keeper.account, state: 'ready' };
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(keeper.needed).toHaveLength(2);
  });

  test('RF-20 that never lives longer than two seconds costs no more renewals than others', async () => {
    await using keeper = new Keeper();
    await keeper.began({ expiresAt: keeper.time.now() + 2_000 });
    keeper.replies.push(...Array.from({ length: 9 }, () => answer({ expiresInS: 2 })));
    for (let turn = 0; turn < 9; turn += 1) {
      await keeper.grants.refused(keeper.account, await keeper.token(), signal);
    }
    expect(keeper.asked).toHaveLength(2);
    expect(keeper.needed).toEqual([[keeper.account.id, 'refused']]);
  });

  test('RF-20 on and off for ever costs at most three renewals in ten minutes', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    const errors: (BridgeError | undefined)[] = [];
    for (let second = 0; second < 600; second += 5) {
      const token = await keeper.token();
      keeper.grants.worked(keeper.account.id);
      const refused = keeper.grants.refused(keeper.account, token, signal);
      errors.push(await refused.then(() => undefined).catch((error: BridgeError) => error));
      await keeper.time.pass(5_000);
    }
    expect(keeper.asked).toHaveLength(3);
    // In between a caller hears that it is too early, and not that somebody should sign in.
    expect(errors[1]).toMatchObject({
      code: 'wait',
      message: expect.stringContaining('Gangway tries again in 55 s.') as string,
      details: { retryAfterSeconds: 55, mayHaveRun: false },
    });
    expect(new Set(errors.map((error) => error?.code))).toEqual(new Set([undefined, 'wait']));
    expect(keeper.needed).toEqual([]);
    expect(keeper.standing.state).toBe('blocked');
    keeper.grants.worked(keeper.account.id);
    expect(keeper.standing.state).toBe('ready');
  });

  test('that cannot be renewed needs a sign-in at once', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began({ refreshToken: undefined });
    expect(await keeper.grants.refused(keeper.account, grant.accessToken, signal)).toBe(false);
    expect(keeper.needed).toEqual([[keeper.account.id, 'refused']]);
  });

  test('while the authorization server is down is no reason to sign in', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    keeper.replies.push(trouble('transient'));
    await laterRefusal(() => keeper.grants.refused(keeper.account, grant.accessToken, signal), 'unreachable');
    await laterRefusal(() => keeper.grants.refused(keeper.account, grant.accessToken, signal), 'unreachable');
    expect([keeper.asked.length, keeper.needed.length]).toEqual([1, 0]);
  });

  test('is not kept for its age when the server also refuses to renew it', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    keeper.replies.push(trouble('grant-lost'));
    await laterRefusal(
      () => keeper.grants.refused(keeper.account, grant.accessToken, signal),
      'sign-in-needed',
    );
    expect(keeper.needed).toEqual([[keeper.account.id, 'ended']]);
  });

  test('is replaced by what another process stored, without a request', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    await keeper.token();
    await keeper.vault.save(keeper.account.id, sealed(aGrant(keeper.time.now(), { generation: 2 })), signal);
    expect(await keeper.grants.refused(keeper.account, grant.accessToken, signal)).toBe(true);
    expect(keeper.asked).toHaveLength(0);
  });
});
