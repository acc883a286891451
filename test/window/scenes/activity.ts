import type { Page } from 'playwright-core';
import type { Scene } from '../scene.ts';
import { team } from '../seeds.ts';
import type { WindowWorld } from '../window-world.ts';

/** A team whose apps called this and that: done, failed, blocked, refused. */
async function busyTeam(world: WindowWorld): Promise<void> {
  await team(world);
  await callAround(world);
}

async function callAround(world: WindowWorld): Promise<void> {
  const { control } = world;
  const follower = await world.connect('http');
  await follower.listTools();
  await follower.callTool({ name: 'list-products', arguments: {} });
  await follower.callTool({ name: 'get-template', arguments: { id: 'unknown' } }).catch(() => undefined);
  const accounts = await control.accounts.list();
  for (const { slug } of accounts.slice(1)) {
    const client = await world.connect('http', slug);
    const { tools } = await client.listTools();
    for (const { name } of tools.slice(0, 3)) {
      await client.callTool({ name, arguments: {} }).catch(() => undefined);
    }
  }
  await control.settings.set({ readOnly: true });
  await follower.callTool({ name: 'create-product', arguments: { name: 'Basic' } }).catch(() => undefined);
  await control.settings.set({ readOnly: false });
  await control.activity.list({ limit: 1 });
}

/** The same, and what was said is kept. */
async function busyTeamWithBodies(world: WindowWorld): Promise<void> {
  await team(world);
  await world.control.settings.set({ activityBodies: true });
  await callAround(world);
}

async function openCall(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
  await page.getByRole('dialog').waitFor();
}

const ready = async (page: Page): Promise<void> => {
  await page.getByRole('img').waitFor();
  await page.locator('.call-row').first().waitFor();
};

export const scenes: readonly Scene[] = [
  { name: 'activity-empty', route: '/activity', seed: team },
  { name: 'activity-list', route: '/activity', seed: busyTeam, act: ready, narrow: true, whole: true },
  {
    name: 'activity-wide',
    route: '/activity',
    seed: busyTeam,
    act: ready,
    viewport: { width: 1500, height: 900 },
  },
  {
    name: 'activity-720',
    route: '/activity',
    seed: busyTeam,
    act: ready,
    viewport: { width: 720, height: 760 },
  },
  {
    name: 'activity-filtered',
    route: '/activity?outcome=blocked&tool=create-product&span=day',
    seed: busyTeam,
    act: ready,
  },
  {
    name: 'activity-nothing-fits',
    route: '/activity?tool=nothing-is-called-so',
    seed: busyTeam,
    act: async (page) => {
      await page.getByText('No call fits').waitFor();
    },
  },
  {
    name: 'activity-week',
    route: '/activity',
    seed: busyTeam,
    act: async (page) => {
      await ready(page);
      await page.getByRole('button', { name: '7 days' }).click();
    },
  },
  {
    name: 'activity-chart-table',
    route: '/activity',
    seed: busyTeam,
    act: async (page) => {
      await ready(page);
      await page.getByRole('button', { name: 'Show as table' }).click();
    },
  },
  {
    name: 'activity-tool-choice',
    route: '/activity',
    seed: busyTeam,
    act: async (page) => {
      await ready(page);
      await page.getByRole('combobox', { name: 'Tool' }).pressSequentially('l');
      await page.getByRole('listbox').waitFor();
    },
  },
  {
    name: 'activity-call',
    route: '/activity',
    seed: busyTeam,
    narrow: true,
    act: (page) => openCall(page, 'create-product'),
  },
  {
    name: 'activity-call-bodies',
    route: '/activity',
    seed: busyTeamWithBodies,
    act: (page) => openCall(page, 'list-products'),
  },
  {
    name: 'activity-export',
    route: '/activity',
    seed: busyTeam,
    act: async (page) => {
      await page.getByRole('button', { name: 'Export…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'activity-recent',
    route: '/accounts',
    seed: busyTeam,
    narrow: true,
    act: async (page) => {
      await page.locator('.account-name').nth(1).click();
      await page.getByRole('tab', { name: 'History' }).click();
      await page.locator('.call-line').first().waitFor();
    },
  },
  {
    name: 'activity-waiting',
    route: '/activity?outcome=ok',
    seed: busyTeam,
    alone: true,
    act: async (page, world) => {
      await ready(page);
      const client = await world.connect('http');
      await client.callTool({ name: 'list-products', arguments: {} });
      await page.getByRole('button', { name: '1 new call' }).waitFor();
    },
  },
];
