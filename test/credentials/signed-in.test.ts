import { describe, expect, test } from 'vitest';
import { Secret } from '#bridge/base/secret.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { aClient, aGrant, HOUR, Keeper, MINUTE, same, sealed, signal, trouble } from './keeper.ts';
import { settled, type Timeline } from './timeline.ts';

const expired = (time: Timeline) => ({ obtainedAt: time.now() - 2 * HOUR, expiresAt: time.now() - HOUR });

describe('a sign-in', () => {
  test('makes an account ready whatever happened before', async () => {
    await using keeper = new Keeper();
    await keeper.began(expired(keeper.time));
    keeper.replies.push(trouble('grant-lost'));
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    const stored: string[] = [];
    using _on = keeper.authorizer.stored.on((id) => stored.push(id));
    const grant = aGrant(keeper.time.now());
    await keeper.grants.signedIn(keeper.account.id, grant, signal);
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    expect(stored).toEqual([keeper.account.id]);
    expect(keeper.standing).toEqual({ state: 'ready', text: '' });
  });

  test('RF-05 that cannot be saved works from memory and is saved later', async () => {
    await using keeper = new Keeper();
    keeper.saveFails = new BridgeError('storage', 'The disk is full.');
    const grant = aGrant(keeper.time.now());
    expect(await keeper.grants.signedIn(keeper.account.id, grant, signal)).toEqual({ saved: false });
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
    expect(keeper.standing.state).toBe('unsaved');
    keeper.saveFails = undefined;
    await keeper.time.pass(10_000);
    expect(same((await keeper.stored())?.grant?.accessToken, grant.accessToken)).toBe(true);
  });

  test('RF-06 while the keychain cannot be read loses no other secret of the account', async () => {
    await using keeper = new Keeper();
    const gate = canary('generic');
    await keeper.vault.save(keeper.account.id, { headers: { 'x-gate': gate } }, signal);
    keeper.loadFails = new BridgeError('vault-locked', 'The keychain is locked.');
    const grant = aGrant(keeper.time.now());
    expect(await keeper.grants.signedIn(keeper.account.id, grant, signal)).toEqual({ saved: false });
    keeper.loadFails = undefined;
    await keeper.time.pass(10_000);
    const stored = await keeper.stored();
    expect(same(stored?.headers.get('x-gate'), new Secret(gate))).toBe(true);
    expect(same(stored?.grant?.accessToken, grant.accessToken)).toBe(true);
  });

  test('RF-06 while the keychain cannot be read is renewed without losing anything else', async () => {
    await using keeper = new Keeper();
    const gate = canary('generic');
    const record = { ...sealed(aGrant(keeper.time.now(), { generation: 7 })), headers: { 'x-gate': gate } };
    await keeper.vault.save(keeper.account.id, record, signal);
    keeper.loadFails = new BridgeError('vault-locked', 'The keychain is locked.');
    const grant = aGrant(keeper.time.now());
    await keeper.grants.signedIn(keeper.account.id, grant, signal);
    keeper.loadFails = undefined;
    // Before saving is tried again.
    expect(await keeper.grants.refused(keeper.account, grant.accessToken, signal)).toBe(true);
    expect(same(keeper.asked[0]?.refreshToken, grant.refreshToken)).toBe(true);
    const stored = await keeper.stored();
    expect(same(stored?.headers.get('x-gate'), new Secret(gate))).toBe(true);
    expect(same(stored?.grant?.accessToken, await keeper.token())).toBe(true);
  });

  test('RF-06 while the keychain cannot be read, and then not written, is saved whole when it can', async () => {
    await using keeper = new Keeper();
    const gate = canary('generic');
    await keeper.vault.save(keeper.account.id, { headers: { 'x-gate': gate } }, signal);
    keeper.loadFails = keeper.saveFails = new BridgeError('vault-locked', 'The keychain is locked.');
    const now = keeper.time.now();
    const due = aGrant(now, { obtainedAt: now - 57 * MINUTE, expiresAt: now + 3 * MINUTE });
    await keeper.grants.signedIn(keeper.account.id, due, signal);
    keeper.loadFails = undefined;
    // A renewal ahead of need reads the rest, and cannot be noted.
    expect(same(await keeper.token(), due.accessToken)).toBe(true);
    await settled();
    expect(keeper.asked).toHaveLength(0);
    keeper.saveFails = undefined;
    await keeper.time.pass(2_000);
    const stored = await keeper.stored();
    expect(same(stored?.headers.get('x-gate'), new Secret(gate))).toBe(true);
    expect(stored?.grant).toBeDefined();
  });

  test.each([
    ['another client', { client: { ...aClient, id: 'client-2' } }, 2],
    ['the same client', {}, 0],
  ])('by %s ends the earlier one where that cannot end the new one', async (_, change, revoked) => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.grants.signedIn(keeper.account.id, aGrant(keeper.time.now(), change), signal);
    await settled();
    expect(keeper.revoked).toHaveLength(revoked);
    expect((await keeper.stored())?.revocations).toEqual([]);
  });

  test('to an account that was removed meanwhile is revoked and not stored', async () => {
    await using keeper = new Keeper();
    await keeper.grants.signOutRemoved(keeper.account, signal);
    const grant = aGrant(keeper.time.now());
    await laterRefusal(() => keeper.grants.signedIn(keeper.account.id, grant, signal), 'account-unknown');
    expect(keeper.revoked).toHaveLength(2);
    expect(await keeper.vault.list()).toEqual([]);
  });
});
