import { whole } from '../electron/announcer.ts';
import { DoubleIpcMain } from '../electron/ipc-main.ts';
import { buildFromTemplate } from '../electron/menu.ts';
import { DoubleProtocol, DoubleSession } from '../electron/session.ts';
import { DoubleChild } from '../electron/utility-process.ts';
import { HostApp } from './app.ts';
import { type Bus, connectBus } from './bus.ts';
import { HostDialog } from './dialog.ts';
import { loud, notMapped } from './loud.ts';
import { findNotificationServer, HostNotification, type NotificationServer } from './notification.ts';
import { HostClipboard, HostPowerMonitor, HostScreen, HostShell, HostTheme } from './surroundings.ts';
import { HostTray } from './tray.ts';
import { HostWindow } from './window.ts';

/*
 * Stands in for the module `electron` when the BUILT app runs under plain Node on a Linux desktop (register.ts), so that
 * one journey can be made with it where Electron's binary cannot be had. It proves that what was built starts, connects
 * its parts and ends. It is not Electron, and nothing that passes here counts as tested on Electron.
 *
 * Real: windows and pages (Chromium, of whatever version is installed), the walls of a page (its process, its policy,
 * a world of its own for the preload script), what pages send, get and ask the network for, where a page goes, new windows,
 * message boxes that somebody answers, the icon in the panel and its menu (StatusNotifierItem and
 * com.canonical.dbusmenu on D-Bus), notifications where a server shows them, the lock of the one instance and what a
 * second start tells the first, processes beside the app, the order in which the app begins and ends.
 *
 * Not real: `app://bundle` is `http://bundle.app.localhost` for Chromium and is answered before it reaches the network;
 * messages are JSON, not structured clones; hidden windows are minimized, and one that a person closes is gone whatever
 * the app says; permission, device and download rules are taken and asked about only where said here (downloads);
 * nothing is saved to a file; the proxy is always DIRECT; the clipboard is in memory; links are not opened; theme,
 * power and displays never change; a process beside the app is Node; no application menu is shown; nothing is packaged
 * (no fuses, no ASAR), signed, updated or registered with the system; macOS and Windows are not here at all.
 *
 * What the app uses and this file lacks is rejected, and said on stderr: `desktop host: not mapped: …`.
 */

const windows: HostWindow[] = [];
const open = new AsyncDisposableStack();
let bus: Bus | undefined;
let server: NotificationServer | undefined;
let windowCount = 0;
let trayCount = 0;
const ending = new Set<Promise<void>>();

const hostApp = new HostApp({
  windows: () => [...windows],
  begin: async () => {
    const address = process.env.DBUS_SESSION_BUS_ADDRESS;
    bus = address ? open.use(await connectBus(address)) : undefined;
    server = await findNotificationServer(bus);
  },
  end: async () => {
    await messages.end();
    await Promise.all(ending);
    await open.disposeAsync();
  },
});
const messages = new HostDialog(() => hostApp.getPath('userData'));
const mail = new DoubleIpcMain();
const defaultSession = new DoubleSession(new DoubleProtocol(() => !hostApp.isReady()));

export const app = loud('app', hostApp);
export const clipboard = loud('clipboard', new HostClipboard());
export const dialog = loud('dialog', messages);
export const ipcMain = loud('ipcMain', mail);
export const nativeTheme = loud('nativeTheme', new HostTheme());
export const powerMonitor = loud('powerMonitor', new HostPowerMonitor());
export const protocol = loud('protocol', defaultSession.doubleProtocol);
export const screen = loud('screen', new HostScreen());
export const shell = loud('shell', new HostShell());
export const session = loud('session', { defaultSession: loud('session.defaultSession', defaultSession) });

export const Menu = loud('Menu', {
  buildFromTemplate: (template) => loud('Menu', buildFromTemplate(template)),
  // A window of Chromium has no room for it.
  setApplicationMenu: () => undefined,
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>);

export const utilityProcess = loud('utilityProcess', {
  fork: (modulePath, args, options) =>
    loud('UtilityProcess', whole<Electron.UtilityProcess>(new DoubleChild(modulePath, args, options))),
} satisfies Pick<typeof Electron.UtilityProcess, 'fork'>);

/** A constructor whose objects reject what they do not have, as it does itself. */
function loudClass<A extends unknown[]>(
  name: string,
  make: (...given: A) => object,
  statics: object = {},
): object {
  const known = loud(name, statics);
  return new Proxy(class {}, {
    construct: (_class, given: A) => loud(name, make(...given)),
    get: (_class, member) => Reflect.get(known, member),
  });
}

export const BrowserWindow = loudClass(
  'BrowserWindow',
  (options: Electron.BrowserWindowConstructorOptions) => {
    if (!hostApp.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    const { partition, session: own } = options.webPreferences ?? {};
    if (partition !== undefined || own !== undefined) throw notMapped('a window with a session of its own');
    windowCount += 1;
    const window = new HostWindow(
      {
        id: windowCount,
        session: defaultSession,
        post: mail,
        userData: hostApp.getPath('userData'),
        gone: (gone, ended) => {
          ending.add(ended);
          windows.splice(windows.indexOf(gone), 1);
          if (windows.length === 0) hostApp.allClosed();
        },
      },
      options,
    );
    windows.push(window);
    return window;
  },
);

export const Tray = loudClass('Tray', (image: Electron.NativeImage | string) => {
  trayCount += 1;
  return open.use(new HostTray({ bus, number: trayCount }, image));
});

export const Notification = loudClass(
  'Notification',
  (options: Electron.NotificationConstructorOptions = {}) => new HostNotification(server, options),
  // Electron asks for the library, not for somebody who shows anything.
  { isSupported: () => true },
);
