import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { entryIn, readSettings, teamWithApps, writeSettings } from './client-seeds.ts';
import { openWindow } from './open-window.ts';

/** What a person copies out of the window into the settings of an app. */
interface Snippet {
  readonly mcpServers: Readonly<Record<string, { readonly command: string; readonly args: string[] }>>;
}

test('from the first window to the first tool call of an app that is connected by hand', async () => {
  await using opened = await openWindow();
  const { page, world } = opened;
  const { acme, keys } = await world.workspaces();
  await page.getByRole('heading', { name: 'Welcome to Gangway' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Set up' }).click();

  await page.getByRole('button', { name: /^Allegro/ }).click();
  await page.getByLabel('Tenant address').fill(acme.url);
  await page.getByLabel('Personal access token').fill(keys.acmeMember);
  await page.getByRole('button', { name: 'Check and add' }).click();
  await page.getByRole('heading', { name: /was added/ }).waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('heading', { name: 'Connect your apps' }).waitFor();
  await expectAccessible(page);
  const copied = await page.getByRole('textbox', { name: /start a command/ }).inputValue();
  const { mcpServers }: Snippet = JSON.parse(copied);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Waiting for the first app to connect').waitFor();

  await using app = await connected(mcpServers.gangway);
  const check = page.getByRole('list', { name: 'See it work' });
  await check.getByText(/^an-app.* is connected, sees 16 tools/).waitFor();
  await expectAccessible(page);
  await app.client.callTool({ name: 'list-products', arguments: {} });
  await page.getByText('The first call went through').waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByText('Ready, 16 tools').waitFor();
});

test('apps that were found are connected after one look at every change, and seen when they come', async () => {
  await using opened = await openWindow({ route: '/setup/apps', seed: teamWithApps });
  const { page, world } = opened;
  const apps = page.getByRole('list', { name: 'AI apps on this computer' });
  await apps.getByRole('switch').first().waitFor();
  expect(await page.getByRole('button', { name: 'Review changes' }).isDisabled()).toBe(true);
  await page.getByRole('switch', { name: 'Connect Cursor' }).click();
  await page.getByRole('switch', { name: 'Connect Codex' }).click();
  await page.getByRole('switch', { name: 'Connect Zed' }).click();
  await expectAccessible(page);
  // Whatever is not right with one of them keeps no other one back.
  writeSettings(world, ['.config', 'zed', 'settings.json'], '{ "half');
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('button', { name: 'Write 2 changes' }).waitFor();
  await page.getByText('mcp_servers.gangway').waitFor();
  expect(readSettings(world, '.codex', 'config.toml')).not.toContain('gangway');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Write 2 changes' }).click();
  await page.getByText('Cursor is set up').waitFor();
  await page.getByText('Codex is set up').waitFor();
  expect(readSettings(world, '.codex', 'config.toml')).toContain('[mcp_servers.gangway]');
  await page.getByRole('button', { name: 'Continue' }).click();

  const check = page.getByRole('list', { name: 'See it work' });
  await check.getByText(/^Codex: Written/).waitFor();
  await check.getByText(/^Cursor: Written/).waitFor();
  const { url, headers } = entryIn(readSettings(world, '.cursor', 'mcp.json'), 'gangway');
  const cursor = new Client({ name: 'Cursor', version: '3.1.0' });
  await cursor.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  await check.getByText(/^Cursor: Sees 16 tools as /).waitFor();
  await expectAccessible(page);
  await cursor.close();
});

/** A real client that is configured with exactly what the window showed. */
async function connected(entry: Snippet['mcpServers'][string] | undefined) {
  if (!entry) throw new Error('The snippet has no entry named gangway.');
  const client = new Client({ name: 'an-app', version: '1.0.0' });
  await client.connect(new StdioClientTransport(entry));
  expect((await client.listTools()).tools).toHaveLength(16);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}
