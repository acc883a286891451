import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ControlClient } from '#bridge/control/client.ts';
import { signInByScript } from '../browser/scripted.ts';
import { untilStep } from '../sign-in/person.ts';
import { expectAccessible } from './accessible.ts';
import { aDesktop } from './desktop.ts';
import { hasFocus } from './keyboard.ts';
import { openWindow } from './open-window.ts';
import { teamWithSignIn } from './seeds.ts';
import type { OpenWindow } from './window.ts';
import type { WindowWorld } from './window-world.ts';

/** The provider's own page, in a tab of its own; the person signs in there and allows access. */
async function signInThere(opened: OpenWindow, account: string): Promise<void> {
  const { page } = opened;
  // The tab leaves for the provider, which is what it is for.
  opened.expectTrouble(/^(request to elsewhere|failed): .*127\.0\.0\.1/);
  const opening = page.context().waitForEvent('page');
  await page.getByRole('link', { name: /^Open 127\.0\.0\.1/ }).click();
  const provider: Page = await opening;
  await provider.getByLabel('E-mail').fill('ines@example.com');
  await provider.getByRole('button', { name: 'Continue' }).click();
  await provider.getByRole('group', { name: 'Which account?' }).getByLabel(account).check();
  await provider.getByRole('button', { name: 'Authorize' }).click();
  await provider.getByRole('heading', { name: 'You can close this tab' }).waitFor();
  await provider.close();
}

async function addPelcro(page: Page, world: WindowWorld, name: string): Promise<void> {
  const { pelcro } = await world.workspaces();
  await page.getByText('Another address').click();
  await page.getByLabel('Address').fill(pelcro.origin);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in with browser' }).click();
}

test('a person adds a Pelcro account and signs in on the provider’s page to the end', async () => {
  await using opened = await openWindow({ route: '/accounts/add/pelcro' });
  const { page, world, control } = opened;
  await addPelcro(page, world, 'Herald');
  await page.getByRole('link', { name: /^Open 127\.0\.0\.1/ }).waitFor();
  await expectAccessible(page);
  await signInThere(opened, 'The Herald');
  await page.getByRole('heading', { name: 'Herald was added' }).waitFor();
  await expectAccessible(page);
  expect(await control.accounts.list()).toMatchObject([{ state: 'ready', signIn: { kind: 'oauth' } }]);
});

test('a sign-in can be cancelled; the account waits in the list with the one thing to do', async () => {
  await using opened = await openWindow({ route: '/accounts/add/pelcro' });
  const { page, world } = opened;
  await addPelcro(page, world, 'Gazette');
  await page.getByRole('button', { name: 'Cancel sign-in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Gazette' }).waitFor();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('dialog', { name: 'Sign in to Gazette' }).waitFor();
  await expectAccessible(page);
  await signInThere(opened, 'The Gazette');
  await page.getByText('Signed in as The Gazette').waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByText('Ready, 101 tools').waitFor();
});

test('signing out is asked first, and says what it means', async () => {
  await using opened = await openWindow({ route: '/accounts/add/pelcro' });
  const { page, world, control } = opened;
  await addPelcro(page, world, 'Herald');
  await signInThere(opened, 'The Herald');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page
    .getByRole('alertdialog', { name: 'Sign out of Herald?' })
    .getByRole('button', { name: 'Sign out' })
    .click();
  await page.getByText('Signed out of Herald').first().waitFor();
  expect(await control.accounts.list()).toMatchObject([{ state: 'sign-in-needed' }]);
});

/** The sign-in that waits for its page; its link. */
async function waitingSignIn(control: ControlClient): Promise<{ id: string; link: string }> {
  const [newest] = await control.signIn.list();
  const { link } = await untilStep(control, newest!.id, 'waiting');
  return { id: newest!.id, link };
}

describe('a sign-in whose dialog was closed', () => {
  test('goes on: its row leads back to the same one, and nothing is opened twice', async () => {
    const desktop = aDesktop();
    await using opened = await openWindow({ route: '/accounts', seed: teamWithSignIn, desktop });
    const { page, control } = opened;
    await page.getByRole('button', { name: 'Sign in: The Gazette' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in to The Gazette' });
    await dialog.getByRole('button', { name: 'Open the page again' }).waitFor();
    const before = await waitingSignIn(control);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Waiting for you in the browser').waitFor();
    const back = page.getByRole('button', { name: 'Continue sign-in: The Gazette' });
    await back.click();
    await dialog.getByRole('button', { name: /^Open 127/ }).waitFor();
    expect(await waitingSignIn(control)).toEqual(before);
    expect(desktop.calls).toEqual([['openSignIn', { id: before.id }]]);
    await dialog.getByRole('button', { name: 'Start again' }).click();
    await dialog.getByRole('button', { name: 'Open the page again' }).waitFor();
    const again = await waitingSignIn(control);
    expect(again.id).not.toBe(before.id);
    expect(desktop.calls.at(-1)).toEqual(['openSignIn', { id: again.id }]);
    await dialog.getByRole('button', { name: 'Cancel sign-in' }).click();
    await page.getByRole('button', { name: 'Sign in: The Gazette' }).waitFor();
  });

  test('says how it ended, and what was to happen then happens', async () => {
    await using opened = await openWindow({ route: '/accounts', seed: teamWithSignIn });
    const { page, control } = opened;
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Switch to The Gazette' }).click();
    await page.getByRole('button', { name: 'Sign in and switch' }).click();
    await page.getByRole('dialog').getByRole('link', { name: /^Open/ }).waitFor();
    const { link } = await waitingSignIn(control);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await signInByScript(link, { account: 'The Gazette' });
    await page.getByText('Signed in to The Gazette').first().waitFor();
    await page.getByText('The Gazette is in use now').first().waitFor();
    expect((await control.accounts.list()).find(({ current }) => current)?.label).toBe('The Gazette');
  });
});

test('a sign-in that is begun again elsewhere is followed on in the dialog', async () => {
  await using opened = await openWindow({ route: '/accounts', seed: teamWithSignIn });
  const { page, control } = opened;
  await page.getByRole('button', { name: 'Sign in: The Gazette' }).click();
  const open = page.getByRole('dialog').getByRole('link', { name: /^Open/ });
  await open.waitFor();
  const { id } = await control.signIn.start({ account: 'The Gazette' });
  const { link } = await untilStep(control, id, 'waiting');
  await page.getByRole('button', { name: 'Start again' }).waitFor();
  expect(await open.getAttribute('href')).toBe(link);
  await signInByScript(link, { account: 'The Gazette' });
  await page.getByText('Signed in as The Gazette').waitFor();
  const done = page.getByRole('button', { name: 'Done', exact: true });
  expect(await hasFocus(done)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a sign-in that came to nothing is said, and can be tried again', async () => {
  await using opened = await openWindow({ route: '/accounts/add/pelcro' });
  const { page, world, control } = opened;
  await addPelcro(page, world, 'Herald');
  await page.getByRole('link', { name: /^Open/ }).waitFor();
  await signInByScript((await waitingSignIn(control)).link, { decline: true });
  await page.getByText('You chose not to allow access.').waitFor();
  const again = page.getByRole('button', { name: 'Try again' });
  expect(await hasFocus(again)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /^Open/ }).waitFor();
  await signInByScript((await waitingSignIn(control)).link, { account: 'The Herald' });
  await page.getByRole('heading', { name: 'Herald was added' }).waitFor();
});

test('the same account a second time updates the first, and no second one stays', async () => {
  await using opened = await openWindow({ route: '/accounts/add/pelcro' });
  const { page, world, control } = opened;
  await addPelcro(page, world, 'Herald');
  await page.getByRole('link', { name: /^Open/ }).waitFor();
  await signInByScript((await waitingSignIn(control)).link, { account: 'The Herald' });
  await page.getByRole('button', { name: 'Add another' }).click();
  await page.getByRole('heading', { name: 'Add Pelcro' }).waitFor();
  await addPelcro(page, world, 'Herald again');
  await page.getByRole('link', { name: /^Open/ }).waitFor();
  await signInByScript((await waitingSignIn(control)).link, { account: 'The Herald' });
  await page.getByText('which you already have as Herald').waitFor();
  await page.getByRole('button', { name: 'Update Herald' }).click();
  await page.getByRole('heading', { name: 'The sign-in of Herald was updated' }).waitFor();
  expect((await control.accounts.list()).map(({ label }) => label)).toEqual(['Herald']);
});
