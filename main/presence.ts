import { release } from 'node:os';
import { app } from 'electron';
import type { Log } from '#bridge/base/log.ts';
import { VERSION } from '#bridge/base/version.ts';
import { asBridgeError, BridgeError } from '#contract/errors.ts';
import type { BridgeHost } from './bridge-host.ts';
import type { ChoiceStore } from './choices.ts';
import { diagnosticsText } from './diagnostics.ts';
import type { Latest } from './latest.ts';
import { type Notifications, openNotifications } from './notifications.ts';
import type { Page } from './pages.ts';
import { routes } from './routes.ts';
import { signInByClick } from './sign-in-click.ts';
import { desktopTexts } from './texts/desktop.ts';
import { type OpenTray, openTray } from './tray.ts';
import type { TrayPanel } from './tray-panel.ts';
import type { Updates } from './updates.ts';
import type { PutAway } from './window-showing.ts';

export interface PresenceParts {
  readonly latest: Latest;
  readonly control: BridgeHost['control'];
  readonly choices: ChoiceStore;
  readonly updates: Updates;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of the pictures. */
  readonly icons: string;
  /** Who shows the icon. */
  readonly panel: Pick<TrayPanel, 'isThere' | 'changed' | 'look'>;
  readonly showWindow: (route?: string) => void;
  /** These two open something in the browser, and say whether they did. */
  readonly openSignIn: (id: string) => Promise<boolean>;
  readonly openPage: (page: Page) => Promise<boolean>;
  /** Puts a text without secrets on the clipboard. */
  readonly copy: (text: string) => Promise<void>;
  readonly quit: () => void;
  readonly log: Log;
}

/** The app beside its window: the icon in the tray, and notifications. */
export interface Presence extends Disposable {
  /** There is an icon in the tray, and as far as is known it can be seen. */
  readonly isShown: boolean;
  /** How a window goes out of sight: nobody would find a hidden one where no icon leads to it. */
  putAway(): PutAway | Promise<PutAway>;
  /** The window was closed to the tray; says where it went, once. */
  windowHidden(): void;
}

/** Opens both, each able to say what the other one did. */
export function openPresence(parts: PresenceParts): Presence {
  const { latest, control, choices, updates, platform, panel, showWindow, log } = parts;
  const starting = new DisposableStack();
  const { signal } = starting.adopt(new AbortController(), (leaving) => leaving.abort());
  const update = (): Updates['state'] => updates.state;

  const tray: OpenTray = starting.use(
    openTray({
      latest,
      control,
      update,
      act: {
        showWindow,
        signIn: (account) => {
          const signingIn = signInByClick(account, { ...parts, signal });
          run(signingIn, routes.account(account));
        },
        checkForUpdates: () => run(updates.check().then(tellOfUpdate), routes.settings),
        restartToUpdate: () => run(updates.restart(), routes.settings),
        openPage: (page) => run(opened(parts.openPage(page)), routes.settings),
        copyDiagnostics: () => run(parts.copy(diagnostics()), routes.settings),
        quit: parts.quit,
      },
      notify: (notice, more) => notifications.show(notice, more),
      platform,
      icons: parts.icons,
      desktop: parts.environment.XDG_CURRENT_DESKTOP,
    }),
  );
  const notifications: Notifications = starting.use(
    openNotifications({ latest, choices: () => choices.current, update, act: tray.act, platform }),
  );
  starting.use(
    updates.changed.on(() => {
      tray.look();
      notifications.look();
    }),
  );

  starting.use(panel.changed.on(() => panel.isThere && tray.renew()));

  const isShown = (): boolean => tray.isShown && panel.isThere;
  const putAwayNow = (): PutAway => (isShown() ? 'hide' : 'minimize');

  /** Says what came of a click; in the window when notifications are off. */
  function say(key: string, title: string, body: string, route: string): void {
    const action = { kind: 'show', label: desktopTexts.show, route } as const;
    const unseen = (): void => showWindow(route);
    if (!notifications.show({ key, title, body, action }, { unseen })) unseen();
  }

  /** What a click began. Its end is told only when it failed. */
  function run(task: Promise<unknown>, route: string): void {
    task.catch((error: unknown) => {
      if (signal.aborted) return;
      say('failed', desktopTexts.failedTitle, asBridgeError(error).message, route);
    });
  }

  async function opened(page: Promise<boolean>): Promise<void> {
    if (!(await page)) throw new BridgeError('unreachable', desktopTexts.noPage);
  }

  function tellOfUpdate({ text }: Updates['state']): void {
    if (text !== '') say('update-check', desktopTexts.updateTitle, text, routes.settings);
  }

  function diagnostics(): string {
    const { electron, chrome, node } = process.versions;
    return diagnosticsText({
      snapshot: latest.snapshot,
      isLost: latest.isLost,
      versions: { gangway: VERSION, electron, chrome, node },
      platform,
      release: release(),
      arch: process.arch,
      isPackaged: app.isPackaged,
      tray: isShown() ? 'shown' : 'missing',
      update: updates.state,
      now: new Date(),
    });
  }

  return {
    get isShown() {
      return isShown();
    },
    putAway: () => (platform === 'linux' ? panel.look().then(putAwayNow) : putAwayNow()),
    windowHidden: () => {
      if (choices.current.knowsTray) return;
      const action = { kind: 'show', label: desktopTexts.open, route: routes.accounts } as const;
      const title = desktopTexts.staysTitle(platform);
      if (!notifications.show({ key: 'stays', title, body: desktopTexts.staysBody, action })) return;
      choices.choose({ knowsTray: true }).catch((error: unknown) => log.error('window.choice', error));
    },
    [Symbol.dispose]: () => starting.dispose(),
  };
}
