import { expect, test } from 'vitest';
import { broadScopes } from '#renderer/accounts/scopes.ts';
import { scopesText } from '#renderer/views/account/scopes-text.ts';
import { nameFor } from '#renderer/views/add/name-for.ts';
import { accountView } from './account-view.ts';

test('scopes are said by what they allow', () => {
  expect(scopesText('read:orders read:content write:orders openid')).toBe(
    'Read orders, content; write orders; openid',
  );
  expect(scopesText('write:*')).toBe('Write everything');
});

test('scopes that delete, manage or allow everything are pointed out', () => {
  expect(broadScopes('read:orders delete:products manage:webhooks * read:* write:*')).toEqual([
    'delete:products',
    'manage:webhooks',
    '*',
    'write:*',
  ]);
  expect(broadScopes('orders:delete read:undelete')).toEqual(['orders:delete']);
  expect(broadScopes(undefined)).toEqual([]);
});

test('a name is proposed where the workspace told who signed in', () => {
  const identity = {
    server: 'pelcro-mcp',
    subject: 'acct_1',
    summary: 'The Herald (production)',
    tools: 101,
    protocolVersion: '2025-11-25',
    checkedAt: '2026-01-01T00:00:00.000Z',
  };
  const named = (given: Parameters<typeof accountView>[0]) => nameFor(accountView(given));
  expect(named({ connector: 'pelcro', identity })).toBe('Pelcro · The Herald');
  expect(named({ connector: 'pelcro', environment: 'staging', identity })).toBe(
    'Pelcro · The Herald (staging)',
  );
  expect(named({ connector: 'custom', identity })).toBe('pelcro-mcp · The Herald');
  expect(named({ identity: { ...identity, subject: undefined } })).toBe(undefined);
  const long = named({
    connector: 'pelcro',
    environment: 'staging',
    identity: { ...identity, summary: 'x'.repeat(200) },
  });
  expect(long).toHaveLength(80);
});
