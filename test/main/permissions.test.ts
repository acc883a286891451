import { app, BrowserWindow, session } from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusePermissions } from '#main/permissions.ts';
import { type Desktop, newDesktop } from '../electron/desktop.ts';
import type { Permission } from '../electron/session.ts';

/** Every permission Electron knows of. One that is added there does not compile until it is here. */
const permissions: Readonly<Record<Permission, true>> = {
  ar: true,
  'automatic-fullscreen': true,
  'background-fetch': true,
  'background-sync': true,
  'captured-surface-control': true,
  'clipboard-read': true,
  'clipboard-sanitized-write': true,
  'deprecated-sync-clipboard-read': true,
  'display-capture': true,
  fileSystem: true,
  fullscreen: true,
  geolocation: true,
  'geolocation-approximate': true,
  'hand-tracking': true,
  hid: true,
  'idle-detection': true,
  keyboardLock: true,
  'local-fonts': true,
  'local-network': true,
  'local-network-access': true,
  'loopback-network': true,
  media: true,
  mediaKeySystem: true,
  midi: true,
  midiSysex: true,
  nfc: true,
  notifications: true,
  openExternal: true,
  'payment-handler': true,
  'periodic-background-sync': true,
  'persistent-storage': true,
  pointerLock: true,
  'screen-wake-lock': true,
  sensors: true,
  serial: true,
  'smart-card': true,
  'speaker-selection': true,
  'storage-access': true,
  'system-wake-lock': true,
  'top-level-storage-access': true,
  usb: true,
  vr: true,
  'web-app-installation': true,
  'web-printing': true,
  'window-management': true,
  unknown: true,
};
const names = Object.keys(permissions) as Permission[];

describe('a page', () => {
  let desktop: Desktop;
  let window: BrowserWindow;

  beforeEach(async () => {
    desktop = newDesktop();
    await app.whenReady();
    window = new BrowserWindow();
  });

  test('would get everything if nobody refused it, as in Electron', async () => {
    expect(await desktop.defaultSession.ask(window.webContents, 'media')).toBe(true);
    expect(desktop.defaultSession.check(window.webContents, 'media')).toBe(true);
    expect(desktop.defaultSession.checkDevice('usb')).toBe(true);
  });

  test.each(names)('is refused %s', async (permission) => {
    refusePermissions(session.defaultSession);
    expect(await desktop.defaultSession.ask(window.webContents, permission)).toBe(false);
  });

  test.each(['hid', 'serial', 'usb'] as const)('gets no device: %s', (kind) => {
    refusePermissions(session.defaultSession);
    expect(desktop.defaultSession.checkDevice(kind)).toBe(false);
    expect(desktop.defaultSession.check(window.webContents, kind)).toBe(false);
  });

  test('that looks whether it has a permission sees that it has none', () => {
    refusePermissions(session.defaultSession);
    for (const permission of ['media', 'notifications', 'geolocation', 'clipboard-read'] as const) {
      expect(desktop.defaultSession.check(window.webContents, permission)).toBe(false);
    }
  });

  test('does not get to see the screen', async () => {
    refusePermissions(session.defaultSession);
    expect(await desktop.defaultSession.askForScreen(window.webContents.mainFrame)).toBeNull();
  });
});
