import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '#contract/control.ts';
import { BridgeError } from '#contract/errors.ts';
import { expecting } from '#main/tray-accounts.ts';
import { desktop } from '../electron/desktop.ts';
import {
  aCall,
  account,
  acme,
  aSession,
  aSnapshot,
  beta,
  ENDED,
  later,
  NO_UPDATE,
  ops,
  three,
} from './a-tray.ts';
import { ICONS, onADesktop, opened, switched, ticks } from './an-open-tray.ts';

onADesktop();

const picture = (): string => desktop().tray.image.path?.slice(`${ICONS}/tray/`.length) ?? '';

describe('the icon', () => {
  test('shows the state by another picture, and words to go with it', () => {
    const { told } = opened(three);
    expect([picture(), desktop().tray.toolTip]).toEqual(['fine-on-light.png', 'Gangway: 3 accounts ready']);
    told.tell(aSnapshot({ accounts: [acme, account('Gone', ENDED)] }));
    expect(picture()).toBe('attention-on-light.png');
    expect(desktop().tray.toolTip).toBe('Gangway: 1 account ready, 1 needs sign-in');
    told.tell(aSnapshot({ accounts: [acme] }, { paused: true }));
    expect(picture()).toBe('paused-on-light.png');
    told.lose();
    expect(picture()).toBe('offline-on-light.png');
    expect(desktop().tray.image.isEmpty()).toBe(false);
  });

  test('follows the theme of the desktop', () => {
    opened(three);
    desktop().nativeTheme.become('dark');
    expect(picture()).toBe('fine-on-dark.png');
    desktop().nativeTheme.become('light');
    expect(picture()).toBe('fine-on-light.png');
  });

  test('is light on the dark bar of GNOME, whatever the theme', () => {
    opened(three, {}, { desktop: 'ubuntu:GNOME' });
    expect(picture()).toBe('fine-on-dark.png');
  });

  test('on Windows follows the theme of the taskbar, which is not that of its apps', () => {
    opened(three, {}, { platform: 'win32' });
    expect(picture()).toBe('fine-on-light.ico');
    desktop().nativeTheme.become('light', 'dark');
    expect(picture()).toBe('fine-on-dark.ico');
    desktop().nativeTheme.become('dark', 'light');
    expect(picture()).toBe('fine-on-light.ico');
    expect(desktop().tray.image.getSize()).toEqual({ width: 16, height: 16 });
  });

  test('is coloured by macOS itself', () => {
    opened(three, {}, { platform: 'darwin' });
    expect(picture()).toBe('fineTemplate.png');
    expect(desktop().tray.image.isTemplateImage()).toBe(true);
  });

  test('has a dot while a call runs, and for a moment after it', () => {
    const { told } = opened({ ...three, sessions: [aSession('Cursor 1.0', { calls: 1 })] });
    expect(picture()).toBe('fine-on-light.png');
    told.tell({ ...three, sessions: [aSession('Cursor 1.0', { calls: 2 })] });
    expect(picture()).toBe('busy-on-light.png');
    vi.advanceTimersByTime(3_900);
    expect(picture()).toBe('busy-on-light.png');
    vi.advanceTimersByTime(200);
    expect(picture()).toBe('fine-on-light.png');
  });

  test('is set only when it is another one', () => {
    const { told } = opened(three);
    const before = desktop().tray.images.length;
    told.tell({ ...three });
    told.tell({ ...three });
    expect(desktop().tray.images).toHaveLength(before);
    expect(desktop().tray.toolTips).toHaveLength(1);
  });

  test('is missing where there is no place for it, and everything else goes on', () => {
    const tray = opened(three, {}, { icons: join(ICONS, 'nowhere') });
    tray.told.tell(aSnapshot());
    expect(tray.isShown).toBe(false);
  });

  test('is made anew for a panel that came later, with all that belongs to it', () => {
    const tray = opened(three, {}, { platform: 'linux' });
    const before = desktop().tray;
    tray.renew();
    expect([before.isDestroyed(), desktop().tray === before]).toEqual([true, false]);
    expect(desktop().tray.toolTip).toBe('Gangway: 3 accounts ready');
    expect(desktop().tray.menu.texts[0]).toBe('Ready');
    desktop().tray.press();
    expect(tray.done).toEqual([['showWindow']]);
    tray.told.tell(aSnapshot({ accounts: [acme] }, { paused: true }));
    expect(picture()).toBe('paused-on-light.png');
    tray[Symbol.dispose]();
    tray.renew();
    expect(desktop().trays.map((icon) => icon.isDestroyed())).toEqual([true, true]);
  });

  test('goes with the tray, which hears nothing more', () => {
    const tray = opened(three);
    const icon = desktop().tray;
    tray[Symbol.dispose]();
    tray.told.tell(aSnapshot());
    desktop().nativeTheme.become('dark');
    vi.advanceTimersByTime(60_000);
    expect(icon.isDestroyed()).toBe(true);
  });
});

describe('the menu', () => {
  test('on Linux is replaced only when it reads differently', () => {
    const { told } = opened(three);
    expect(desktop().tray.menus).toHaveLength(1);
    told.tell({ ...three, clients: [] });
    told.tell({ ...three, sessions: [aSession('Cursor 1.0', { calls: 0 })] });
    expect(desktop().tray.menus).toHaveLength(2);
    told.tell({ ...three, sessions: [aSession('Cursor 1.0', { calls: 5 })] });
    expect(desktop().tray.menus).toHaveLength(2);
  });

  test('on Linux waits half a minute before it changes for calls alone', () => {
    const { told } = opened(three);
    told.tell({ ...three, recent: [aCall(1)] });
    const first = desktop().tray.menus.length;
    told.tell({ ...three, recent: [aCall(2), aCall(1)] });
    told.tell({ ...three, recent: [aCall(3), aCall(2), aCall(1)] });
    vi.advanceTimersByTime(29_000);
    expect(desktop().tray.menus).toHaveLength(first);
    vi.advanceTimersByTime(2_000);
    expect(desktop().tray.menus).toHaveLength(first + 1);
    expect(desktop().tray.menu.find('Recent calls').submenu?.rows).toHaveLength(5);
  });

  test('on Linux changes at once for everything else', () => {
    const { told } = opened({ ...three, recent: [aCall(1)] });
    told.tell({ ...expecting(three, beta.id), recent: [aCall(2), aCall(1)] });
    expect(ticks()).toContain('Beta (STAGING)');
    expect(desktop().tray.menu.find('Recent calls').submenu?.rows).toHaveLength(3);
  });

  test('on Linux is drawn anew when the person asks for it', () => {
    opened(three);
    desktop().clickTray('Help', 'Redraw menu');
    expect(desktop().tray.menus).toHaveLength(2);
  });

  test.each(['darwin', 'win32'] as const)('on %s is made of what is known when it is opened', (platform) => {
    const { told } = opened(three, {}, { platform });
    told.tell(aSnapshot());
    expect(desktop().tray.menus).toEqual([]);
    desktop().tray.pressRight();
    expect(desktop().tray.popups.at(-1)?.texts).toContain('Add your first account…');
  });

  test.each(['darwin', 'win32', 'linux'] as const)(
    'on %s leaves the left click to the window',
    (platform) => {
      const { done } = opened(three, {}, { platform });
      desktop().tray.press();
      expect(done).toEqual([['showWindow']]);
      expect(desktop().tray.popups).toEqual([]);
    },
  );

  test('says since when the bridge is away', () => {
    const { told } = opened(three);
    told.lose();
    vi.advanceTimersByTime(5 * 60_000);
    told.lose();
    expect(desktop().tray.menu.texts[0]).toBe('Gangway does not answer since 12:00');
    told.find();
    expect(desktop().tray.menu.texts[0]).toBe('Ready');
  });

  test('says since when no account can be reached', () => {
    const { told } = opened(three);
    vi.advanceTimersByTime(5 * 60_000);
    const away = account('Acme', { condition: { state: 'offline', text: '', action: 'wait' } });
    told.tell(aSnapshot({ accounts: [away] }));
    vi.advanceTimersByTime(5 * 60_000);
    told.tell(aSnapshot({ accounts: [away] }));
    expect(desktop().tray.menu.texts[0]).toBe('Offline since 12:05');
    told.tell(three);
    vi.advanceTimersByTime(5 * 60_000);
    told.tell(aSnapshot({ accounts: [away] }));
    expect(desktop().tray.menu.texts[0]).toBe('Offline since 12:15');
  });

  test('knows of an update as soon as it is told to look', () => {
    const tray = opened(three);
    tray.update = { ...NO_UPDATE, state: 'ready', version: '1.2.0' };
    tray.look();
    desktop().clickTray('Restart to update to 1.2.0');
    expect(tray.done).toEqual([['restartToUpdate']]);
  });
});

describe('other clicks', () => {
  const said: Snapshot['status'] = three.status;

  test('reach the bridge', async () => {
    const tray = opened(three, {
      'accounts.actAs': () => switched(three, ops.id),
      'settings.set': () => three.settings,
      pause: () => said,
      'vault.open': () => said,
    });
    desktop().clickTray('Acting as', 'usr_7');
    desktop().clickTray('Read-only for everything');
    desktop().clickTray('Pause all access', 'For 15 minutes');
    desktop().clickTray('Pause all access', 'Until I resume');
    tray.act.unlock();
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.inputsOf('accounts.actAs')).toEqual([
      { account: ops.id, user: { by: 'id', value: 'usr_7' } },
    ]);
    expect(tray.inputsOf('settings.set')).toEqual([{ readOnly: true }]);
    expect(tray.inputsOf('pause')).toEqual([{ minutes: 15 }, {}]);
    expect(tray.inputsOf('vault.open')).toHaveLength(1);
    expect(tray.notes).toEqual([]);
  });

  test('resume what was paused', async () => {
    const paused = aSnapshot(
      { accounts: [acme] },
      { paused: true, pausedUntil: later(60_000).toISOString() },
    );
    const tray = opened(paused, { resume: () => said });
    desktop().clickTray('Resume');
    await vi.advanceTimersByTimeAsync(10);
    expect(tray.inputsOf('resume')).toHaveLength(1);
  });

  test('that fail are told, and the tick that the click made goes away', async () => {
    const tray = opened(three, {
      'settings.set': () => Promise.reject(new BridgeError('storage', 'The settings cannot be saved.')),
    });
    desktop().clickTray('Read-only for everything');
    expect(ticks()).toContain('Read-only for everything');
    await vi.advanceTimersByTimeAsync(10);
    expect(ticks()).not.toContain('Read-only for everything');
    expect(tray.notes.map(({ notice }) => notice.body)).toEqual(['The settings cannot be saved.']);
  });

  test('on a vault with a passphrase lead to the window, which has the field for it', () => {
    const vault = { kind: 'passphrase', state: 'locked' } as const;
    const tray = opened(aSnapshot({ accounts: [acme] }, { vault }));
    tray.act.unlock();
    expect(tray.done).toEqual([['showWindow', '/accounts']]);
  });

  test('that the tray cannot do itself go to the app around it', () => {
    const tray = opened(aSnapshot({ accounts: [account('Acme', ENDED)] }));
    desktop().clickTray('Pelcro Acme: sign in again');
    desktop().clickTray('Check for updates');
    desktop().clickTray('Help', 'Copy diagnostics');
    desktop().clickTray('Quit Gangway');
    expect(tray.done).toEqual([
      ['signIn', 'acc_Acme0000'],
      ['checkForUpdates'],
      ['copyDiagnostics'],
      ['quit'],
    ]);
  });
});
