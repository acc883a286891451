import { describe, expect, test, vi } from 'vitest';
import { BridgeError } from '#contract/errors.ts';
import { portOf, proxyTrouble } from '#renderer/views/settings/addresses.ts';
import { aDesktop } from './desktop.ts';
import { hasFocus, tabTo } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { team } from './seeds.ts';

describe('settings, by keyboard alone', () => {
  test('arrows go through the parts, each with an address of its own', async () => {
    await using opened = await openWindow({ route: '/settings' });
    const { page } = opened;
    await tabTo(page, page.getByRole('tab', { name: 'General' }));
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: 'Saved keys and sign-ins' }).waitFor();
    await vi.waitFor(() => expect(page.url()).toMatch(/#\/settings\/security$/));
    expect(await hasFocus(page.getByRole('tab', { name: 'Security' }))).toBe(true);
    await page.reload();
    await page.getByRole('tab', { name: 'Security', selected: true }).waitFor();
  });

  test('a switch applies at once and says so quietly', async () => {
    await using opened = await openWindow({ route: '/settings' });
    const { page, control } = opened;
    const start = page.getByRole('switch', { name: 'Let apps start Gangway' });
    await tabTo(page, start);
    await page.keyboard.press('Space');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect(await start.getAttribute('aria-checked')).toBe('false');
    expect((await control.settings.get()).startOwner).toBe(false);
  });

  test('what cannot be saved goes back and says why', async () => {
    await using opened = await openWindow({ route: '/settings' });
    const { page, panel, control } = opened;
    const start = page.getByRole('switch', { name: 'Let apps start Gangway' });
    panel.lose();
    await start.press('Space');
    await page.getByRole('alert').filter({ hasText: 'Gangway has stopped' }).waitFor();
    expect(await start.getAttribute('aria-checked')).toBe('true');
    panel.find();
    await page.getByText('Gangway is not running').waitFor({ state: 'detached' });
    await start.press('Space');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect((await control.settings.get()).startOwner).toBe(false);
  });

  test('a change made elsewhere is shown at once', async () => {
    await using opened = await openWindow({ route: '/settings/security' });
    const { page, control } = opened;
    await control.settings.set({ readOnly: true });
    await page.getByRole('switch', { name: 'Read-only for everything', checked: true }).waitFor();
  });

  test('access is paused for an hour and resumed', async () => {
    await using opened = await openWindow({ route: '/settings/security' });
    const { page, control } = opened;
    await tabTo(page, page.getByRole('button', { name: 'Pause for 1 hour' }));
    await page.keyboard.press('Enter');
    await page.getByText(/^Paused until \d\d:\d\d\.$/).waitFor();
    expect((await control.status()).paused).toBe(true);
    await page.getByRole('tabpanel').getByRole('button', { name: 'Resume' }).press('Enter');
    await page.getByRole('button', { name: 'Pause until I resume' }).waitFor();
    expect((await control.status()).paused).toBe(false);
  });

  test('the port is checked, saved with Enter, and said to wait for the next start', async () => {
    await using opened = await openWindow({ route: '/settings/network' });
    const { page, control } = opened;
    const port = page.getByLabel('Port');
    const before = (await control.settings.get()).port;
    expect(await port.inputValue()).toBe(String(before));
    await tabTo(page, port);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('80');
    await page.keyboard.press('Enter');
    await page.getByText('Enter a whole number from 1024 to 65535.').waitFor();
    expect(await port.getAttribute('aria-invalid')).toBe('true');
    expect((await control.settings.get()).port).toBe(before);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('43210');
    await page.keyboard.press('Enter');
    await page.getByText('This takes effect when Gangway starts the next time.').waitFor();
    expect((await control.settings.get()).port).toBe(43_210);
  });

  test('a proxy counts once its address can be one', async () => {
    await using opened = await openWindow({ route: '/settings/network' });
    const { page, control } = opened;
    const proxy = async () => (await control.settings.get()).proxy;
    await tabTo(page, page.getByRole('radio', { name: 'As on this computer' }));
    await page.keyboard.press('ArrowUp');
    const address = page.getByLabel('Address of the proxy');
    await tabTo(page, address);
    await page.keyboard.type('http://proxy.example.com:8080/path');
    await page.keyboard.press('Enter');
    await page.getByText('The address ends after its port').waitFor();
    expect(await proxy()).toEqual({ mode: 'system' });
    await address.fill('http://proxy.example.com:8080/');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect(await proxy()).toEqual({ mode: 'manual', url: 'http://proxy.example.com:8080' });
    await vi.waitFor(async () => expect(await address.inputValue()).toBe('http://proxy.example.com:8080'));
    await page.getByRole('radio', { name: 'None' }).press('Space');
    await address.waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await proxy()).toEqual({ mode: 'none' }));
  });

  test('days and contents of the log are chosen, the latter with a warning', async () => {
    await using opened = await openWindow({ route: '/settings/storage' });
    const { page, control } = opened;
    const days = page.getByRole('combobox', { name: 'Keep entries for' });
    await tabTo(page, days);
    await page.keyboard.press('Enter');
    // An open list is only ready for arrows once it has marked where one stands.
    await page.locator('[role=option][data-highlighted]').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect((await control.settings.get()).activityDays).toBe(30);
    await tabTo(page, page.getByRole('switch', { name: 'Keep arguments and results' }));
    await page.keyboard.press('Space');
    await page.getByText('may hold personal details of your customers').waitFor();
    await vi.waitFor(async () => expect((await control.settings.get()).activityBodies).toBe(true));
  });

  test('the log is cleared only after a question', async () => {
    await using opened = await openWindow({
      route: '/settings/storage',
      seed: async (world) => {
        await team(world);
        const client = await world.connect('stdio');
        await client.listTools();
        await client.close();
      },
    });
    const { page, control } = opened;
    const entries = () => control.activity.list({});
    expect(await entries()).not.toEqual([]);
    const clear = page.getByRole('button', { name: 'Clear log…' });
    await tabTo(page, clear);
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog', { name: 'Clear the activity log?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await hasFocus(clear)).toBe(true));
    expect(await entries()).not.toEqual([]);
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('alertdialog').getByRole('button', { name: 'Clear log' }));
    await page.keyboard.press('Enter');
    await page
      .getByText(/^The log was cleared: \d+ entr(y|ies) removed\.$/)
      .first()
      .waitFor();
    expect(await entries()).toEqual([]);
  });

  test('the diagnostics name no account, no address and no folder', async () => {
    await using opened = await openWindow({ route: '/settings/advanced', seed: team });
    const { page, world } = opened;
    const text = await page.getByRole('textbox', { name: 'Text to copy' }).inputValue();
    expect(text).toContain('- pelcro, staging, http, key, ready');
    expect(text).toContain('Vault: memory, ready');
    expect(text).not.toContain('Herald');
    expect(text).not.toContain('127.0.0.1');
    expect(text).not.toContain(world.paths.home);
  });
});

describe('settings of the desktop app', () => {
  test('are not shown in a browser, which says so', async () => {
    await using opened = await openWindow({ route: '/settings/updates' });
    const { page } = opened;
    await page.getByRole('tab', { name: 'General', selected: true }).waitFor();
    await page.getByText('belong to the desktop app').waitFor();
    expect(await page.getByRole('tab', { name: 'Updates' }).count()).toBe(0);
    expect(await page.getByRole('switch').count()).toBe(1);
  });

  test('are told to it, and go back with the reason when it fails', async () => {
    const desktop = aDesktop();
    await using opened = await openWindow({ route: '/settings', desktop });
    const { page } = opened;
    await page.getByRole('switch', { name: 'Start when I sign in', checked: false }).press('Space');
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect(desktop.calls).toEqual([['choose', { openAtLogin: true }]]);
    desktop.failWith(
      new BridgeError('storage', 'The choices could not be saved. Free some space, then try again.'),
    );
    const notify = page.getByRole('switch', { name: 'Show notifications' });
    await notify.press('Space');
    await page.getByRole('alert').filter({ hasText: 'The choices could not be saved.' }).waitFor();
    expect(await notify.getAttribute('aria-checked')).toBe('true');
    desktop.failWith(undefined);
    desktop.change({ choices: { ...desktop.state.choices, notifications: false } });
    await page.getByRole('switch', { name: 'Show notifications', checked: false }).waitFor();
  });

  test('starting at sign-in is no choice where the system has none', async () => {
    await using opened = await openWindow({ route: '/settings', desktop: aDesktop({ openAtLogin: null }) });
    const { page } = opened;
    await page.getByText('cannot be set on this system').waitFor();
    expect(
      await page.getByRole('switch', { name: 'Start when I sign in' }).getAttribute('aria-disabled'),
    ).toBe('true');
  });

  test('an update is looked for, loaded and installed on a click', async () => {
    const desktop = aDesktop();
    await using opened = await openWindow({ route: '/settings/updates', desktop });
    const { page } = opened;
    await page.getByRole('button', { name: 'Check now' }).press('Enter');
    desktop.change({ update: { state: 'downloading', version: '9.9.9', text: '', percent: 41.6 } });
    await page.getByRole('progressbar', { name: 'Download of the update' }).waitFor();
    await page.getByText('Downloading version 9.9.9, 42 %…').waitFor();
    desktop.change({ update: { state: 'ready', version: '9.9.9', text: '', percent: null } });
    await page.getByRole('button', { name: 'Restart to update' }).press('Enter');
    await vi.waitFor(() =>
      expect(desktop.calls.map(([name]) => name)).toEqual(['checkForUpdates', 'restartToUpdate']),
    );
    desktop.change({
      update: { state: 'off', version: null, text: 'This package is updated by apt.', percent: null },
    });
    await page.getByText('This package is updated by apt.').waitFor();
    expect(await page.getByRole('button', { name: 'Check now' }).count()).toBe(0);
  });
});

describe('what is typed', () => {
  test.each([
    ['http://proxy.example.com:8080', undefined],
    [' https://proxy.example.com ', undefined],
    ['', /Enter the address/],
    ['proxy', /no address/],
    ['proxy.example.com:8080', /no address|begins with/],
    ['socks5://proxy.example.com', /begins with/],
    ['http://me:word@proxy.example.com', /user name and password/],
    ['http://proxy.example.com/path', /ends after its port/],
    ['http://proxy.example.com/?x=1', /ends after its port/],
  ] as const)('%j as the address of a proxy', (typed, wrong) => {
    if (wrong === undefined) expect(proxyTrouble(typed)).toBeUndefined();
    else expect(proxyTrouble(typed)).toMatch(wrong);
  });

  test.each([
    ['1024', 1024],
    [' 65535 ', 65_535],
    ['1023', undefined],
    ['65536', undefined],
    ['80.5', undefined],
    ['0x1000', undefined],
    ['', undefined],
  ] as const)('%j as a port', (typed, port) => {
    expect(portOf(typed)).toBe(port);
  });
});
