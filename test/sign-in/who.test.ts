import { describe, expect, test } from 'vitest';
import { type Found, judgeWho } from '#bridge/sign-in/who.ts';
import { anAccount } from '../accounts/an-account.ts';

const identity = (subject: string | undefined, summary = 'Acme (production)') => ({
  server: 'pelcro',
  summary,
  ...(subject === undefined ? {} : { subject }),
  tools: 3,
  protocolVersion: '2025-11-25',
  checkedAt: '2026-11-21T10:00:00.000Z',
});
const account = (change: Parameters<typeof anAccount>[0] = {}) =>
  anAccount({ connector: 'pelcro', signIn: { kind: 'oauth', legacy: false }, ...change });
const ISSUER = 'https://as.example';
const grant = (subject: string | undefined, issuer = ISSUER) => ({
  issuer,
  ...(subject === undefined ? {} : { subject }),
  renewable: true,
  signedInAt: '2026-11-21T10:00:00.000Z',
});
/** Somebody whom the workspace names, and the tokens too where `claimed` is given. */
const found = (subject: string | undefined, claimed?: string): Found => ({
  identity: identity(subject),
  subject: claimed,
  issuer: ISSUER,
  summary: 'Acme (production)',
});

describe('who signed in', () => {
  test('a first sign-in fits whoever it is', () => {
    expect(judgeWho(account(), found('acct_1'), [])).toEqual({ kind: 'fits' });
    expect(judgeWho(account(), found(undefined), [])).toEqual({ kind: 'fits' });
  });

  test('the same identity fits again', () => {
    expect(judgeWho(account({ identity: identity('acct_1') }), found('acct_1'), [])).toEqual({
      kind: 'fits',
    });
  });

  test('another identity than the account has does not fit, whether or not another account has it', () => {
    const mine = account({ identity: identity('acct_1') });
    const other = account({ id: 'acc_bbbbbbbb', slug: 'beta', identity: identity('acct_2') });
    for (const accounts of [[mine], [mine, other]]) {
      expect(judgeWho(mine, found('acct_2'), accounts)).toEqual({
        kind: 'somebody-else',
        expected: 'Acme (production)',
      });
    }
  });

  test('an identity that cannot be seen does not fit an account whose identity is known', () => {
    const mine = account({ identity: identity('acct_1') });
    expect(judgeWho(mine, found(undefined), [mine])).toMatchObject({ kind: 'unknown' });
  });

  test('an identity that another account at the same address has is asked about', () => {
    const mine = account();
    const other = account({ id: 'acc_bbbbbbbb', slug: 'beta', label: 'Beta', identity: identity('acct_1') });
    expect(judgeWho(mine, found('acct_1'), [mine, other])).toEqual({ kind: 'twice', other });
  });

  test('the word of the workspace decides where it once gave one: one person may be granted several accounts', () => {
    const mine = account({ identity: identity('acct_1'), grant: grant('ann') });
    expect(judgeWho(mine, found('acct_2', 'ann'), [mine])).toMatchObject({ kind: 'somebody-else' });
    expect(judgeWho(mine, found(undefined, 'ann'), [mine])).toMatchObject({ kind: 'unknown' });
    expect(judgeWho(mine, found('acct_1', 'bob'), [mine])).toEqual({ kind: 'fits' });
  });

  test('without it the tokens do, also when the workspace begins to name accounts later', () => {
    const mine = account({ identity: identity(undefined), grant: grant('ann') });
    expect(judgeWho(mine, found(undefined, 'ann'), [mine])).toEqual({ kind: 'fits' });
    expect(judgeWho(mine, found('acct_1', 'ann'), [mine])).toEqual({ kind: 'fits' });
    expect(judgeWho(mine, found(undefined, 'bob'), [mine])).toMatchObject({ kind: 'somebody-else' });
    expect(judgeWho(mine, found(undefined), [mine])).toMatchObject({ kind: 'unknown' });
  });

  test('the same subject of tokens is the same identity only at the same issuer', () => {
    const mine = account();
    const other = (issuer: string) =>
      account({
        id: 'acc_bbbbbbbb',
        slug: 'beta',
        identity: identity(undefined),
        grant: grant('ann', issuer),
      });
    expect(judgeWho(mine, found(undefined, 'ann'), [mine, other(ISSUER)])).toMatchObject({ kind: 'twice' });
    expect(judgeWho(mine, found(undefined, 'ann'), [mine, other('https://other.example')])).toEqual({
      kind: 'fits',
    });
  });

  test('an account that the workspace named is not taken for another one of the same person', () => {
    const mine = account();
    const other = account({
      id: 'acc_bbbbbbbb',
      slug: 'beta',
      identity: identity('acct_1'),
      grant: grant('ann'),
    });
    expect(judgeWho(mine, found(undefined, 'ann'), [mine, other])).toEqual({ kind: 'fits' });
  });

  test('the same subject at another address is another identity', () => {
    const mine = account();
    const staging = account({
      id: 'acc_bbbbbbbb',
      slug: 'beta',
      upstream: { kind: 'http', url: 'https://mcp-staging.example/' },
      identity: identity('acct_1'),
    });
    expect(judgeWho(mine, found('acct_1'), [mine, staging])).toEqual({ kind: 'fits' });
  });
});
