import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningChromium, startChromium } from '../browser/chromium.ts';
import { expectAccessible } from './accessible.ts';
import { allScenes, NARROW, StagePlayer, stagesOf, THEMES } from './scene.ts';
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
  let player: StagePlayer;
  beforeAll(async () => {
    world = await startWindowWorld({ vault: stage.vault, workspaces });
    await stage.seed?.(world);
    // In the build of React that reports more faults; everything else in tests is done in the one that is shipped.
    player = new StagePlayer(chromium, world, 'development');
  });
  afterAll(async () => {
    await player?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  test.each(stage.scenes)('$name has no fault that axe finds, in either theme', (scene) =>
    player.play(scene, async (page) => {
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        // Only colours depend on the theme.
        await expectAccessible(page, colorScheme === 'light' ? 'everything' : 'colours');
      }
      if (!scene.narrow) return;
      await page.setViewportSize(NARROW);
      await expectAccessible(page, 'everything');
    }),
  );
});
