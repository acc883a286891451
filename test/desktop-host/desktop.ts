import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { vi } from 'vitest';
import { pathsFor } from '#bridge/base/paths.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import { Owner } from '#bridge/control/owner.ts';
import { temporaryHome } from '../canary/home.ts';
import { buildApp } from './built-app.ts';
import { type Bus, connectBus } from './bus.ts';
import { readPng, writePng } from './png.ts';
import { type RunningApp, startApp } from './running-app.ts';
import { type Person, personAt } from './screen/person.ts';
import { NOTIFICATION, startScreen } from './screen/screen.ts';
import { findPicture, type Point } from './screen/screen-picture.ts';
import { keysTo, readTrayMenu } from './screen/tray-menu.ts';

/** Everything is on this machine, so what takes longer hangs. */
export const SOON = { timeout: 20_000, interval: 100 };
const PICTURES = join(import.meta.dirname, '../../.cache/desktop-host');
/** The panel is at the top of the screen and so high. */
const PANEL = 30;
/** How often somebody opens a menu that is replaced while it is open. */
const TRIES = 3;

/** A desktop with the built app, and what a person does there. */
export interface JourneyDesktop extends AsyncDisposable {
  /** The data folder of the app. */
  readonly home: string;
  readonly bus: Bus;
  readonly person: Person;
  start(...words: string[]): RunningApp;
  /** Keeps what is on the screen in `.cache/desktop-host`, for people to look at. */
  look(name: string): void;
  /** Where the icon is in the panel, by its pixels. Waits until it is there, in this one of its looks. */
  icon(look: string): Promise<Point>;
  /** Waits until it is not there any more. */
  iconGone(look: string): Promise<void>;
  /** Opens the menu of the icon of this app and chooses the item behind these labels by keyboard. */
  choose(app: RunningApp, picture: string, ...labels: string[]): Promise<void>;
  /** Clicks the one notification, as soon as it is there. */
  clickNotification(picture: string): Promise<void>;
}

export async function startDesktop(): Promise<JourneyDesktop> {
  await using starting = new AsyncDisposableStack();
  const { path: home } = starting.use(await temporaryHome());
  const screen = starting.use(await startScreen());
  const built = starting.use(await buildApp());
  const person = personAt(screen.environment);
  const bus = starting.use(await connectBus(screen.environment.DBUS_SESSION_BUS_ADDRESS ?? ''));
  const apps = starting.use(new AsyncDisposableStack());
  mkdirSync(PICTURES, { recursive: true });
  for (const old of globSync('*.png', { cwd: PICTURES })) rmSync(join(PICTURES, old));
  let pictures = 0;

  const look: JourneyDesktop['look'] = (name) => {
    pictures += 1;
    writeFileSync(join(PICTURES, `${pictures}-${name}.png`), writePng(screen.picture()));
  };

  const findIcon = (name: string): Point | undefined => {
    const file = join(built.folder, 'main/icons/tray', `${name}-on-light.png`);
    return findPicture(screen.picture(), readPng(readFileSync(file)), PANEL);
  };

  const icon: JourneyDesktop['icon'] = async (name) => {
    await person.rest();
    return vi.waitFor(() => {
      const place = findIcon(name);
      if (!place) throw new Error(`The icon '${name}' is not in the panel.`);
      return place;
    }, SOON);
  };

  /** Something covers the desktop there, which is black. */
  const isCovered = ({ x, y }: Point): boolean => {
    const { width, pixels } = screen.picture();
    const at = (y * width + x) * 4;
    return pixels.subarray(at, at + 3).some((channel) => channel > 0);
  };

  const running = starting.move();
  return {
    home,
    bus,
    person,
    look,
    icon,
    start: (...words) =>
      apps.use(startApp({ main: built.main, words, environment: screen.environment, home })),
    iconGone: async (name) => {
      await person.rest();
      await vi.waitFor(() => {
        if (findIcon(name)) throw new Error(`The icon '${name}' is still in the panel.`);
      }, SOON);
    },
    choose: async (app, picture, ...labels) => {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const before = menuClicks(app).length;
        const place = await icon('fine');
        const keys = keysTo(await readTrayMenu(bus), labels);
        await person.click(place, 'right');
        await vi.waitFor(() => {
          // Nothing else opens just below the icon.
          if (!isCovered({ x: place.x, y: PANEL + 10 })) throw new Error('The menu does not open.');
        }, SOON);
        await person.press(...keys.slice(0, -1));
        look(picture);
        await person.press(...keys.slice(-1));
        if (await isHeard(app, before)) return;
        // The app put up another menu at this very moment; a person tries again, too.
        await person.press('Escape', 'Escape');
      }
      throw new Error(`Nobody hears a click on '${labels.at(-1)}' in the menu.`);
    },
    clickNotification: async (picture) => {
      await person.rest();
      await vi.waitFor(() => {
        if (!isCovered(NOTIFICATION)) throw new Error('There is no notification on the screen.');
      }, SOON);
      look(picture);
      await person.click(NOTIFICATION);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Clicks in the menu that the app heard, and those that came too late for it. */
function menuClicks(app: RunningApp): (string | null)[] {
  return app.deeds.flatMap((deed) => (deed.what === 'menu-click' ? [deed.label] : []));
}

/** Whether the next click in the menu was one on an item that is still there. */
async function isHeard(app: RunningApp, before: number): Promise<boolean> {
  const heard = (): string | null => {
    const label = menuClicks(app)[before];
    if (label === undefined) throw new Error('Nobody clicked.');
    return label;
  };
  return vi.waitFor(heard, { ...SOON, timeout: 5_000 }).then(
    (label) => label !== null,
    () => false,
  );
}

/** A second program that talks to the app through the contract, as the command line does. Waits until it can. */
export async function attachTo(home: string): Promise<AsyncDisposable & { readonly control: ControlClient }> {
  const leaving = new AbortController();
  const start = async (): Promise<never> => {
    throw new Error('The app does not host the bridge yet.');
  };
  const owner = new Owner({
    paths: pathsFor(home, {}),
    client: 'journey',
    start,
    signal: leaving.signal,
  });
  await vi.waitFor(() => owner.reach(), SOON);
  return {
    control: owner.client,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await owner[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the page was on the screen for two of its frames. */
export async function isDrawn(page: Page): Promise<void> {
  await page.waitForFunction('document.visibilityState === "visible"');
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** @throws Error that says what does not happen. */
export async function soon<T>(promise: Promise<T>, otherwise: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(otherwise)), SOON.timeout);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
