import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { stdioApp } from '../demo/apps.ts';
import { attachTo } from '../desktop-host/desktop.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { buildForElectron, type ElectronBuild, type OpenApp } from './electron-app.ts';

// `npm run desktop-journeys`. Nobody can click a tray here: Playwright reaches windows only (test/desktop-host clicks one).

const SOON = { timeout: 20_000, interval: 100 };

const open = new AsyncDisposableStack();
let build: ElectronBuild;
beforeAll(async () => {
  build = open.use(await buildForElectron());
});
afterAll(() => open.disposeAsync());

/** A fresh app with its first window open. */
async function openFresh(): Promise<OpenApp & { readonly home: string }> {
  await using starting = new AsyncDisposableStack();
  const { path: home } = starting.use(await temporaryHome());
  const opened = starting.use(await build.open(home));
  await opened.page.getByRole('heading', { name: 'Welcome to Gangway' }).waitFor();
  const running = starting.move();
  return { ...opened, home, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

test('the first window shows the app, and its page has nothing but texts to and from it', async () => {
  await using opened = await openFresh();
  const { page } = opened;
  expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html#\//);
  const found = await page.evaluate(
    '[typeof require, typeof process, typeof module, typeof Buffer, Object.keys(gangway), Object.isFrozen(gangway)]',
  );
  expect(found).toEqual(['undefined', 'undefined', 'undefined', 'undefined', ['send', 'listen'], true]);
});

test('the process of the page is in the sandbox of the system', async () => {
  await using opened = await openFresh();
  const { pid, sandboxed } = await opened.app.evaluate(({ app, BrowserWindow }) => {
    const of = BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId();
    return { pid: of ?? 0, sandboxed: app.getAppMetrics().find((metric) => metric.pid === of)?.sandboxed };
  });
  if (process.platform !== 'linux') {
    expect(sandboxed).toBe(true);
    return;
  }
  // Linux does not tell Electron; a filter of system calls is what its sandbox is made of.
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(status).toMatch(/^Seccomp:\s*2$/m);
  expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
});

test('a page gets no permission', async () => {
  await using opened = await openFresh();
  const kinds = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'];
  const states = await opened.page.evaluate(
    `Promise.all(${JSON.stringify(kinds)}.map(async (name) => (await navigator.permissions.query({ name })).state))`,
  );
  expect(states).toEqual(kinds.map(() => 'denied'));
  const refused = await opened.page.evaluate(
    'new Promise((tell) => navigator.geolocation.getCurrentPosition(() => tell(0), ({ code }) => tell(code)))',
  );
  const PERMISSION_DENIED = 1;
  expect(refused).toBe(PERMISSION_DENIED);
});

test('a page leads nowhere, opens nothing and asks nobody', async () => {
  await using opened = await openFresh();
  const { page, app, home } = opened;
  const before = page.url();
  expect(await page.evaluate('window.open("https://elsewhere.invalid/")')).toBeNull();
  for (const address of [
    'https://elsewhere.invalid/',
    'file:///',
    'app://other/index.html',
    'app://bundle/none',
  ]) {
    await page.evaluate(`location.assign(${JSON.stringify(address)})`);
  }
  const log = (): string => readFileSync(join(home, 'logs/gangway.log'), 'utf8');
  for (const kind of ['window', 'navigation']) {
    await vi.waitFor(() => expect(log()).toMatch(new RegExp(`"kind":"${kind}".*window\\.refused`)), SOON);
  }
  expect(page.url()).toBe(before);
  expect(app.windows()).toHaveLength(1);
  const fetched = await page.evaluate('fetch("app://bundle/index.html").then(() => "read", () => "refused")');
  expect(fetched).toBe('refused');
  await page.getByRole('heading', { name: 'Welcome to Gangway' }).waitFor();
});

test('an account is added in the window, and a client reads its tools', async () => {
  const token = canary('sanctum');
  await using acme = await startAllegro({
    tenant: 'acme',
    tokens: [{ token, email: 'member@example.com', role: 'member' }],
  });
  await using opened = await openFresh();
  const { page, home } = opened;
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('button', { name: /^Allegro/ }).click();
  await page.getByLabel('Tenant address').fill(acme.url);
  await page.getByLabel('Personal access token').fill(token);
  await page.getByLabel('Name').fill('Acme');
  await page.getByRole('button', { name: 'Check and add' }).click();
  await page.getByRole('heading', { name: 'Acme was added' }).waitFor();
  await using client = await stdioApp(home, 'journey');
  expect(await client.tools()).toHaveLength(16);
});

test('a link in a second start fills the form of the first one, and adds nothing', async () => {
  await using opened = await openFresh();
  const { page, home } = opened;
  const link = 'gangway://add?connector=allegro&url=https%3A%2F%2Facme.example&name=From+a+link';
  expect(await build.run(home, [link])).toMatchObject({ exitCode: 0 });
  const asked = page.getByRole('dialog');
  await asked.getByText('From a link').waitFor();
  await asked.getByRole('button', { name: 'Review the form' }).click();
  const address = page.getByLabel('Tenant address');
  await vi.waitFor(async () => expect(await address.inputValue()).toBe('https://acme.example'), SOON);
  await using second = await attachTo(home);
  expect(await second.control.accounts.list()).toEqual([]);
});

test.each(['--remote-debugging-port=0', '--inspect=0', '--js-flags=--expose-gc', '--no-sandbox'])(
  'an installed app does not start with %s',
  async (word) => {
    await using home = await temporaryHome();
    // Electron takes itself for installed then (its own variable, read by app.isPackaged).
    const { exitCode, said } = await build.run(home.path, [word], { ELECTRON_FORCE_IS_PACKAGED: '1' });
    expect(said).toContain(`Gangway does not start with ${word}`);
    expect(exitCode).toBe(1);
    expect(existsSync(pathsFor(home.path, {}).socket)).toBe(false);
  },
);

test('quitting ends the bridge and the process', async () => {
  await using opened = await openFresh();
  const { socket } = pathsFor(opened.home, {});
  if (process.platform !== 'win32') expect(existsSync(socket)).toBe(true);
  expect(await opened.quit()).toBe(0);
  expect(existsSync(socket)).toBe(false);
});
