import { createRouterClient } from '@orpc/server';
import { beforeEach, describe, expect, test } from 'vitest';
import { Signal } from '#bridge/base/events.ts';
import { silentLog } from '#bridge/base/log.ts';
import { pathsFor } from '#bridge/base/paths.ts';
import { AccountId } from '#contract/account.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { BridgeError } from '#contract/errors.ts';
import { ChoiceStore } from '#main/choices.ts';
import { type DesktopParts, desktopRouter } from '#main/desktop-procedures.ts';
import { openLinks } from '#main/links.ts';
import { idle } from '#main/update-state.ts';
import { temporaryHome } from '../canary/home.ts';

const choices = { notifications: true, muted: [], askBeforeQuit: true, knowsTray: false };

/** The desktop app around a window, with everything it was asked for. */
async function someDesktop(change: Partial<DesktopParts> = {}) {
  const home = await temporaryHome();
  const deeds: unknown[][] = [];
  const deed =
    <T>(name: string, result: T) =>
    (...given: unknown[]): T => {
      deeds.push([name, ...given]);
      return result;
    };
  const state = { login: false as boolean | null, update: idle, tray: 'shown' as 'shown' | 'missing' };
  const updated = new Signal<void>();
  const trayed = new Signal<void>();
  const links = openLinks({ log: silentLog });
  const store = await ChoiceStore.open(pathsFor(home.path, {}).desktop, silentLog);
  const router = desktopRouter({
    platform: 'linux',
    choices: store,
    links,
    updates: {
      get state() {
        return state.update;
      },
      changed: updated,
      check: async () => deed('check', state.update)(),
      restart: async () => deed('restart', undefined)(),
    },
    openAtLogin: async () => state.login,
    setOpenAtLogin: async (on) => {
      state.login = on;
    },
    tray: () => state.tray,
    trayChanged: [trayed],
    openSignIn: deed('openSignIn', true),
    openPage: deed('openPage', false),
    openBundle: async (address) =>
      deed('openBundle', { opened: false, path: '/data/bundles/b.mcpb' })(address),
    copy: deed('copy', undefined),
    quit: deed('quit', undefined),
    ...change,
  });
  return { window: createRouterClient(router), state, updated, trayed, links, store, deeds };
}

type Window = Awaited<ReturnType<typeof someDesktop>>['window'];

/** What a window sees, from its first message on. */
async function watched(window: Window) {
  const changes = await window.watch();
  const next = async () => {
    const { done, value } = await changes.next();
    if (done) throw new Error('The watch has ended.');
    return value;
  };
  return { first: await next(), next, changes };
}

let parts: Awaited<ReturnType<typeof someDesktop>>;

beforeEach(async () => {
  parts = await someDesktop();
});

describe('a window sees', () => {
  test('the whole state first', async () => {
    expect((await watched(parts.window)).first).toEqual({
      platform: 'linux',
      choices,
      openAtLogin: false,
      tray: 'shown',
      update: idle,
      form: null,
    });
  });

  test('then what changes: a link, an update, a choice, the tray', async () => {
    const { next } = await watched(parts.window);
    parts.links.offer('gangway://add?name=Acme');
    expect(await next()).toEqual({ form: { label: 'Acme', notes: [] } });
    const update: UpdateState = { ...idle, state: 'checking' };
    parts.state.update = update;
    parts.updated.announce();
    expect(await next()).toEqual({ update });
    await parts.store.choose({ knowsTray: true });
    expect(await next()).toEqual({ choices: { ...choices, knowsTray: true } });
    parts.state.tray = 'missing';
    parts.trayed.announce();
    expect(await next()).toEqual({ tray: 'missing' });
  });

  test('DL-01 the form of a link until it says that it showed it', async () => {
    parts.links.offer('gangway://add?url=https://mcp.pelcro.com/');
    const { first, next } = await watched(parts.window);
    expect(first.form).toEqual({ url: 'https://mcp.pelcro.com/', notes: [] });
    await parts.window.formTaken();
    expect(await next()).toEqual({ form: null });
    expect(parts.deeds).toEqual([]);
  });

  test('whether the app starts at sign-in, asked anew for every window', async () => {
    const one = await watched(parts.window);
    parts.state.login = true;
    const two = await watched(parts.window);
    expect([one.first.openAtLogin, two.first.openAtLogin]).toEqual([false, true]);
    expect(await one.next()).toEqual({ openAtLogin: true });
  });
});

describe('a window chooses', () => {
  test('what is saved, and only that', async () => {
    const muted = [AccountId.parse('acc_12345678')];
    expect(await parts.window.choose({ muted })).toEqual({});
    expect(await parts.window.choose({ askBeforeQuit: false })).toEqual({});
    expect([parts.store.current, parts.state.login]).toEqual([
      { ...choices, muted, askBeforeQuit: false },
      false,
    ]);
  });

  test('that the app starts at sign-in', async () => {
    const { next } = await watched(parts.window);
    await parts.window.choose({ openAtLogin: true });
    expect([parts.state.login, await next()]).toEqual([true, { openAtLogin: true }]);
  });

  test('what cannot be, and sees what is', async () => {
    const { window } = await someDesktop({
      openAtLogin: async () => null,
      setOpenAtLogin: async () => {
        throw new BridgeError('conflict', 'This copy is not installed.');
      },
    });
    const { first } = await watched(window);
    expect(first.openAtLogin).toBeNull();
    await expect(window.choose({ openAtLogin: true })).rejects.toThrow('This copy is not installed.');
  });

  test.each([{ knowsTray: true }, { notifications: 'yes' }, { muted: ['x'] }, { unheardOf: 1 }])(
    'nothing that is not in the contract: %j',
    async (change) => {
      await expect(parts.window.choose(Object(change))).rejects.toThrow();
      expect(parts.store.current).toEqual(choices);
    },
  );
});

describe('a window asks', () => {
  test('for pages and sign-ins by name, and hears whether they were opened', async () => {
    expect(await parts.window.openPage({ page: 'help' })).toEqual({ opened: false });
    expect(await parts.window.openSignIn({ id: 'sgn_12345678' })).toEqual({ opened: true });
    await expect(parts.window.openPage(Object({ page: 'https://evil.example' }))).rejects.toThrow();
    await expect(parts.window.openSignIn({ id: 'https://evil.example' })).rejects.toThrow();
    expect(parts.deeds).toEqual([
      ['openPage', 'help'],
      ['openSignIn', 'sgn_12345678'],
    ]);
  });

  test('for a bundle by the address it leads to, and hears where it is and whether it was opened', async () => {
    const made = { opened: false, path: '/data/bundles/b.mcpb' };
    expect(await parts.window.openBundle({ address: 'acme' })).toEqual(made);
    expect(await parts.window.openBundle({})).toEqual(made);
    await expect(parts.window.openBundle(Object({ path: '/data/bundles/b.mcpb' }))).rejects.toThrow();
    expect(parts.deeds).toEqual([
      ['openBundle', 'acme'],
      ['openBundle', 'current'],
    ]);
  });

  test('to copy, to update and to quit', async () => {
    await parts.window.copy({ text: 'a text', secret: true });
    await expect(parts.window.copy({ text: 'x'.repeat(65_537), secret: false })).rejects.toThrow();
    expect(await parts.window.checkForUpdates()).toEqual(idle);
    await parts.window.restartToUpdate();
    await parts.window.quit();
    expect(parts.deeds).toEqual([['copy', 'a text', true], ['check'], ['restart'], ['quit']]);
  });
});
