import { homedir } from 'node:os';
import { app, session } from 'electron';
import type { Log } from '#bridge/base/log.ts';
import { controlThrough } from '#bridge/control/through.ts';
import { readWindowFiles } from '#bridge/panel/files.ts';
import type { DesktopState } from '#contract/desktop.ts';
import { serveApp } from './app-protocol.ts';
import { openApplicationMenu } from './application-menu.ts';
import type { BridgeHost } from './bridge-host.ts';
import type { ChoiceStore } from './choices.ts';
import { openClipboard } from './clipboard.ts';
import { desktopRouter } from './desktop-procedures.ts';
import { guardDownloads } from './downloads.ts';
import type { Latest } from './latest.ts';
import type { LinkQueue } from './links.ts';
import { loginItem } from './login-item.ts';
import { openBundle, openOwnPage, openSignIn } from './open-safe.ts';
import { openOwnUpdates } from './own-updates.ts';
import type { Page } from './pages.ts';
import { refusePermissions } from './permissions.ts';
import { homepage, type Places } from './places.ts';
import type { Prepared } from './prepare.ts';
import { openPresence, type Presence } from './presence.ts';
import type { Quitting } from './quit.ts';
import { Refusals } from './refusals.ts';
import { guardRequests } from './requests.ts';
import { desktopTexts } from './texts/desktop.ts';
import { openTrayPanel } from './tray-panel.ts';
import { openWindowDoor } from './window-door.ts';
import { openWindows, type Windows } from './windows.ts';

export interface SurfaceParts {
  readonly prepared: Pick<Prepared, 'argv' | 'environment' | 'paths' | 'platform'>;
  readonly places: Places;
  readonly host: Pick<BridgeHost, 'control'>;
  readonly latest: Latest;
  readonly choices: ChoiceStore;
  readonly links: LinkQueue;
  readonly quitting: Quitting;
  readonly log: Log;
}

/** All that a person sees of the app: its window, the icon in the tray, notifications. */
export interface Surface extends AsyncDisposable {
  /** Shows the window, at one of its places when one is given. */
  show(route?: string): void;
  /** Puts up a message box. */
  readonly ask: Windows['ask'];
  /** The app ends to come back as a newer version. */
  readonly isInstalling: boolean;
}

/**
 * Opens the surface; the window shows unless the system started the app.
 * @throws BridgeError `storage` when the window is not built.
 */
export async function openSurface(parts: SurfaceParts): Promise<Surface> {
  const { prepared, places, host, latest, choices, links, quitting, log } = parts;
  const { argv, environment, paths, platform } = prepared;
  const { defaultSession } = session;
  await using starting = new AsyncDisposableStack();
  const refusals = new Refusals(log, 'window.refused');
  const files = await readWindowFiles(places.window);
  const page = await homepage();
  refusePermissions(defaultSession);
  defaultSession.setSpellCheckerEnabled(false);
  serveApp(defaultSession, files);

  const login = loginItem({ platform, environment, home: homedir(), executable: process.execPath });
  const clipboard = starting.use(openClipboard());
  const updates = starting.use(openOwnUpdates(platform, log));
  const panel = starting.use(openTrayPanel({ platform, environment }));
  const openWaiting = (id: string): Promise<boolean> => openSignIn(id, latest.snapshot, log);
  const openPage = (wanted: Page): Promise<boolean> => openOwnPage(wanted, page, log);

  const door = starting.use(
    openWindowDoor({
      router: {
        control: controlThrough(host.control),
        desktop: desktopRouter({
          platform: platformOf(platform),
          choices,
          links,
          updates,
          openAtLogin: login.openAtLogin,
          setOpenAtLogin: login.setOpenAtLogin,
          tray: () => (presence.isShown ? 'shown' : 'missing'),
          trayChanged: [panel.changed],
          openSignIn: openWaiting,
          openPage,
          openBundle: async (address, signal) => {
            const { path } = await host.control.clients.bundle({ address }, { signal });
            return { path, opened: await openBundle(path, paths.bundles, log) };
          },
          copy: clipboard.copy,
          quit: () => quitting.ask(),
        }),
      },
      refusals,
    }),
  );
  const refuse = (what: string): void => refusals.add(what);
  guardDownloads(defaultSession, (contents) => door.has(contents), refuse);
  guardRequests(defaultSession, app.isPackaged, refuse);

  const windows = starting.use(
    openWindows({
      platform,
      preload: places.preload,
      door,
      place: { last: () => choices.window, keep: (place) => choices.keepWindow(place) },
      onClose: () => (updates.isInstalling ? 'close' : presence.putAway()),
      hidden: () => presence.windowHidden(),
      sessionEnds: () => void quitting.now(),
      refusals,
      log,
    }),
  );
  const showWindow = (route?: string): void => windows.show(route);

  const presence: Presence = starting.use(
    openPresence({
      latest,
      control: host.control,
      choices,
      updates,
      platform,
      environment,
      icons: places.icons,
      panel,
      showWindow,
      openSignIn: openWaiting,
      openPage,
      copy: (text) => clipboard.copy(text, false),
      quit: () => quitting.ask(),
      log,
    }),
  );
  starting.use(links.changed.on(() => followLink(links, windows, log)));
  openApplicationMenu(platform, app.isPackaged, { showWindow, quit: () => quitting.ask() });
  if (!login.startedByLogin(argv)) showWindow();
  else app.dock?.hide();
  const running = starting.move();
  return {
    show: showWindow,
    ask: windows.ask,
    get isInstalling() {
      return updates.isInstalling;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A link fills a form in the window, or is refused with one sentence; only a person goes on from there. */
function followLink(links: LinkQueue, windows: Windows, log: Log): void {
  if (links.form) windows.show();
  if (links.refusal === undefined) return;
  windows
    .ask({ type: 'warning', message: desktopTexts.linkRefused, detail: links.refusal })
    .catch((error: unknown) => log.error('link.box', error))
    .finally(() => links.taken());
}

function platformOf(platform: NodeJS.Platform): DesktopState['platform'] {
  return platform === 'darwin' || platform === 'win32' ? platform : 'linux';
}
