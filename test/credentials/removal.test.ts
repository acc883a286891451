import { expect, test } from 'vitest';
import { GrantStore } from '#bridge/credentials/grant-store.ts';
import { Renewals } from '#bridge/credentials/renewals.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { BridgeError } from '#contract/errors.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aGrant, answer, Keeper, same, signal } from './keeper.ts';
import { settled } from './timeline.ts';

const full = new BridgeError('storage', 'The disk is full.');

test('a removal whose secrets cannot be removed leaves the sign-in as it was, renewals under way too', async () => {
  await using keeper = new Keeper();
  await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
  const [tokens, held] = [answer(), Promise.withResolvers<void>()];
  keeper.replies.push(async () => {
    await held.promise;
    return tokens;
  });
  const token = keeper.token();
  await settled();
  // So that the record is to be forgotten unread.
  await keeper.authorizer.forget(keeper.account.id, signal);
  await keeper.began({ expiresAt: keeper.time.now() - 1, obtainedAt: 0 });
  keeper.loadFails = keeper.forgetFails = full;
  await laterRefusal(() => keeper.grants.signOutRemoved(keeper.account, signal), 'storage');
  keeper.loadFails = keeper.forgetFails = undefined;
  held.resolve();
  expect(same(await token, tokens.accessToken)).toBe(true);
  expect([keeper.needed, keeper.revoked]).toEqual([[], []]);
});

test('an account that stays in the list although its tokens are gone needs a sign-in, and takes one', async () => {
  await using keeper = new Keeper();
  await keeper.began();
  await keeper.grants.signOutRemoved(keeper.account, signal);
  keeper.grants.takenBack(keeper.account.id);
  expect(keeper.needed).toEqual([[keeper.account.id, 'signed-out']]);
  const grant = aGrant(keeper.time.now());
  expect(await keeper.grants.signedIn(keeper.account.id, grant, signal)).toEqual({ saved: true });
  expect(same(await keeper.token(), grant.accessToken)).toBe(true);
});

test('nothing is remembered of an account that was removed, once its renewal is over', async () => {
  await using keeper = new Keeper();
  await keeper.began();
  const { account, authorizer, time, accounts, log } = keeper;
  const [random, nothing] = [() => 0.5, () => {}];
  const store = new GrantStore({
    authorizer,
    clock: time,
    schedule: time.schedule,
    random,
    onUnsaved: nothing,
  });
  const held = Promise.withResolvers<TokenAnswer>();
  let asked = 0;
  using renewals = new Renewals({
    store,
    refresh: () => {
      asked += 1;
      return held.promise;
    },
    accounts: () => accounts,
    signInNeeded: nothing,
    discard: async () => {},
    onChange: nothing,
    onGrantChanged: nothing,
    instance: 'this-process',
    deadBefore: 0,
    clock: time,
    pause: time.pause,
    schedule: time.schedule,
    random,
    log,
  });
  const renewed = renewals.renew(account, 'expired');
  await settled();
  accounts.length = 0;
  renewals.forget(account.id);
  expect([renewals.running.length, renewals.known(account.id) === undefined]).toEqual([1, false]);
  held.resolve(answer());
  await renewed;
  expect(renewals.known(account.id)).toBeUndefined();
  await renewals.renew(account, 'expired');
  expect([asked, renewals.known(account.id)]).toEqual([1, undefined]);
  renewals.of(account.id);
  renewals.forget(account.id);
  expect(renewals.known(account.id)).toBeUndefined();
});
