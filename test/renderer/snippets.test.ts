import { expect, test } from 'vitest';
import { entryName, httpSnippet, stdioSnippet } from '#renderer/connect/snippets.ts';
import { canary } from '../canary/canary.ts';

test('the entry for a command is JSON that apps read', () => {
  const command = { command: '/opt/gangway', args: ['stdio', 'acme'] };
  expect(JSON.parse(stdioSnippet('gangway-acme', command))).toEqual({
    mcpServers: { 'gangway-acme': command },
  });
});

test('the entry for an address carries the token only where it is copied, not where it is shown', () => {
  const token = canary('local');
  const endpoint = { url: 'http://127.0.0.1:4777/mcp', headers: { Authorization: `Bearer ${token}` } };
  expect(httpSnippet('gangway', endpoint)).toContain(token);
  const shown = httpSnippet('gangway', endpoint, '••••');
  expect(shown).not.toContain(token);
  expect(JSON.parse(shown).mcpServers.gangway).toEqual({
    type: 'http',
    url: endpoint.url,
    headers: { Authorization: 'Bearer ••••' },
  });
});

test('the entry is named after what the address leads to', () => {
  expect([entryName('current'), entryName('pelcro')]).toEqual(['gangway', 'gangway-pelcro']);
});
