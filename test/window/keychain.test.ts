import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { canary } from '../canary/canary.ts';
import { temporaryHome } from '../canary/home.ts';
import { OwnerProcess } from '../race/owner.ts';
import { startBus } from '../vault/session-bus.ts';
import { startAllegro } from '../workspaces/allegro.ts';
import { expectAccessible } from './accessible.ts';
import { builtWindow } from './built-window.ts';
import { startPanel } from './panel.ts';

let chromium: RunningChromium;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
});

test('a locked keychain is said with its one action, and the window goes on when it is unlocked', async () => {
  await using home = await temporaryHome();
  await using bus = await startBus();
  await bus.startKeyring();
  const token = canary('sanctum');
  await using acme = await startAllegro({
    tenant: 'acme',
    tokens: [{ token, email: 'member@example.com', role: 'member' }],
  });
  await using owner = await OwnerProcess.start(home.path, bus.environment);
  await owner.control.accounts.add({ connector: 'allegro', label: 'Acme', url: acme.url, key: token });
  await owner.stop();
  await bus.lock();
  await owner.start();

  await using panel = await startPanel(owner.control, await builtWindow());
  await using context = await chromium.newContext({});
  const page = await context.newPage();
  await page.goto(panel.link());
  const banner = page.getByRole('alert').filter({ hasText: 'The keychain is locked' });
  await banner.getByRole('button', { name: 'Unlock' }).waitFor();
  await page.getByRole('list').getByText('The keychain is locked.').waitFor();
  await expectAccessible(page);
  await bus.unlock();
  await banner.getByRole('button', { name: 'Unlock' }).click();
  await banner.waitFor({ state: 'detached' });
  await page.getByText('Ready, 16 tools').waitFor();
  expect(await owner.control.status()).toMatchObject({ vault: { kind: 'keychain', state: 'ready' } });
}, 60_000);
