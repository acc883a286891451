import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { type RunningChromium, startChromium } from './chromium.ts';
import { startNativeClient } from './native-client.ts';

const ACCOUNTS = [
  { id: 'herald', name: 'The Herald', sites: ['site_1'] },
  { id: 'gazette', name: 'The "Gazette" & Sons', sites: ['site_9'] },
];

let chromium: RunningChromium;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
});

async function start() {
  await using starting = new AsyncDisposableStack();
  const { pelcro, oauth } = starting.use(
    await startPelcroWithOAuth({
      accounts: ACCOUNTS,
      people: [{ email: 'ines@example.com' }],
    }),
  );
  const client = starting.use(await startNativeClient(oauth.issuer, oauth.resourceAt(pelcro.origin)));
  const page = starting.adopt(await chromium.newPage(), (open) => open.close());
  const running = starting.move();
  return { pelcro, oauth, client, page, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('E-mail').fill('ines@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a person signs in, chooses by label and authorizes', async () => {
  await using world = await start();
  const { page, client, oauth, pelcro } = world;
  const attempt = client.attempt();
  await signIn(page, attempt.link);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Authorize Test <client>');
  await page.getByRole('group', { name: 'Which account?' }).getByLabel('The "Gazette" & Sons').check();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('heading', { name: 'You can close this window' }).waitFor();
  const { access } = await client.exchange(attempt);
  expect(oauth.granted(access, oauth.resourceAt(pelcro.origin))).toMatchObject({
    choice: 'gazette',
    subject: 'ines@example.com',
  });
});

test('the keyboard alone is enough', async () => {
  await using world = await start();
  const { page, client, oauth, pelcro } = world;
  const attempt = client.attempt();
  await page.goto(attempt.link);
  // The browser gives the focus by itself, with the first picture, which may come after the load.
  await page.locator('#email:focus').waitFor();
  await page.keyboard.type('ines@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Authorize' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'You can close this window' }).waitFor();
  const { access } = await client.exchange(attempt);
  expect(oauth.granted(access, oauth.resourceAt(pelcro.origin))?.choice).toBe('gazette');
});

test('a stranger is told so, and Cancel needs no choice', async () => {
  await using world = await start();
  const { page, client } = world;
  await page.goto(client.attempt().link);
  await page.getByLabel('E-mail').fill('eve@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  expect(await page.getByRole('alert').textContent()).toBe('Nobody here has this e-mail address.');
  await page.getByLabel('E-mail').fill('ines@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'You can close this window' }).waitFor();
  expect(client.answered.get('error')).toBe('access_denied');
});

test('nobody is signed in a second time, and a second account does not end the first', async () => {
  await using world = await start();
  const { page, client, oauth, pelcro } = world;
  const first = client.attempt();
  await signIn(page, first.link);
  await page.getByLabel('The Herald').check();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('heading', { name: 'You can close this window' }).waitFor();
  const herald = await client.exchange(first);
  const second = client.attempt();
  await page.goto(second.link);
  await page.getByLabel('Gazette').check();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('heading', { name: 'You can close this window' }).waitFor();
  const gazette = await client.exchange(second);
  const chosen = [herald, gazette].map(
    ({ access }) => oauth.granted(access, oauth.resourceAt(pelcro.origin))?.choice,
  );
  expect(chosen).toEqual(['herald', 'gazette']);
  expect((await client.refresh(herald.refresh)).status).toBe(200);
});

test('the browser reaches this computer only', async () => {
  await using world = await start();
  await expect(world.page.goto('http://elsewhere.example/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
});
