import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { VaultKind } from '#bridge/vault/vault.ts';
import type { DesktopState } from '#contract/desktop.ts';
import type { RunningChromium } from '../browser/chromium.ts';
import type { ReactBuild } from './built-window.ts';
import { aDesktop } from './desktop.ts';
import { type OpenWindow, openIn } from './window.ts';
import type { WindowWorld } from './window-world.ts';

/** One screen in one state, to be looked at by people and by axe, in both themes. */
export interface Scene {
  /** Lower-case words with hyphens; also the name of its pictures. */
  readonly name: string;
  readonly route: string;
  /** Fills the world. Scenes with the same function share a world and must leave it as it is, unless they are `alone`. */
  readonly seed?: (world: WindowWorld) => Promise<void>;
  /** What the person does before one looks: opens a menu, types. */
  readonly act?: (page: Page, world: WindowWorld, opened: OpenWindow) => Promise<void>;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Also looked at in a small window of 420 × 800. */
  readonly narrow?: boolean;
  /** The picture shows all that scrolls. */
  readonly whole?: boolean;
  /** It changes its world. */
  readonly alone?: boolean;
  readonly vault?: VaultKind;
  /** Shown inside the desktop app, in this state. */
  readonly desktop?: Partial<DesktopState>;
  /** With what a window says only once. */
  readonly hints?: boolean;
  /** Faults of the window that this scene causes on purpose. */
  readonly causes?: RegExp;
  /** It changes more of its window than another scene could begin with. */
  readonly ownWindow?: boolean;
}

/** Scenes that share a world. */
export interface Stage {
  readonly name: string;
  readonly seed: Scene['seed'];
  readonly vault: VaultKind | undefined;
  readonly scenes: readonly Scene[];
}

export const THEMES = ['light', 'dark'] as const;
export const NARROW = { width: 420, height: 800 };

/** Every scene of `scenes/`, in the order of its files. */
export async function allScenes(): Promise<readonly Scene[]> {
  const folder = join(import.meta.dirname, 'scenes');
  const scenes: Scene[] = [];
  for (const file of globSync('*.ts', { cwd: folder }).sort()) {
    const found: { scenes: readonly Scene[] } = await import(join(folder, file));
    scenes.push(...found.scenes);
  }
  return scenes;
}

/** The scenes by the world they need. */
export function stagesOf(scenes: readonly Scene[]): readonly Stage[] {
  const shared = scenes.filter(({ alone }) => !alone);
  const groups = [
    ...Map.groupBy(shared, ({ seed }) => seed).values(),
    ...scenes.filter(({ alone }) => alone).map((scene) => [scene]),
  ].flatMap((group) => [...Map.groupBy(group, ({ vault }) => vault).values()]);
  return groups.map((group) => ({
    name: group.map(({ name }) => name).join(', '),
    seed: group[0]?.seed,
    vault: group[0]?.vault,
    scenes: group,
  }));
}

/** Opens a scene in a world that was seeded for it, and plays it. */
export async function play(
  chromium: RunningChromium,
  scene: Scene,
  world: WindowWorld,
  react?: ReactBuild,
): Promise<OpenWindow> {
  await using starting = new AsyncDisposableStack();
  const opened = starting.use(
    await openIn(chromium, {
      world,
      route: scene.route,
      viewport: scene.viewport,
      hints: scene.hints,
      react,
      desktop: scene.desktop && aDesktop(scene.desktop),
    }),
  );
  if (scene.causes) opened.expectTrouble(scene.causes);
  await scene.act?.(opened.page, world, opened);
  starting.move();
  return opened;
}

/** Plays the scenes of one stage, one after another, in the same window where none needs one of its own. */
export class StagePlayer implements AsyncDisposable {
  readonly #chromium: RunningChromium;
  readonly #world: WindowWorld;
  readonly #react: ReactBuild;
  #shared: OpenWindow | undefined;

  constructor(chromium: RunningChromium, world: WindowWorld, react: ReactBuild) {
    this.#chromium = chromium;
    this.#world = world;
    this.#react = react;
  }

  /** @throws Error when the window did what it must not, now or in the scene before. */
  async play(scene: Scene, look: (page: Page) => Promise<void>): Promise<void> {
    if (scene.ownWindow || scene.desktop || scene.hints || scene.causes) {
      await using opened = await play(this.#chromium, scene, this.#world, this.#react);
      await look(opened.page);
      return;
    }
    if (this.#shared) {
      await this.#shared.restart(scene.route, scene.viewport);
      await scene.act?.(this.#shared.page, this.#world, this.#shared);
    } else {
      this.#shared = await play(this.#chromium, scene, this.#world, this.#react);
    }
    await look(this.#shared.page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared?.[Symbol.asyncDispose]();
  }
}
