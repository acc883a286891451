import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import { openWindow } from './open-window.ts';

/** What a person copies out of the window into the settings of an app. */
interface Snippet {
  readonly mcpServers: Readonly<Record<string, { readonly command: string; readonly args: string[] }>>;
}

test('from the first window to the first tool call of an app', async () => {
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

/** A real client that is configured with exactly what the window showed. */
async function connected(entry: Snippet['mcpServers'][string] | undefined) {
  if (!entry) throw new Error('The snippet has no entry named gangway.');
  const client = new Client({ name: 'an-app', version: '1.0.0' });
  await client.connect(new StdioClientTransport(entry));
  expect((await client.listTools()).tools).toHaveLength(16);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}
