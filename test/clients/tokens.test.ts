import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { Redactor } from '#bridge/base/redactor.ts';
import { ClientTokens, type MintedToken } from '#bridge/clients/tokens.ts';
import { adoptSecret, canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { laterRefusal } from '../connectors/refusal.ts';

async function opened(home: { path: string }, now = new Date('2026-11-21T10:00:00Z')) {
  const redactor = new Redactor();
  const tokens = await ClientTokens.open({
    path: join(home.path, 'clients.json'),
    log: silentLog,
    now: () => now,
    learn: (secret) => {
      adoptSecret('local', secret);
      redactor.learn(secret);
    },
  });
  return { tokens, redactor };
}

test('a token is 256 random bits and is recognised with its label and address', async () => {
  await using home = await temporaryHome();
  const { tokens } = await opened(home);
  const minted = await tokens.mint('Cursor', 'current');
  expect(/^gw_[A-Za-z0-9_-]{43}$/.test(minted.token)).toBe(true);
  expect(tokens.recognise(minted.token)).toEqual({ id: minted.id, label: 'Cursor', address: 'current' });
});

test('RD-01 only its hash is stored, readable by the owner only, and the token is kept out of logs', async () => {
  await using home = await temporaryHome();
  const { tokens, redactor } = await opened(home);
  const { token } = await tokens.mint('Cursor', 'current');
  const text = await readFile(join(home.path, 'clients.json'), 'utf8');
  expect(text.includes(token.slice(3))).toBe(false);
  expect(text).toMatch(/"sha256": "[0-9a-f]{64}"/);
  expect((await stat(join(home.path, 'clients.json'))).mode & 0o777).toBe(0o600);
  expect(redactor.cleanKnown(`Bearer ${token}`)).toBe('Bearer [removed]');
  expect(new Redactor().clean(`token ${token}.`)).toBe('token [removed].');
});

test('tokens are known after a restart', async () => {
  await using home = await temporaryHome();
  const first = await opened(home);
  const minted = await first.tokens.mint('Cursor', 'acme-billing');
  const { tokens } = await opened(home);
  expect(tokens.recognise(minted.token)).toMatchObject({ address: 'acme-billing' });
  expect(tokens.list()).toEqual([
    {
      id: minted.id,
      label: 'Cursor',
      address: 'acme-billing',
      createdAt: '2026-11-21T10:00:00.000Z',
      lastUsedAt: '2026-11-21T10:00:00.000Z',
    },
  ]);
});

describe('LH-01 any other text is nobody', () => {
  const variants: [string, (minted: MintedToken) => string][] = [
    ['nothing', () => ''],
    ['one character less', ({ token }) => token.slice(0, -1)],
    ['one character more', ({ token }) => `${token}x`],
    ['another case', ({ token }) => token.toUpperCase()],
    ['a blank behind it', ({ token }) => `${token} `],
    ['the id', ({ id }) => id],
    ['a token of another bridge', () => canary('local')],
    ['a megabyte', () => 'x'.repeat(1024 * 1024)],
  ];
  test.each(variants)('%s', async (_, variant) => {
    await using home = await temporaryHome();
    const { tokens } = await opened(home);
    expect(tokens.recognise(variant(await tokens.mint('Cursor', 'current')))).toBeUndefined();
  });

  test('the hash itself', async () => {
    await using home = await temporaryHome();
    const { tokens } = await opened(home);
    await tokens.mint('Cursor', 'current');
    const text = await readFile(join(home.path, 'clients.json'), 'utf8');
    expect(tokens.recognise(/[0-9a-f]{64}/.exec(text)?.[0] ?? '')).toBeUndefined();
  });

  test('a revoked token', async () => {
    await using home = await temporaryHome();
    const { tokens } = await opened(home);
    const [one, other] = [await tokens.mint('Cursor', 'current'), await tokens.mint('Cursor', 'current')];
    expect([await tokens.revoke(one.id), await tokens.revoke(one.id)]).toEqual([true, false]);
    expect(tokens.recognise(one.token)).toBeUndefined();
    expect(tokens.recognise(other.token)).toMatchObject({ id: other.id });
  });
});

test('a connection that was let in stays so for its own token only, and only as long as that is valid', async () => {
  await using home = await temporaryHome();
  const { tokens } = await opened(home);
  const connection = {};
  const [one, other] = [await tokens.mint('Cursor', 'current'), await tokens.mint('Codex', 'pelcro')];
  const idOf = (token: string): string | undefined => tokens.recognise(token, connection)?.id;
  expect([one, one, other, other, one].map(({ token }) => idOf(token))).toEqual(
    [one, one, other, other, one].map(({ id }) => id),
  );
  expect([canary('local'), '', `${one.token}x`].map(idOf)).toEqual([undefined, undefined, undefined]);
  await tokens.revoke(one.id);
  expect([one, other].map(({ token }) => idOf(token))).toEqual([undefined, other.id]);
  const renewed = await tokens.rotateAll();
  expect([idOf(other.token), ...renewed.map(({ token }) => idOf(token))]).toEqual([undefined, other.id]);
});

test('LH-30 renewing all tokens ends every old one and keeps ids and addresses', async () => {
  await using home = await temporaryHome();
  const { tokens } = await opened(home);
  const old = [await tokens.mint('Cursor', 'current'), await tokens.mint('Codex', 'pelcro')];
  const renewed = await tokens.rotateAll();
  expect(old.map(({ token }) => tokens.recognise(token))).toEqual([undefined, undefined]);
  expect(renewed.map(({ token }) => tokens.recognise(token))).toEqual(
    old.map(({ id, label, address }) => ({ id, label, address })),
  );
});

test('the time of last use is known at once and saved at the end', async () => {
  await using home = await temporaryHome();
  const { id, token } = await (await opened(home)).tokens.mint('Cursor', 'current');
  const later = new Date('2026-11-22T08:00:00Z');
  {
    const { tokens } = await opened(home, later);
    await using _tokens = tokens;
    expect(tokens.list()[0]?.lastUsedAt).toBeNull();
    tokens.recognise(token);
    expect(tokens.list()[0]?.lastUsedAt).toBe(later.toISOString());
    expect(await readFile(join(home.path, 'clients.json'), 'utf8')).not.toContain('2026-11-22');
  }
  expect((await opened(home)).tokens.list()).toMatchObject([{ id, lastUsedAt: later.toISOString() }]);
});

test('changes are announced with the list and without hashes', async () => {
  await using home = await temporaryHome();
  const { tokens } = await opened(home);
  const seen: (readonly object[])[] = [];
  using _subscription = tokens.changed.on((clients) => seen.push(clients));
  const { id } = await tokens.mint('Cursor', 'current');
  await tokens.revoke(id);
  await tokens.revoke(id);
  expect(seen.map((clients) => clients.map((client) => Object.keys(client).toSorted()))).toEqual([
    [['address', 'createdAt', 'id', 'label', 'lastUsedAt']],
    [],
  ]);
});

test('HV-22 a label is cleaned, and an empty one or an impossible address is refused', async () => {
  await using home = await temporaryHome();
  const { tokens } = await opened(home);
  expect((await tokens.mint(' Cur\u202esor\n', 'current')).label).toBe('Cursor');
  await laterRefusal(() => tokens.mint('\n', 'current'));
  for (const address of ['', '../x', 'A', 'a/b']) await laterRefusal(() => tokens.mint('Cursor', address));
});

test('FS-01 a damaged list is set aside, and its tokens are no longer valid', async () => {
  await using home = await temporaryHome();
  const { token } = await (await opened(home)).tokens.mint('Cursor', 'current');
  const path = join(home.path, 'clients.json');
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, -20));
  const { tokens } = await opened(home);
  expect(tokens.setAside).toContain('.corrupt-');
  expect(tokens.recognise(token)).toBeUndefined();
});
