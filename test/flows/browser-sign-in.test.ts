import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { adoptSecret } from '../canary/canary.ts';
import { untilStep } from '../sign-in/person.ts';
import { startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { startWorld, text } from './world.ts';

let chromium: RunningChromium;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
});

/** A Pelcro with two accounts, a bridge that knows one nobody signed in to yet, and a page of a real browser. */
async function startStage() {
  await using starting = new AsyncDisposableStack();
  const { pelcro, oauth } = starting.use(
    await startPelcroWithOAuth({
      accounts: [
        { id: 'herald', name: 'The Herald', sites: ['site_1'] },
        { id: 'gazette', name: 'The "Gazette" & Sons', sites: ['site_9'] },
      ],
      people: [{ email: 'ines@example.com' }],
    }),
  );
  const world = starting.use(await startWorld());
  await world.add({ connector: 'pelcro', label: 'Gazette', url: pelcro.origin, environment: 'production' });
  const page = starting.adopt(await chromium.newPage(), (open) => open.close());
  const { control } = world.bridge;
  const running = starting.move();
  return { pelcro, oauth, world, control, page, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** From the sign-in page to the consent page, by what a person reads there. */
async function untilConsent(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('E-mail').fill('ines@example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Authorize Gangway' }).waitFor();
}

/** Where the browser came back to with its code. The address is a secret for as long as the code is. */
async function callbackOf(page: Page): Promise<string> {
  const request = await page.waitForRequest((one) => new URL(one.url()).pathname === '/callback');
  adoptSecret('generic', new URL(request.url()).searchParams.get('code') ?? '');
  return request.url();
}

test('a person signs in with a real browser and ends on a page of Gangway, without the code', async () => {
  await using stage = await startStage();
  const { control, oauth, page, world } = stage;
  const { id } = await control.signIn.start({ account: 'gazette' });
  const { link } = await untilStep(control, id, 'waiting');
  await untilConsent(page, link);
  await page.getByRole('group', { name: 'Which account?' }).getByLabel('The "Gazette" & Sons').check();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByRole('heading', { name: 'You can close this tab' }).waitFor();

  const redirect = new URL(new URL(link).searchParams.get('redirect_uri') ?? '');
  expect(page.url()).toBe(`${redirect.origin}/done`);
  expect(await page.title()).toBe('You can close this tab - Gangway');
  expect(await page.evaluate('document.referrer')).toBe('');
  // Its own policy lets its own style through.
  expect(await page.evaluate("getComputedStyle(document.querySelector('main')).borderTopStyle")).toBe(
    'solid',
  );

  const done = await untilStep(control, id, 'done');
  expect(done.who).toBe('The "Gazette" & Sons (production)');
  const client = await world.connect('http', 'gazette');
  expect(JSON.parse(await text(client, 'get_account'))).toMatchObject({ id: 'gazette' });
  expect(oauth.requests.tokens('authorization_code').map(({ status }) => status)).toEqual([200]);
});

test('reloading, going back and opening the answer a second time do no harm', async () => {
  await using stage = await startStage();
  const { control, oauth, page, world } = stage;
  const { id } = await control.signIn.start({ account: 'gazette' });
  const { link } = await untilStep(control, id, 'waiting');
  await untilConsent(page, link);
  await page.reload();
  await page.getByLabel('Gazette').check();
  const exchange = oauth.holdToken();
  const [callback] = await Promise.all([
    callbackOf(page),
    page.getByRole('button', { name: 'Authorize' }).click(),
  ]);
  const ended = page.getByRole('heading', { name: 'You can close this tab' });
  await ended.waitFor();

  const harmless = async () => {
    expect((await page.reload())?.status()).toBe(200);
    await ended.waitFor();
    expect((await page.goto(callback))?.status()).toBe(409);
    await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor();
    await page.goBack();
    await ended.waitFor();
  };
  // While the code is being exchanged, and for a moment after it, the port explains itself to whoever comes.
  await exchange.arrived;
  await harmless();
  exchange.release();
  await untilStep(control, id, 'done');
  await harmless();

  // The link with all its pages once more brings another code, which nobody takes.
  await page.goto(link);
  await page.getByLabel('Gazette').check();
  await Promise.all([callbackOf(page), page.getByRole('button', { name: 'Authorize' }).click()]);
  await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor();
  expect(oauth.requests.tokens().map(({ status }) => status)).toEqual([200]);
  expect(await control.signIn.list()).toMatchObject([{ id, state: { step: 'done' } }]);
  const client = await world.connect('stdio', 'gazette');
  expect(JSON.parse(await text(client, 'get_account'))).toMatchObject({ id: 'gazette' });
});
