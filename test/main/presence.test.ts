import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Signal } from '#bridge/base/events.ts';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { BridgeError } from '#contract/errors.ts';
import { ChoiceStore } from '#main/choices.ts';
import { openPresence, type Presence, type PresenceParts } from '#main/presence.ts';
import { idle } from '#main/update-state.ts';
import { temporaryHome } from '../canary/home.ts';
import { scriptedControl } from '../cli/a-control.ts';
import { desktop, newDesktop } from '../electron/desktop.ts';
import { Told, three } from './a-tray.ts';
import { ICONS } from './an-open-tray.ts';

/** Icon and notifications, with everything around them that they ask or do. */
async function opened(parts: Partial<PresenceParts> = {}, update: UpdateState = idle) {
  const home = await temporaryHome();
  const choices = await ChoiceStore.open(pathsFor(home.path, {}).desktop, silentLog);
  const shown: (string | undefined)[] = [];
  const updated = new Signal<void>();
  const panel = { isThere: true, changed: new Signal<void>(), look: async () => panel.isThere };
  const copied: string[] = [];
  const presence: Presence = openPresence({
    latest: { ...new Told(three), changed: new Signal<void>(), [Symbol.asyncDispose]: async () => undefined },
    control: scriptedControl({}).control,
    choices,
    updates: {
      state: update,
      changed: updated,
      isInstalling: false,
      check: async () => update,
      restart: async () => {
        throw new BridgeError('conflict', 'No update is ready yet.');
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
    platform: 'linux',
    environment: {},
    icons: ICONS,
    panel,
    showWindow: (route) => void shown.push(route),
    openSignIn: async () => false,
    openPage: async () => true,
    copy: async (text) => void copied.push(text),
    quit: () => undefined,
    log: silentLog,
    ...parts,
  });
  return { presence, choices, shown, panel, copied };
}

const told = (): [string, string][] => desktop().notes.map(({ title, body }) => [title, body]);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  newDesktop({ platform: 'linux', isReady: true });
});

describe('a click in the tray that leads to nothing to see', () => {
  const looked: UpdateState = { ...idle, text: 'Gangway is up to date.' };

  test('says how it ended', async () => {
    const { presence, shown } = await opened({}, looked);
    using _presence = presence;
    desktop().clickTray('Check for updates');
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    expect(told()[0]).toEqual(['Updates', expect.stringContaining('Gangway is up to date.')]);
    expect(shown).toEqual([]);
  });

  test('says it in the window when notifications are off', async () => {
    const { presence, choices, shown } = await opened({}, looked);
    using _presence = presence;
    await choices.choose({ notifications: false });
    desktop().clickTray('Check for updates');
    await vi.waitFor(() => expect(shown).toEqual(['/settings']));
  });

  test('says that a page could not be opened', async () => {
    const { presence } = await opened({ openPage: async () => false });
    using _presence = presence;
    desktop().clickTray('Help', 'What’s new');
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    expect(told()[0]?.[1]).toContain('could not be opened');
  });

  test('says nothing any more once the app ends', async () => {
    const opening = Promise.withResolvers<boolean>();
    const { presence, shown } = await opened({ openPage: () => opening.promise });
    desktop().clickTray('Help', 'Help page');
    presence[Symbol.dispose]();
    opening.resolve(false);
    await settled();
    expect([told(), shown]).toEqual([[], []]);
  });
});

test('RD-06: diagnostics are only copied, so that the person sees them before anybody else, with what is known of the tray', async () => {
  const { presence, panel, copied } = await opened();
  using _presence = presence;
  desktop().clickTray('Help', 'Copy diagnostics');
  panel.isThere = false;
  desktop().clickTray('Help', 'Copy diagnostics');
  await vi.waitFor(() => expect(copied).toHaveLength(2));
  expect(copied.map((text) => /tray (\w+)/.exec(text)?.[1])).toEqual(['shown', 'missing']);
});

describe('a window that is closed', () => {
  test('on Linux is hidden only where a panel shows the icon, which is looked at then', async () => {
    const { presence, panel } = await opened();
    using _presence = presence;
    expect([await presence.putAway(), presence.isShown]).toEqual(['hide', true]);
    panel.isThere = false;
    expect([await presence.putAway(), presence.isShown]).toEqual(['minimize', false]);
  });

  test.each(['darwin', 'win32'] as const)('on %s is hidden at once', async (platform) => {
    const { presence } = await opened({ platform });
    using _presence = presence;
    expect(presence.putAway()).toBe('hide');
  });

  test('is never hidden where there is no icon', async () => {
    const { presence } = await opened({ platform: 'win32', icons: '/nonexistent' });
    using _presence = presence;
    expect(presence.putAway()).toBe('minimize');
  });

  test('is told where it went once, and only when somebody could see it', async () => {
    const { presence, choices } = await opened();
    using _presence = presence;
    await choices.choose({ notifications: false });
    presence.windowHidden();
    await settled();
    expect(choices.current.knowsTray).toBe(false);
    await choices.choose({ notifications: true });
    presence.windowHidden();
    await vi.waitFor(() => expect(choices.current.knowsTray).toBe(true));
    presence.windowHidden();
    expect(desktop().notifications).toHaveLength(1);
  });
});

test('a panel that comes is given the icon anew, one that goes is not', async () => {
  const { presence, panel } = await opened();
  using _presence = presence;
  panel.isThere = false;
  panel.changed.announce();
  expect(desktop().trays).toHaveLength(1);
  panel.isThere = true;
  panel.changed.announce();
  expect(desktop().trays.map((tray) => tray.isDestroyed())).toEqual([true, false]);
});
