import { existsSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { expectAccessible } from './accessible.ts';
import {
  appsInEveryState,
  CURSOR_BEFORE,
  entryIn,
  readSettings,
  setUp,
  teamWithApps,
  writeSettings,
} from './client-seeds.ts';
import { aDesktop } from './desktop.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';
import type { WindowWorld } from './window-world.ts';

const CURSOR = ['.cursor', 'mcp.json'] as const;

test('an app is set up: the change is shown first, without its secret, and undone byte for byte', async () => {
  await using opened = await openWindow({ route: '/apps', seed: teamWithApps });
  const { page, world } = opened;
  await page.getByRole('button', { name: 'Set up Cursor' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'One account' }).click();
  await dialog.getByRole('combobox', { name: 'Account', exact: true }).click();
  await page.getByRole('option', { name: 'Operations' }).click();
  await dialog.getByRole('button', { name: 'Review the change' }).click();

  await dialog.getByText('gangway-operations": {').waitFor();
  const shown = await dialog.innerText();
  expect(shown).toContain('/mcp/operations');
  expect(shown).toContain('Other servers in the file: github, postgres.');
  expect(shown).toContain('A copy of the file is kept.');
  expect(readSettings(world, ...CURSOR)).toBe(CURSOR_BEFORE);
  await expectAccessible(page);

  await dialog.getByRole('button', { name: 'Write the change' }).click();
  await page.getByRole('dialog', { name: 'Cursor is set up' }).waitFor();
  await dialog
    .getByRole('list', { name: 'What happens now' })
    .getByText(/^Cursor: Written/)
    .waitFor();
  const written = readSettings(world, ...CURSOR);
  const { headers } = entryIn(written, 'gangway-operations');
  const secret = headers.Authorization?.replace('Bearer ', '') ?? '';
  expect(secret).toMatch(/^gw_/);
  expect(shown).not.toContain(secret);
  expect(written).toContain('// what I use at work');
  await expectAccessible(page);

  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('list', { name: 'What Gangway wrote into Cursor' }).getByText('Pinned to').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Cursor is as it was before').first().waitFor();
  expect(readSettings(world, ...CURSOR)).toBe(CURSOR_BEFORE);
  await page.getByRole('button', { name: 'Set up Cursor' }).waitFor();
});

test('an app that shakes hands is seen, and what was written goes by keyboard', async () => {
  await using opened = await openWindow({ route: '/apps', seed: teamWithApps });
  const { page, world } = opened;
  await setUp(world, { client: 'cursor' });
  const row = page.getByRole('list', { name: 'What Gangway wrote into Cursor' });
  await row.getByText(/^Written/).waitFor();

  const { url, headers } = entryIn(readSettings(world, ...CURSOR), 'gangway');
  const client = new Client({ name: 'Cursor', version: '3.1.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  await row.getByText(/^Sees 16 tools as /).waitFor();
  await page.getByText('1 conversation', { exact: true }).waitFor();
  await client.close();

  const remove = page.getByRole('button', { name: 'Remove gangway from Cursor' });
  await tabTo(page, remove);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Remove Gangway from Cursor' });
  await dialog.getByRole('button', { name: 'Remove it' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await hasFocus(remove)).toBe(true);

  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'Remove it' }));
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => hasFocus(page.getByRole('link', { name: 'Cursor', exact: true }))).toBe(true);
  expect(readSettings(world, ...CURSOR)).toBe(CURSOR_BEFORE);
});

test('an entry that somebody changed is repaired or left, as the person decides', async () => {
  await using opened = await openWindow({ route: '/apps', seed: appsInEveryState });
  const { page, world, control } = opened;
  await expectAccessible(page);
  const cursor = page.getByRole('list', { name: 'What Gangway wrote into Cursor' });
  await cursor.getByText(/^Somebody changed the entry gangway-the-herald/).waitFor();
  await page.getByRole('button', { name: 'Repair gangway-the-herald in Cursor' }).click();
  const dialog = page.getByRole('dialog', { name: 'Repair Cursor' });
  await dialog.getByRole('button', { name: 'Write the change' }).click();
  await dialog.waitFor({ state: 'detached' });
  await cursor.getByText(/^Somebody changed the entry gangway-the-herald/).waitFor({ state: 'detached' });
  const { headers } = entryIn(readSettings(world, ...CURSOR), 'gangway-the-herald');
  expect(headers.Authorization).toMatch(/^Bearer gw_/);
  // What was there came from somebody else, so there is no way back to it but its copy.
  await page.getByText('Cursor is repaired').first().waitFor();
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);

  // Removed by its person, who wants it so.
  await page.getByRole('button', { name: 'Leave gangway in Codex as it is' }).click();
  await page.getByText('Codex stays as it is').waitFor();
  await page.getByRole('button', { name: 'Set up Codex' }).waitFor();
  expect(await hasFocus(page.getByRole('link', { name: 'Codex', exact: true }))).toBe(true);
  const codex = (await control.clients.list()).find(({ id }) => id === 'codex');
  expect(codex?.connections).toEqual([]);
});

test('a file that changed under the review is shown anew before anything is written', async () => {
  await using opened = await openWindow({ route: '/apps', seed: teamWithApps });
  const { page, world } = opened;
  await page.getByRole('button', { name: 'Set up Cursor' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Review the change' }).click();
  await dialog.getByText(/Other servers in the file: github, postgres\./).waitFor();
  const edited = CURSOR_BEFORE.replace('"github"', '"files": { "command": "fs-mcp" },\n    "github"');
  writeSettings(world, CURSOR, edited);
  await dialog.getByRole('button', { name: 'Write the change' }).click();
  await dialog.getByText('Nothing was written. This is what would change now.').waitFor();
  await dialog.getByText(/Other servers in the file: files, github, postgres\./).waitFor();
  expect(readSettings(world, ...CURSOR)).toBe(edited);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Write the change' }).click();
  await page.getByRole('dialog', { name: 'Cursor is set up' }).waitFor();
});

test('a file that cannot be changed safely stays as it is: the reason, and the way by hand', async () => {
  const seed = async (world: WindowWorld): Promise<void> => {
    await teamWithApps(world);
    writeSettings(world, CURSOR, '{ "mcpServers": { "half');
  };
  await using opened = await openWindow({ route: '/apps', seed });
  const { page, world } = opened;
  await page.getByRole('button', { name: 'Set up Cursor' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Review the change' }).click();
  await dialog.getByText('This could not be prepared').waitFor();
  await expectAccessible(page);
  expect(await dialog.getByRole('button', { name: 'Write the change' }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Do it by hand' }).click();
  await page.getByRole('dialog', { name: 'Connect Cursor by hand' }).waitFor();
  expect(await dialog.getByLabel('Name of the app').inputValue()).toBe('Cursor');
  expect(readSettings(world, ...CURSOR)).toBe('{ "mcpServers": { "half');

  // Mended, it can be tried again.
  writeSettings(world, CURSOR, CURSOR_BEFORE);
  await dialog.getByRole('button', { name: 'Back' }).click();
  await dialog.getByRole('button', { name: 'Review the change' }).click();
  await dialog.getByRole('button', { name: 'Write the change' }).waitFor();
});

test('a file that became unreadable is looked at again, and the focus stays where its app is', async () => {
  const seed = async (world: WindowWorld): Promise<void> => {
    await teamWithApps(world);
    await setUp(world, { client: 'cursor' });
  };
  await using opened = await openWindow({ route: '/apps', seed });
  const { page, world, control } = opened;
  const written = readSettings(world, ...CURSOR);
  writeSettings(world, CURSOR, '{ "half');
  await control.clients.list();
  const again = page.getByRole('button', { name: 'Look again' });
  await again.waitFor();
  expect(await page.getByRole('button', { name: 'Remove gangway from Cursor' }).count()).toBe(0);
  await expectAccessible(page);
  writeSettings(world, CURSOR, written);
  await again.click();
  await page.getByRole('button', { name: 'Remove gangway from Cursor' }).waitFor();
  expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
});

test('an entry whose account was removed has one thing to do: it goes', async () => {
  await using opened = await openWindow({ route: '/apps/zed', seed: appsInEveryState });
  const { page } = opened;
  const entry = page.getByRole('article', { name: 'gangway-shop' });
  expect(await entry.getByRole('button').count()).toBe(1);
  await entry.getByRole('button', { name: 'Remove gangway-shop from Zed' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
  await entry.waitFor({ state: 'detached' });
  await expect.poll(() => hasFocus(page.getByRole('heading', { level: 1 }))).toBe(true);
  // There is nothing that it could be connected to again.
  await page.getByText('Gangway was removed from Zed').first().waitFor();
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
});

test('apps that are not here wait behind a line, and those without a settings file say where to enter it', async () => {
  await using opened = await openWindow({ route: '/apps', seed: teamWithApps });
  const { page } = opened;
  expect(await page.getByRole('button', { name: 'Set up Kiro anyway' }).isVisible()).toBe(false);
  await page.getByText(/apps that Gangway knows, but did not find here/).click();
  await page.getByRole('button', { name: 'Set up Kiro anyway' }).waitFor();
  await page.getByRole('button', { name: 'Show how to connect JetBrains' }).click();
  const dialog = page.getByRole('dialog', { name: /^Connect JetBrains.* by hand$/ });
  await dialog.getByText(/Settings > Tools > AI Assistant/).waitFor();
  await dialog.getByText('"gangway"').waitFor();
  await expectAccessible(page);
});

test('the page of an app shows what was written, and puts a copy of its settings back', async () => {
  await using opened = await openWindow({ route: '/apps/cursor', seed: teamWithApps });
  const { page, world } = opened;
  await page.getByText('Nothing. Set it up to connect it.').waitFor();
  await setUp(world, { client: 'cursor' });
  const entry = page.getByRole('article', { name: 'gangway', exact: true });
  await entry.getByText('Not yet').waitFor();
  await page.getByRole('row', { name: /162 bytes/ }).waitFor();
  await expectAccessible(page);

  const mine = readSettings(world, ...CURSOR).replace('"github"', '"gitlab"');
  writeSettings(world, CURSOR, mine);
  await page.getByRole('button', { name: 'Put the file back as it was' }).click();
  const asked = page.getByRole('alertdialog');
  await asked.getByRole('button', { name: 'Put back' }).click();
  // Somebody else changed it since: only a copy that is named goes over that.
  await asked.getByRole('alert').waitFor();
  expect(readSettings(world, ...CURSOR)).toBe(mine);
  await asked.getByRole('button', { name: 'Cancel' }).click();

  await page
    .getByRole('button', { name: /^Put back the copy from/ })
    .last()
    .click();
  await asked.getByRole('button', { name: 'Put back' }).click();
  await page.getByText('The settings of Cursor were put back').waitFor();
  expect(readSettings(world, ...CURSOR)).toBe(CURSOR_BEFORE);
  await expect.poll(() => page.getByRole('button', { name: /^Put back the copy from/ }).count()).toBe(2);
  expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
});

test('an app by hand has a page with what to copy; one that Gangway does not know has none', async () => {
  await using opened = await openWindow({ route: '/apps/netscape', seed: teamWithApps });
  const { page, go } = opened;
  await page.getByRole('heading', { name: 'No such app' }).waitFor();
  await go('/apps/jetbrains');
  await page.getByText(/Settings > Tools > AI Assistant/).waitFor();
  await page.getByText('"gangway"').waitFor();
  expect(await page.getByLabel('Name of the app').inputValue()).toMatch(/^JetBrains/);
});

test('the page of an account lists the apps that are set up for it', async () => {
  const seed = async (world: WindowWorld): Promise<void> => {
    await teamWithApps(world);
    await setUp(world, { client: 'cursor' });
    await setUp(world, { client: 'zed', address: 'the-herald' });
  };
  await using opened = await openWindow({ route: '/accounts', seed });
  const { page } = opened;
  await page.getByRole('link', { name: 'Acme' }).click();
  await page.getByRole('tab', { name: 'Apps' }).click();
  await page.getByRole('link', { name: 'Cursor' }).waitFor();
  expect(await page.getByRole('link', { name: 'Zed' }).count()).toBe(0);
  await expectAccessible(page);
});

test('Claude Desktop gets an extension: the desktop app opens it, a browser says where it is', async () => {
  const claude = async (world: WindowWorld): Promise<void> => {
    await team(world);
    const folder = ['Library', 'Application Support', 'Claude'];
    writeSettings(world, [...folder, 'claude_desktop_config.json'], '{}');
    await world.control.clients.list();
  };
  const desktop = aDesktop({ platform: 'darwin' });
  const options = { route: '/apps', platform: 'darwin', isInstalled: true, seed: claude } as const;
  await using app = await openWindow({ ...options, desktop });
  await app.page.getByText('macOS may ask you once per app.').waitFor();
  await app.page.getByRole('button', { name: 'Set up Claude Desktop' }).click();
  await app.page.getByRole('radio', { name: 'As an extension' }).waitFor();
  await expectAccessible(app.page);
  await app.page.getByRole('button', { name: 'Install in Claude' }).click();
  await app.page.getByText(/^Claude opens and asks whether to install it/).waitFor();
  expect(desktop.calls).toContainEqual(['openBundle', { address: 'current' }]);

  await using panel = await openWindow(options);
  const { page, world } = panel;
  await page.getByRole('button', { name: 'Set up Claude Desktop' }).click();
  await page.getByRole('button', { name: 'Install in Claude' }).click();
  const path = await page.getByRole('textbox', { name: 'Extension file' }).inputValue();
  expect(path).toContain(world.paths.bundles);
  expect(existsSync(path)).toBe(true);
});
