import { describe, expect, test } from 'vitest';
import { laterRefusal } from '../connectors/refusal.ts';
import { HOUR, Keeper, same, sealed, signal, trouble } from './keeper.ts';

describe('KC-15: an older copy of the vault, put back while Gangway was not running', () => {
  test('asks for a sign-in where its refresh token was replaced since, once, and keeps the record', async () => {
    await using keeper = new Keeper();
    const old = await keeper.began({ obtainedAt: 0, expiresAt: keeper.time.now() - HOUR });
    // Servers that rotate refresh tokens know the old one no more.
    keeper.replies.push(trouble('grant-lost'));
    const refusal = await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(refusal).toContain('ign in');
    expect(keeper.needed).toEqual([[keeper.account.id, 'ended']]);
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect(keeper.asked).toHaveLength(1);
    expect(same((await keeper.stored())?.grant?.refreshToken, old.refreshToken)).toBe(true);
  });

  test('goes on with it where the server still takes it', async () => {
    await using keeper = new Keeper();
    await keeper.began({ obtainedAt: 0, expiresAt: keeper.time.now() - HOUR });
    await keeper.token();
    expect(keeper.asked).toHaveLength(1);
    expect(keeper.needed).toEqual([]);
  });

  test('put back while it runs does not take the tokens away that are in use', async () => {
    await using keeper = new Keeper();
    const old = await keeper.began({ obtainedAt: 0, expiresAt: keeper.time.now() - HOUR });
    const fresh = await keeper.token();
    await keeper.vault.save(keeper.account.id, sealed(old), signal);
    expect(same(await keeper.token(), fresh)).toBe(true);
    expect(keeper.needed).toEqual([]);
  });
});
