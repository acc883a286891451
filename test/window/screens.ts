import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stdout } from 'node:process';
import type { Page } from 'playwright-core';
import { startChromium } from '../browser/chromium.ts';
import { allScenes, NARROW, play, type Scene, stagesOf, THEMES } from './scene.ts';
import { VIEWPORT } from './window.ts';
import { lazyWorkspaces, startWindowWorld } from './window-world.ts';

// Pictures of every scene, for people to look at: `npm run screenshots`, or `npm run screenshots -- settings`.
const FOLDER = join(import.meta.dirname, '../../.cache/screenshots');
const TALLEST = 4000;
const filter = process.argv[2] ?? '';

mkdirSync(FOLDER, { recursive: true });
const pictures: string[] = [];
const faults: string[] = [];
{
  await using chromium = await startChromium();
  await using workspaces = lazyWorkspaces();
  const wanted = (await allScenes()).filter(({ name }) => name.includes(filter));
  for (const stage of stagesOf(wanted)) {
    await using world = await startWindowWorld({ vault: stage.vault, workspaces });
    await stage.seed?.(world);
    for (const scene of stage.scenes) {
      try {
        await using opened = await play(chromium, scene, world);
        await take(opened.page, scene);
      } catch (error) {
        faults.push(`${scene.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
writeFileSync(join(FOLDER, 'index.html'), contactSheet(pictures));
stdout.write(`${pictures.length} pictures in ${FOLDER}\n${faults.map((fault) => `${fault}\n`).join('')}`);
if (faults.length > 0) process.exitCode = 1;

async function take(page: Page, scene: Scene): Promise<void> {
  const sizes = [{ mark: '', size: scene.viewport ?? VIEWPORT }];
  if (scene.narrow) sizes.push({ mark: '-narrow', size: NARROW });
  for (const { mark, size } of sizes) {
    await page.setViewportSize(size);
    if (scene.whole) await page.setViewportSize({ ...size, height: await wholeHeight(page, size.height) });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      const name = `${scene.name}${mark}-${colorScheme}.png`;
      await page.screenshot({ path: join(FOLDER, name), animations: 'disabled' });
      pictures.push(name);
    }
  }
}

/** The height at which nothing of the screen has to be scrolled. */
async function wholeHeight(page: Page, atLeast: number): Promise<number> {
  const missing = await page
    .locator('#content')
    .evaluate(
      ({ scrollHeight, clientHeight }: { scrollHeight: number; clientHeight: number }) =>
        scrollHeight - clientHeight,
    );
  return Math.min(TALLEST, atLeast + missing);
}

function contactSheet(names: readonly string[]): string {
  const figures = names.map(
    (name) => `<figure><img src="${name}" alt=""><figcaption>${name}</figcaption></figure>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>Screens of Gangway</title>
<style>body{display:grid;grid-template-columns:repeat(auto-fill,minmax(480px,1fr));gap:24px;font:14px sans-serif;background:#888}
figure{margin:0}img{width:100%}</style>${figures.join('\n')}\n`;
}
