import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cookieName } from '#bridge/panel/guard.ts';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { type PanelWorld, startPanel } from './a-panel.ts';

let chromium: RunningChromium;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
});

/** A page in a browser of its own, in which more pages may be opened. */
async function newPage(): Promise<Page> {
  const context = await chromium.newContext();
  onTestFinished(() => context.close());
  return context.newPage();
}

/** A web server with one page, as another site (`localhost`) or another port of the same one (`127.0.0.1`). */
async function startSite(html: string): Promise<{ urlAt(host: 'localhost' | '127.0.0.1'): string }> {
  const server: Server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { urlAt: (host) => `http://${host}:${port}/` };
}

const windowShown = async (page: Page, { port }: PanelWorld): Promise<void> => {
  await page.getByRole('heading', { name: 'Window' }).waitFor();
  await page.locator('body[data-ran=yes]').waitFor();
  expect(page.url()).toBe(`http://127.0.0.1:${port}/`);
};

const CALL = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }`;

/** What the window would call, from the page that is shown. */
const callFrom = (page: Page): Promise<{ status: number; text: string }> =>
  page.evaluate(`fetch('/rpc/control/status', ${CALL})
    .then(async (answer) => ({ status: answer.status, text: await answer.text() }))`);

/** Begins a stream there and goes on reading it. @returns the status and what comes first. */
const streamFrom = (page: Page): Promise<string> =>
  page.evaluate(`fetch('/rpc/control/watch', ${CALL}).then(async (answer) => {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ; ) {
      const { done, value = '' } = await reader.read();
      text += value;
      if (done || text.includes('first')) return text;
    }
  })`);

test.each(['another site', 'another port of this computer', 'another program'])(
  'a link from %s opens the window, and stays in nobody’s history',
  async (from) => {
    const world = await startPanel();
    const link = world.panel.link();
    const page = await newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void complaints.push(message.text()));
    if (from === 'another program') {
      await page.goto(link);
    } else {
      const site = await startSite(`<a href="${link}">Open</a>`);
      await page.goto(site.urlAt(from === 'another site' ? 'localhost' : '127.0.0.1'));
      await page.getByRole('link', { name: 'Open' }).click();
    }
    await windowShown(page, world);
    expect(await callFrom(page)).toEqual({ status: 200, text: '{"json":"answered"}' });
    await page.reload();
    await windowShown(page, world);
    const second = await page.context().newPage();
    await second.goto(`http://127.0.0.1:${world.port}/`);
    await windowShown(second, world);
    await page.goBack();
    expect(page.url()).not.toContain('ticket');
    expect(complaints).toEqual([]);
  },
);

test('a link that was used is explained, and so is the panel to who never had one', async () => {
  const world = await startPanel();
  const link = world.panel.link();
  await (await newPage()).goto(link);
  const other = await newPage();
  await other.goto(link);
  await other.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  await other.getByText('gangway panel').waitFor();
  const answer = await other.goto(`http://127.0.0.1:${world.port}/`);
  expect(answer?.status()).toBe(401);
  await other.getByRole('heading', { name: 'This panel is locked' }).waitFor();
  expect(await other.evaluate('document.scripts.length')).toBe(0);
});

test('no script of a page can read the cookie, and it goes to no other site', async () => {
  const world = await startPanel();
  const page = await newPage();
  await page.goto(world.panel.link());
  await windowShown(page, world);
  expect(await page.evaluate('document.cookie')).toBe('');
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({
    name: cookieName(world.port),
    domain: '127.0.0.1',
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    expires: -1,
  });
});

test('two panels are open in one browser side by side', async () => {
  const [one, two] = [await startPanel(), await startPanel()];
  const page = await newPage();
  await page.goto(one.panel.link());
  await windowShown(page, one);
  const other = await page.context().newPage();
  await other.goto(two.panel.link());
  await windowShown(other, two);
  await page.reload();
  await windowShown(page, one);
});

test('with as many streams as may be open, a browser still gets its calls through', async () => {
  async function* stream(signal: AbortSignal | undefined) {
    yield 'first';
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }
  const world = await startPanel({}, (name, _, signal) => (name === 'watch' ? stream(signal) : 'answered'));
  const page = await newPage();
  await page.goto(world.panel.link());
  await windowShown(page, world);
  const tabs = [page];
  while (tabs.length < 5) {
    const tab = await page.context().newPage();
    await tab.goto(`http://127.0.0.1:${world.port}/`);
    await windowShown(tab, world);
    tabs.push(tab);
  }
  for (const tab of tabs.slice(0, 4)) expect(await streamFrom(tab)).toContain('first');
  const [, , , , last = page] = tabs;
  expect(await streamFrom(last)).toContain('"code":"wait"');
  expect((await callFrom(last)).status).toBe(200);
  await page.close();
  await expect.poll(() => streamFrom(last)).toContain('first');
});
