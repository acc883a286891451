import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { expectAccessible } from './accessible.ts';
import { allScenes, NARROW, play, stagesOf, THEMES } from './scene.ts';
import { type LazyWorkspaces, lazyWorkspaces, startWindowWorld, type WindowWorld } from './window-world.ts';

const scenes = await allScenes();
let chromium: RunningChromium;
let workspaces: LazyWorkspaces;
beforeAll(async () => {
  chromium = await startChromium();
  workspaces = lazyWorkspaces();
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await workspaces?.[Symbol.asyncDispose]();
});

test('no two scenes have the same name', () => {
  const names = scenes.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe.each(stagesOf(scenes))('$name', (stage) => {
  let world: WindowWorld;
  beforeAll(async () => {
    world = await startWindowWorld({ vault: stage.vault, workspaces });
    await stage.seed?.(world);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  test.each(stage.scenes)('$name has no fault that axe finds, in either theme', async (scene) => {
    // In the build of React that reports more faults; everything else in tests is done in the one that is shipped.
    await using opened = await play(chromium, scene, world, 'development');
    const { page } = opened;
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      // Only colours depend on the theme.
      await expectAccessible(page, colorScheme === 'light' ? 'everything' : 'colours');
    }
    if (!scene.narrow) return;
    await page.setViewportSize(NARROW);
    await expectAccessible(page, 'everything');
  });
});
