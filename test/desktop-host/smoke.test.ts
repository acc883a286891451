import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import { canary } from '../canary/canary.ts';
import { type App, stdioApp } from '../demo/apps.ts';
import { startAly } from '../workspaces/aly.ts';
import { attachTo, isDrawn, type JourneyDesktop, SOON, soon, startDesktop } from './desktop.ts';
import { processesOf } from './processes.ts';
import type { AttachedPage, RunningApp } from './running-app.ts';
import { readTrayMenu, registeredIcons } from './screen/tray-menu.ts';

/** Where a journey is: the desktop, the app that runs there, and a client that is connected to it. */
interface Journey {
  readonly desktop: JourneyDesktop;
  readonly app: RunningApp;
  readonly control: ControlClient;
  readonly client: App;
  current(): Promise<string | undefined>;
}

/** The app starts in the tray; somebody adds two accounts from outside, and connects a client. */
async function begin(open: AsyncDisposableStack): Promise<Journey> {
  const keys = { owner: canary('aly'), reader: canary('aly') };
  const aly = open.use(
    await startAly({
      keys: [
        { key: keys.owner, label: 'owner', scopes: ['*'] },
        { key: keys.reader, label: 'reader', scopes: ['read:orders', 'read:content'] },
      ],
    }),
  );
  const desktop = open.use(await startDesktop());
  const app = desktop.start('--hidden');
  const { control } = open.use(await attachTo(desktop.home));
  const shop = { connector: 'aly', url: aly.url } as const;
  await control.accounts.add({ ...shop, label: 'Owner', key: keys.owner });
  await control.accounts.add({ ...shop, label: 'Reader', key: keys.reader, readOnly: true });
  const client = open.use(await stdioApp(desktop.home, 'journey'));
  const current: Journey['current'] = async () =>
    (await control.accounts.list()).find((account) => account.current)?.label;
  return { desktop, app, control, client, current };
}

/** Another account, chosen in the menu that the panel draws; the client hears of it. */
async function switchInTray({ desktop, app, client, current }: Journey): Promise<void> {
  await desktop.icon('fine');
  expect(await registeredIcons(desktop.bus)).toEqual([`org.kde.StatusNotifierItem-${app.pid}-1`]);
  desktop.look('in-the-tray');
  const all = await client.tools();
  expect(all).toContain('coupons_create');
  const switched = client.toolsChanged();
  await desktop.choose(app, 'menu', 'Aly: Owner', 'Reader');
  await soon(switched, 'The client does not hear that its tools changed.');
  expect(await current()).toBe('Reader');
  const fewer = await client.tools();
  expect(fewer.length).toBeLessThan(all.length);
  expect(fewer).not.toContain('coupons_create');
}

/** The notification of a switch takes it back with a click. */
async function undoInNotification({ desktop, app, client, current }: Journey): Promise<void> {
  const back = client.toolsChanged();
  const told = { what: 'notification', title: 'Aly is now Reader' };
  await vi.waitFor(() => expect(app.deeds).toContainEqual(expect.objectContaining(told)), SOON);
  await desktop.clickNotification('notification');
  await soon(back, 'The client does not hear that its tools changed back.');
  expect(await current()).toBe('Owner');
  expect(await client.tools()).toContain('coupons_create');
}

/** The window, opened by a click on the icon, shows which account is in use, also when that changes in the tray. */
async function openWindow({ desktop, app, current }: Journey): Promise<AttachedPage> {
  await desktop.person.click(await desktop.icon('fine'));
  const opened = await app.page('window-1');
  const inUse = (label: string) =>
    opened.page.getByRole('listitem').filter({ hasText: label }).getByText('In use', { exact: true });
  await inUse('Owner').waitFor();
  await isDrawn(opened.page);
  await desktop.choose(app, 'menu-again', 'Aly: Owner', 'Reader');
  await inUse('Reader').waitFor();
  expect(await current()).toBe('Reader');
  desktop.look('window');
  return opened;
}

/** The page has nothing but its texts, and stays where it is. */
async function stayInside({ desktop }: Journey, { page }: AttachedPage): Promise<void> {
  const reachable = await page.evaluate(
    '[typeof require, typeof process, typeof desktopHostPost, Object.keys(gangway)]',
  );
  expect(reachable).toEqual(['undefined', 'undefined', 'undefined', ['send', 'listen']]);
  const before = page.url();
  await page.evaluate('void window.open("https://elsewhere.invalid/")');
  await page.evaluate('location.assign("https://elsewhere.invalid/")');
  const log = (): string => readFileSync(join(desktop.home, 'logs/gangway.log'), 'utf8');
  for (const kind of ['window', 'navigation']) {
    await vi.waitFor(() => expect(log()).toMatch(new RegExp(`"kind":"${kind}".*window\\.refused`)), SOON);
  }
  expect(page.url()).toBe(before);
}

/** A link in a second start fills a form in the first, and adds nothing. */
async function followLink({ desktop, control }: Journey, { page }: AttachedPage): Promise<RunningApp> {
  const second = desktop.start(
    'gangway://add?connector=allegro&url=https%3A%2F%2Facme.example&name=From+a+link',
  );
  expect(await soon(second.ended, 'The second start does not end.')).toBe(0);
  const asked = page.getByRole('dialog');
  await asked.getByText('From a link').waitFor();
  desktop.look('link');
  await asked.getByRole('button', { name: 'Review the form' }).click();
  const fields = [page.getByLabel('Tenant address'), page.getByLabel('Name')];
  await vi.waitFor(async () => {
    const values = await Promise.all(fields.map((field) => field.inputValue()));
    expect(values).toEqual(['https://acme.example', 'From a link']);
  }, SOON);
  expect(await control.accounts.list()).toHaveLength(2);
  return second;
}

/** Quitting asks while an app is connected; somebody keeps it, and quits later. */
async function quit({ desktop, app, client }: Journey): Promise<void> {
  await desktop.choose(app, 'quit', 'Quit Gangway');
  await using question = await app.page('dialog-1');
  await question.page.getByText('One app is connected.').waitFor();
  await isDrawn(question.page);
  desktop.look('question');
  await desktop.person.press('Escape');
  await vi.waitFor(() => expect(question.page.isClosed()).toBe(true), SOON);
  expect(app.exitCode).toBeNull();
  await client[Symbol.asyncDispose]();
  const labels = async () => (await readTrayMenu(desktop.bus)).map(({ label }) => label);
  await vi.waitFor(async () => expect(await labels()).toContain('No app is connected'), SOON);
  await desktop.choose(app, 'quit-again', 'Quit Gangway');
  expect(await soon(app.ended, 'The app does not end.')).toBe(0);
  await desktop.iconGone('fine');
  desktop.look('gone');
}

/** @returns the second start. */
async function makeJourney(open: AsyncDisposableStack, journey: Journey): Promise<RunningApp> {
  await switchInTray(journey);
  await undoInNotification(journey);
  const window = open.use(await openWindow(journey));
  await stayInside(journey, window);
  const second = await followLink(journey, window);
  await quit(journey);
  return second;
}

test.runIf(process.platform === 'linux')(
  'the built app lives in a real tray: accounts are switched there, its window follows, a link fills a form, it quits',
  { timeout: 90_000 },
  async () => {
    const open = new AsyncDisposableStack();
    // Also when the time of the test is over.
    onTestFinished(() => open.disposeAsync(), 30_000);
    const journey = await begin(open);
    const { desktop, app } = journey;
    const second = await makeJourney(open, journey).catch((error: unknown) => {
      desktop.look('failed');
      throw error;
    });
    expect(existsSync(pathsFor(desktop.home, {}).socket)).toBe(false);
    expect(await registeredIcons(desktop.bus)).toEqual([]);
    await vi.waitFor(() => expect(processesOf(desktop.home)).toEqual([]), SOON);
    for (const { said } of [app, second]) expect(said).not.toContain('desktop host:');
  },
);
