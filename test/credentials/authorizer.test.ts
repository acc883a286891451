import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Redactor } from '#bridge/base/redactor.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { credentialOf, openCredential, sameCredential, sealable } from '#bridge/credentials/credential.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import type { AccountId } from '#contract/account.ts';
import { BridgeError } from '#contract/errors.ts';
import { anAccount } from '../accounts/an-account.ts';
import { canary } from '../canary/canary.ts';
import { laterRefusal, refusal } from '../connectors/refusal.ts';

const signal = new AbortController().signal;

function started(vault = new MemoryVault()) {
  const redactor = new Redactor();
  const loads: AccountId[] = [];
  const authorizer = new Authorizer({
    load: async (id, inner) => {
      loads.push(id);
      return vault.load(id, inner);
    },
    save: (id, record, inner) => vault.save(id, record, inner),
    forget: (id, inner) => vault.forget(id, inner),
    redactor,
  });
  return { authorizer, redactor, loads, vault };
}

describe('the headers of an account', () => {
  test('a bearer key goes into Authorization', async () => {
    const { authorizer } = started();
    const [account, key] = [anAccount(), canary('allv')];
    await authorizer.store(account.id, credentialOf(key, {}), signal);
    expect(await authorizer.headers(account, signal)).toEqual({ authorization: `Bearer ${key}` });
  });

  test('HV-12 a key in a header of its own goes there alone', async () => {
    const { authorizer } = started();
    const account = anAccount({ signIn: { kind: 'key', header: 'x-api-key' } });
    const key = canary('allv');
    await authorizer.store(account.id, credentialOf(key, {}), signal);
    expect(await authorizer.headers(account, signal)).toEqual({ 'x-api-key': key });
  });

  test('HV-10 exactly one header names the member, and acting as another replaces it', async () => {
    const { authorizer } = started();
    const key = canary('allv');
    const account = anAccount({ user: { by: 'email', value: 'a@x.com' } });
    await authorizer.store(account.id, credentialOf(key, {}), signal);
    const { authorization: _, ...asMember } = await authorizer.headers(account, signal);
    const acting = anAccount({ ...account, actingAs: { by: 'id', value: 'usr_2' } });
    const { authorization: __, ...asOther } = await authorizer.headers(acting, signal);
    expect({ asMember, asOther }).toEqual({
      asMember: { 'x-allv-user-email': 'a@x.com' },
      asOther: { 'x-allv-user-id': 'usr_2' },
    });
  });

  test('open and secret headers come along', async () => {
    const { authorizer } = started();
    const [key, gate] = [canary('bearer'), canary('generic')];
    const account = anAccount({
      connector: 'custom',
      headers: { 'x-team': 'north' },
      secretHeaders: ['x-gate'],
    });
    await authorizer.store(account.id, credentialOf(key, { 'x-gate': gate }), signal);
    expect(await authorizer.headers(account, signal)).toEqual({
      authorization: `Bearer ${key}`,
      'x-gate': gate,
      'x-team': 'north',
    });
  });

  test('an account without secrets needs no vault', async () => {
    const { authorizer, loads } = started();
    const account = anAccount({ connector: 'custom', signIn: { kind: 'none' } });
    expect(await authorizer.headers(account, signal)).toEqual({});
    expect(loads).toEqual([]);
  });

  test('an account whose secret is not stored needs a sign-in', async () => {
    const { authorizer } = started();
    expect(await laterRefusal(() => authorizer.headers(anAccount(), signal), 'sign-in-needed')).toContain(
      'Acme: sign-in needed',
    );
    const account = anAccount({ secretHeaders: ['x-gate'] });
    await authorizer.store(account.id, credentialOf(canary('allv'), {}), signal);
    await laterRefusal(() => authorizer.headers(account, signal), 'sign-in-needed');
  });
});

describe('the vault', () => {
  test('is read once, however many requests start together', async () => {
    const account = anAccount();
    const key = canary('allv');
    const { vault } = started();
    await vault.save(account.id, { key, headers: {} }, signal);
    const { authorizer, loads } = started(vault);
    const all = await Promise.all(Array.from({ length: 10 }, () => authorizer.headers(account, signal)));
    expect(new Set(all.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${key}`]));
    expect(loads).toHaveLength(1);
  });

  test('that locks later does not stop an account whose key is known', async () => {
    const account = anAccount();
    let locked = false;
    const vault = new MemoryVault();
    const authorizer = new Authorizer({
      load: async (id, inner) => {
        if (locked) throw new BridgeError('vault-locked', 'The keychain is locked.');
        return vault.load(id, inner);
      },
      save: (id, record, inner) => vault.save(id, record, inner),
      forget: (id, inner) => vault.forget(id, inner),
      redactor: new Redactor(),
    });
    await vault.save(account.id, { key: canary('allv'), headers: {} }, signal);
    await authorizer.headers(account, signal);
    locked = true;
    expect(Object.keys(await authorizer.headers(account, signal))).toEqual(['authorization']);
    const other = anAccount({ id: 'acc_bbbbbbbb' });
    await laterRefusal(() => authorizer.headers(other, signal), 'vault-locked');
    locked = false;
    await laterRefusal(() => authorizer.headers(other, signal), 'sign-in-needed');
  });

  test('a waiting request ends when it is aborted', async () => {
    const { authorizer, loads } = started();
    const aborted = AbortSignal.abort();
    await expect(authorizer.headers(anAccount(), aborted)).rejects.toThrow('aborted');
    expect(loads).toEqual([]);
  });

  test('forgets on request, from memory too', async () => {
    const { authorizer, vault } = started();
    const account = anAccount();
    await authorizer.store(account.id, credentialOf(canary('allv'), {}), signal);
    await authorizer.forget(account.id, signal);
    expect(await vault.load(account.id, signal)).toBeUndefined();
    await laterRefusal(() => authorizer.headers(account, signal), 'sign-in-needed');
  });

  test('a replaced key is used by the next request', async () => {
    const { authorizer } = started();
    const account = anAccount();
    const [first, second] = [canary('allv'), canary('allv')];
    await authorizer.store(account.id, credentialOf(first, {}), signal);
    await authorizer.store(account.id, credentialOf(second, {}), signal);
    expect(await authorizer.headers(account, signal)).toEqual({ authorization: `Bearer ${second}` });
  });

  test('secrets that are only held are used and never saved', async () => {
    const { authorizer, vault } = started();
    const account = anAccount();
    {
      using _held = authorizer.hold(account.id, credentialOf(canary('allv'), {}));
      expect(Object.keys(await authorizer.headers(account, signal))).toEqual(['authorization']);
    }
    expect(await vault.load(account.id, signal)).toBeUndefined();
    await laterRefusal(() => authorizer.headers(account, signal), 'sign-in-needed');
  });

  test('RD-05 a record that is no credential is reported without its content', () => {
    const secret = canary('generic');
    const message = refusal(
      () => openCredential({ key: 7, headers: { a: secret }, [secret]: 1 }),
      'vault-damaged',
    );
    expect(message).not.toContain(secret);
  });
});

describe('redaction', () => {
  test('RD-02 every live secret is known to the redactor, replaced ones too', async () => {
    const { authorizer, redactor } = started();
    const account = anAccount({ secretHeaders: ['x-gate'] });
    const [first, second, gate] = [canary('bearer'), canary('bearer'), canary('generic')];
    await authorizer.store(account.id, credentialOf(first, { 'x-gate': gate }), signal);
    await authorizer.store(account.id, credentialOf(second, { 'x-gate': gate }), signal);
    const echo = `${first} ${second} ${gate}`;
    expect(redactor.cleanKnown(echo)).toBe('[removed] [removed] [removed]');
    expect(authorizer.withoutSecrets(account.id, echo)).toBe('[removed] [removed] [removed]');
  });

  test('RD-02 the secrets of one account are not taken out of another account’s answers', async () => {
    const { authorizer } = started();
    const [one, other] = [anAccount(), anAccount({ id: 'acc_bbbbbbbb' })];
    const [first, second] = [canary('bearer'), canary('bearer')];
    await authorizer.store(one.id, credentialOf(first, {}), signal);
    await authorizer.store(other.id, credentialOf(second, {}), signal);
    expect(authorizer.withoutSecrets(one.id, `${first} ${second}`) === `[removed] ${second}`).toBe(true);
  });

  test('RD-04 a credential prints as [secret]', () => {
    const secret = canary('allv');
    const credential = credentialOf(secret, { 'x-gate': secret });
    const printed = [inspect(credential), JSON.stringify(credential), `${credential.key}`].join();
    expect(printed).toContain('[secret]');
    expect(printed.includes(secret)).toBe(false);
  });
});

test('HV-23 two credentials are the same only when all their secrets are', () => {
  const [key, gate] = [canary('bearer'), canary('generic')];
  const one = credentialOf(key, { 'x-gate': gate });
  expect(sameCredential(one, openCredential(sealable(one)))).toBe(true);
  expect(sameCredential(one, credentialOf(key, {}))).toBe(false);
  expect(sameCredential(one, credentialOf(key, { 'x-other': gate }))).toBe(false);
  expect(sameCredential(credentialOf(undefined, {}), credentialOf(undefined, {}))).toBe(false);
});
