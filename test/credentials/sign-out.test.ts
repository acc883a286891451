import { afterAll, describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { Secret } from '#bridge/base/secret.ts';
import { credentialOf, sealable, withGrant } from '#bridge/credentials/credential.ts';
import type { Grant } from '#bridge/credentials/grant.ts';
import { type Bounds, OAuthHttp } from '#bridge/oauth/http.ts';
import { revokeToken } from '#bridge/oauth/revocation.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal } from '../connectors/refusal.ts';
import { type Answer, json, PATHS, startHostile } from '../oauth/hostile.ts';
import { aGrant, answer, HOUR, Keeper, same, signal, trouble } from './keeper.ts';
import { settled, Timeline } from './timeline.ts';

const expired = (time: Timeline) => ({ obtainedAt: time.now() - 2 * HOUR, expiresAt: time.now() - HOUR });

const http = new OAuthHttp();
afterAll(() => http[Symbol.asyncDispose]());

/** A keeper whose grant can be revoked at a real server. */
async function atServer(
  origin: string,
  change: Partial<Grant> = {},
  bounds: Bounds = 'loopback',
): Promise<Keeper> {
  const keeper = new Keeper();
  await keeper.began({ issuer: origin, revocationEndpoint: `${origin}${PATHS.revoke}`, ...change });
  keeper.revoke = (revocation, given) =>
    revokeToken(revocation, http.fetch(bounds, limits.revocationMs), given);
  return keeper;
}

describe('SO-01 a sign-out', () => {
  test.each<[how: string, answer: Answer, outcome: string, left: number]>([
    ['200', (_, response) => void response.writeHead(200).end(), 'done', 0],
    ['400', (_, response) => json(response, { error: 'invalid_request' }, 400), 'impossible', 0],
    ['401', (_, response) => json(response, { error: 'invalid_client' }, 401), 'impossible', 0],
    ['503', (_, response) => void response.writeHead(503, { 'retry-after': '120' }).end(), 'queued', 2],
    [
      'redirect',
      (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
      'queued',
      2,
    ],
  ])('that the server answers with %s is done here at once', async (_, reply, outcome, left) => {
    await using server = await startHostile();
    server.on(PATHS.revoke, reply);
    await using keeper = await atServer(server.origin);
    const done = await keeper.grants.signOut(keeper.account, signal);
    expect(done.revocation).toBe(outcome);
    expect(done.note === undefined).toBe(outcome === 'done');
    expect(server.asked(PATHS.revoke).map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ]);
    expect(server.asked('/elsewhere')).toHaveLength(0);
    const stored = await keeper.stored();
    expect([stored?.grant, stored?.revocations.length ?? 0]).toEqual([undefined, left]);
    expect(keeper.needed).toEqual([[keeper.account.id, 'signed-out']]);
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
  });

  test('that the server never answers is done here at once and told later', async () => {
    await using server = await startHostile();
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    server.on(PATHS.revoke, () => {
      asked.resolve();
      return answered.promise;
    });
    await using keeper = await atServer(server.origin);
    const done = keeper.grants.signOut(keeper.account, signal);
    await asked.promise;
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    expect((await keeper.stored())?.grant).toBeUndefined();
    await keeper.time.pass(5_000);
    expect((await done).revocation).toBe('queued');
    answered.resolve();
    server.cutConnections();
  });

  test.each<[why: string, change: Partial<Grant>]>([
    ['a server without a revocation endpoint', { revocationEndpoint: undefined }],
    ['a plain http address', { revocationEndpoint: 'http://auth.acme.example/revoke' }],
  ])('with %s says that the person must end it there', async (_, change) => {
    await using keeper = await atServer('https://auth.acme.example', change, 'public');
    expect(await keeper.grants.signOut(keeper.account, signal)).toEqual({
      revocation: 'impossible',
      note: 'Signed out here. auth.acme.example could not be told; end the sign-in there too, in your settings at auth.acme.example.',
    });
    expect(await keeper.stored()).toBeUndefined();
  });

  test('without a sign-in has nothing to revoke', async () => {
    await using keeper = new Keeper();
    expect(await keeper.grants.signOut(keeper.account, signal)).toEqual({ revocation: 'nothing-to-revoke' });
  });

  test('leaves the other secrets of the account', async () => {
    await using keeper = new Keeper();
    const [gate, own] = [canary('generic'), canary('generic')];
    const credential = credentialOf(undefined, { 'x-gate': gate }, own);
    const record = sealable(withGrant(credential, aGrant(keeper.time.now())));
    await keeper.vault.save(keeper.account.id, record, signal);
    await keeper.grants.signOut(keeper.account, signal);
    const stored = await keeper.stored();
    expect([same(stored?.headers.get('x-gate'), new Secret(gate)), stored?.grant]).toEqual([true, undefined]);
    expect(same(stored?.clientSecret, new Secret(own))).toBe(true);
    expect(keeper.revoked).toHaveLength(2);
  });

  const locked = new BridgeError('vault-locked', 'The keychain is locked.');

  test.each([
    ['by the same process', false],
    ['after a restart', true],
  ])('while the vault cannot be read takes the tokens out %s, once it can', async (_, isRestarted) => {
    await using keeper = new Keeper();
    const [gate, own] = [canary('generic'), canary('generic')];
    const credential = credentialOf(undefined, { 'x-gate': gate }, own);
    const record = sealable(withGrant(credential, aGrant(keeper.time.now())));
    await keeper.vault.save(keeper.account.id, record, signal);
    keeper.loadFails = locked;
    expect(await keeper.grants.signOut(keeper.account, signal)).toEqual({
      revocation: 'queued',
      note: 'Acme is signed out here. The saved sign-in cannot be read now. As soon as it can, Gangway deletes it and tells its server.',
    });
    keeper.loadFails = undefined;
    const { vault, time, accounts } = keeper;
    await using other = new Keeper({ vault, time, accounts });
    const next = isRestarted ? other : keeper;
    await laterRefusal(() => next.token(), 'sign-in-needed');
    await next.grants.resumeRevocations(await vault.list(), [next.account.id]);
    const stored = await next.stored();
    expect(same(stored?.headers.get('x-gate'), new Secret(gate))).toBe(true);
    expect(same(stored?.clientSecret, new Secret(own))).toBe(true);
    expect([stored?.grant, stored?.revocations]).toEqual([undefined, []]);
    expect(next.revoked.map(({ hint }) => hint)).toEqual(['refresh_token', 'access_token']);
  });

  test('while the vault cannot be read touches no sign-in that came after it', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    keeper.loadFails = locked;
    await keeper.grants.signOut(keeper.account, signal);
    keeper.loadFails = undefined;
    const grant = aGrant(keeper.time.now());
    const resumed = keeper.grants.resumeRevocations(await keeper.vault.list(), [keeper.account.id]);
    await keeper.grants.signedIn(keeper.account.id, grant, signal);
    await resumed;
    expect(same(await keeper.token(), grant.accessToken)).toBe(true);
  });

  test.each([
    ['of a removed account forgets what cannot be read', 'signOutRemoved', locked, 0],
    [
      'leaves what is damaged, and promises nothing',
      'signOut',
      new BridgeError('vault-damaged', 'Damaged.'),
      1,
    ],
  ] as const)('%s', async (_, how, reason, left) => {
    await using keeper = new Keeper();
    await keeper.began();
    keeper.loadFails = reason;
    expect((await keeper.grants[how](keeper.account, signal)).revocation).toBe('impossible');
    expect(await keeper.vault.list()).toHaveLength(left);
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
  });

  test('that cannot be saved counts from memory, and is saved later', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.token();
    keeper.revoke = async () => {
      throw trouble('transient');
    };
    keeper.saveFails = new BridgeError('storage', 'The disk is full.');
    await keeper.grants.signOut(keeper.account, signal);
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
    keeper.saveFails = undefined;
    await keeper.time.pass(10_000);
    const stored = await keeper.stored();
    expect([stored?.grant, stored?.revocations.length]).toEqual([undefined, 2]);
  });
});

describe('SO-02 a sign-out while the network is down', () => {
  test('is told when the network is back, and then nothing of it is left', async () => {
    await using keeper = new Keeper();
    const grant = await keeper.began();
    keeper.revoke = async () => {
      throw trouble('transient');
    };
    expect((await keeper.grants.signOut(keeper.account, signal)).revocation).toBe('queued');
    expect(keeper.grants.pendingRevocations(keeper.account.id)).toEqual(['auth.acme.example']);
    keeper.revoke = async () => {};
    await keeper.time.pass(HOUR);
    expect(keeper.grants.pendingRevocations(keeper.account.id)).toEqual([]);
    expect(same(keeper.revoked.at(-2)?.token, grant.refreshToken)).toBe(true);
    expect(keeper.revoked).toHaveLength(4);
    expect(await keeper.stored()).toBeUndefined();
    await keeper.time.pass(48 * HOUR);
    expect(keeper.revoked).toHaveLength(4);
  });

  test('names every server that has still to be told', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    keeper.revoke = async () => {
      throw trouble('transient');
    };
    await keeper.grants.signOut(keeper.account, signal);
    const elsewhere = {
      issuer: 'https://auth.beta.example',
      revocationEndpoint: 'https://auth.beta.example/r',
    };
    await keeper.grants.signedIn(keeper.account.id, aGrant(keeper.time.now(), elsewhere), signal);
    await keeper.grants.signOut(keeper.account, signal);
    expect(keeper.grants.pendingRevocations(keeper.account.id)).toEqual([
      'auth.acme.example',
      'auth.beta.example',
    ]);
  });

  test.each([
    ['of an account that is still there', true],
    ['of an account that was removed', false],
  ])('%s is told after a restart', async (_, isThere) => {
    const [vault, time] = [new MemoryVault(), new Timeline()];
    {
      await using keeper = new Keeper({ vault, time });
      await keeper.began();
      keeper.revoke = async () => {
        throw trouble('transient');
      };
      if (isThere) await keeper.grants.signOut(keeper.account, signal);
      else await keeper.grants.signOutRemoved(keeper.account, signal);
    }
    await using next = new Keeper({ vault, time });
    const { id } = next.account;
    if (!isThere) next.accounts.length = 0;
    await next.grants.resumeRevocations(await vault.list(), isThere ? [id] : []);
    expect(next.revoked.map(({ hint }) => hint)).toEqual(['refresh_token', 'access_token']);
    expect(await vault.list()).toEqual([]);
  });

  test('is given up after seven days', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    keeper.revoke = async () => {
      throw trouble('transient');
    };
    await keeper.grants.signOutRemoved(keeper.account, signal);
    await keeper.time.pass(8 * 24 * HOUR);
    const told = keeper.revoked.length;
    expect(told).toBeGreaterThan(10);
    expect(keeper.log.events.filter((event) => event === 'revocations.given-up')).toHaveLength(1);
    expect(await keeper.vault.list()).toEqual([]);
    await keeper.time.pass(2 * 24 * HOUR);
    expect(keeper.revoked).toHaveLength(told);
  });

  test('leaves records of unknown accounts that hold a sign-in: their list may be damaged', async () => {
    await using keeper = new Keeper();
    await keeper.began();
    await keeper.grants.resumeRevocations(await keeper.vault.list(), []);
    expect(keeper.revoked).toHaveLength(0);
    expect((await keeper.stored())?.grant).toBeDefined();
  });
});

describe('RF-13 what comes of a renewal for a sign-in that is over', () => {
  const renewing = async (): Promise<{
    keeper: Keeper;
    reply: (tokens: TokenAnswer) => void;
    done: Promise<unknown>;
  }> => {
    const keeper = new Keeper();
    await keeper.began(expired(keeper.time));
    const held = Promise.withResolvers<TokenAnswer>();
    keeper.replies.push(() => held.promise);
    const done = keeper.token().catch((error: unknown) => error);
    await settled();
    return { keeper, reply: held.resolve, done };
  };

  test.each(['signOut', 'signOutRemoved'] as const)('by %s is thrown away and revoked', async (how) => {
    const { keeper, reply, done } = await renewing();
    await using _ = keeper;
    await keeper.grants[how](keeper.account, signal);
    expect(keeper.revoked).toHaveLength(2);
    const tokens = answer();
    reply(tokens);
    expect(await done).toMatchObject({ code: 'sign-in-needed' });
    await settled();
    expect(same(keeper.revoked[2]?.token, tokens.refreshToken)).toBe(true);
    expect(same(keeper.revoked[3]?.token, tokens.accessToken)).toBe(true);
    expect(await keeper.stored()).toBeUndefined();
    await laterRefusal(() => keeper.token(), 'sign-in-needed');
  });

  test('because the account left the list is thrown away and revoked', async () => {
    const { keeper, reply, done } = await renewing();
    await using _ = keeper;
    keeper.accounts.length = 0;
    reply(answer());
    await done;
    await settled();
    expect(keeper.revoked).toHaveLength(2);
  });

  test('by a new sign-in does not replace it, and does not end it either', async () => {
    const { keeper, reply, done } = await renewing();
    await using _ = keeper;
    const fresh = aGrant(keeper.time.now());
    expect(await keeper.grants.signedIn(keeper.account.id, fresh, signal)).toEqual({ saved: true });
    reply(answer());
    await done;
    expect(same(await keeper.token(), fresh.accessToken)).toBe(true);
    expect((await keeper.stored())?.grant?.generation).toBe(2);
    expect(keeper.revoked).toHaveLength(0);
  });
});
