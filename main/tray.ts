import { join } from 'node:path';
import { Menu, nativeTheme, Tray } from 'electron';
import { timerMs } from '#bridge/base/tasks.ts';
import type { ControlClient } from '#bridge/control/client.ts';
import type { AccountId } from '#contract/account.ts';
import type { Snapshot } from '#contract/control.ts';
import type { UpdateState } from '#contract/desktop.ts';
import { asBridgeError } from '#contract/errors.ts';
import { AccountSwitch } from './account-switch.ts';
import type { Latest } from './latest.ts';
import type { Notice } from './notices.ts';
import type { Notifications } from './notifications.ts';
import { routes } from './routes.ts';
import { failedNotice } from './switch-notices.ts';
import { trayTexts } from './texts/tray.ts';
import { callBegan, iconFile, isOffline, isPanelDark, trayLook } from './tray-icon.ts';
import { type TrayActions, trayMenu } from './tray-menu.ts';

/** What the tray does through the bridge itself. */
type OwnActions = 'switchTo' | 'actAs' | 'setReadOnly' | 'pause' | 'resume' | 'unlock' | 'redraw';

/** What it leaves to the app around it. */
export type ShellActions = Omit<TrayActions, OwnActions>;

export interface TrayParts {
  readonly latest: Pick<Latest, 'snapshot' | 'isLost' | 'changed'>;
  readonly control: Pick<ControlClient, 'accounts' | 'settings' | 'pause' | 'resume' | 'vault'>;
  readonly update: () => UpdateState;
  readonly act: ShellActions;
  /** Shows a notification; false when the person gets to see none. */
  readonly notify: Notifications['show'];
  readonly platform: NodeJS.Platform;
  /** The folder with the pictures: `main/icons`, or where the package has them. */
  readonly icons: string;
  /** Linux: which desktop it is (XDG_CURRENT_DESKTOP), because not every panel follows the theme. */
  readonly desktop?: string | undefined;
  readonly now?: () => Date;
}

export interface OpenTray extends Disposable {
  /** False when there is no icon. Whether a panel of Linux shows the one there is, `TrayPanel` knows. */
  readonly isShown: boolean;
  /** What can be done from the tray, for notifications and others who offer the same. */
  readonly act: TrayActions;
  /** Something besides the snapshot is different now, such as the state of an update. */
  look(): void;
  /** Makes the icon anew, because on Linux a panel that comes later is told of none that is there already. */
  renew(): void;
}

/** Linux closes an open menu that is replaced, or lets it flicker, so calls alone replace it this seldom. */
const CALLS_MS = 30_000;

/** Puts the icon into the tray and keeps icon, words and menu as the snapshot says, until it is disposed. */
export function openTray(parts: TrayParts): OpenTray {
  const { latest, platform, notify, now = () => new Date() } = parts;
  const timers = new Timers();
  const calls = new QuietCalls();
  /** Says what went wrong; in the window when notifications are off. */
  const warn = (notice: Notice): void => {
    const { action } = notice;
    const unseen = (): void => parts.act.showWindow(action.kind === 'show' ? action.route : routes.accounts);
    if (!notify(notice, { unseen })) unseen();
  };
  const tell = (notice: Notice, undo?: () => void): void => void notify(notice, { undo });
  const accounts = new AccountSwitch({ ...parts, tell, warn, moved: () => draw() });
  const act = actionsOf(parts, { accounts, warn, redraw });
  let isOver = false;
  let before: Snapshot | undefined;
  let lastCall: Date | undefined;
  let offlineSince: Date | undefined;
  /** Kept while it is open; Electron does not hold it. */
  let popped: Menu | undefined;
  let tray = newTray();
  let drawn = { icon: icon(), words: '', menu: '' };

  function newTray(): Tray | undefined {
    try {
      const made = new Tray(icon());
      made.on('click', () => parts.act.showWindow());
      if (platform === 'linux') return made;
      made.on('right-click', () => {
        popped = Menu.buildFromTemplate(menu(latest.snapshot));
        made.popUpContextMenu(popped);
      });
      return made;
    } catch {
      return undefined;
    }
  }

  function lookNow() {
    return trayLook(latest.snapshot, latest.isLost, now(), lastCall);
  }

  function icon(): string {
    const isDark = isPanelDark(platform, parts.desktop, nativeTheme);
    return join(parts.icons, 'tray', iconFile(lookNow().state, platform, isDark));
  }

  function follow(): void {
    const { snapshot, isLost } = latest;
    if (snapshot && callBegan(before, snapshot)) lastCall = now();
    before = snapshot;
    const isAway = isLost || (snapshot !== undefined && isOffline(snapshot));
    offlineSince = isAway ? (offlineSince ?? now()) : undefined;
    accounts.follow(snapshot);
    draw();
  }

  function draw(): void {
    if (!tray || tray.isDestroyed()) return;
    const { tooltip, until } = lookNow();
    const next = { icon: icon(), words: `${trayTexts.app}: ${tooltip}`, menu: drawn.menu };
    if (next.icon !== drawn.icon) tray.setImage(next.icon);
    if (next.words !== drawn.words) tray.setToolTip(next.words);
    if (until) timers.set('look', until.getTime() - now().getTime(), draw);
    // Elsewhere the menu is made when it is opened. Here the panel shows the one it was given.
    if (platform === 'linux') {
      const { snapshot, wait } = calls.quiet(latest.snapshot, now());
      if (wait !== undefined) timers.set('calls', wait, draw);
      const template = menu(snapshot);
      // Without the functions: what a person can see of it.
      next.menu = JSON.stringify(template);
      if (next.menu !== drawn.menu) tray.setContextMenu(Menu.buildFromTemplate(template));
    }
    drawn = next;
  }

  function menu(snapshot: Snapshot | undefined) {
    const { isLost } = latest;
    const shown = accounts.shown(snapshot);
    return trayMenu(
      { snapshot: shown, isLost, update: parts.update(), offlineSince, platform, now: now() },
      act,
    );
  }

  function redraw(): void {
    drawn = { icon: '', words: '', menu: '' };
    draw();
  }

  const changes = latest.changed.on(follow);
  nativeTheme.on('updated', draw);
  follow();
  return {
    get isShown() {
      return tray !== undefined;
    },
    act,
    look: draw,
    renew: () => {
      if (isOver) return;
      tray?.destroy();
      tray = newTray();
      redraw();
    },
    [Symbol.dispose]: () => {
      isOver = true;
      accounts[Symbol.dispose]();
      timers[Symbol.dispose]();
      nativeTheme.off('updated', draw);
      changes[Symbol.dispose]();
      tray?.destroy();
    },
  };
}

interface ActionParts {
  readonly accounts: AccountSwitch;
  warn(notice: Notice): void;
  redraw(): void;
}

/** Everything that can be clicked. What fails is told. */
function actionsOf(
  { control, latest, act }: TrayParts,
  { accounts, warn, redraw }: ActionParts,
): TrayActions {
  const run = (task: Promise<unknown>, account?: AccountId): void => {
    task.catch((error: unknown) => {
      // A click has changed a checkbox already, so the menu has to be replaced.
      redraw();
      warn(failedNotice(asBridgeError(error), account));
    });
  };
  const unlock = (): void => {
    // The window has the field for it.
    if (latest.snapshot?.status.vault.kind === 'passphrase') act.showWindow(routes.accounts);
    else run(control.vault.open({}));
  };
  return {
    ...act,
    switchTo: (id) => void accounts.to(id),
    actAs: (account, user) => run(control.accounts.actAs({ account, user }), account),
    setReadOnly: (readOnly) => run(control.settings.set({ readOnly })),
    pause: (minutes) => run(control.pause(minutes === undefined ? {} : { minutes })),
    resume: () => run(control.resume()),
    unlock,
    redraw,
  };
}

/** Keeps back new calls, and nothing else, so that they alone do not change a menu all the time. */
class QuietCalls {
  #recent: Snapshot['recent'] | undefined;
  #since = Number.NEGATIVE_INFINITY;

  /** The snapshot with calls as old as they may be; `wait` is how long newer ones are kept back. */
  quiet(snapshot: Snapshot | undefined, now: Date): { snapshot: Snapshot | undefined; wait?: number } {
    if (!snapshot) return { snapshot };
    const isSame = JSON.stringify(this.#recent) === JSON.stringify(snapshot.recent);
    const wait = this.#since + CALLS_MS - now.getTime();
    if (!isSame && this.#recent && wait > 0) {
      return { snapshot: { ...snapshot, recent: this.#recent }, wait };
    }
    if (!isSame) this.#since = now.getTime();
    this.#recent = snapshot.recent;
    return { snapshot };
  }
}

/** One timer per name; a new one takes the place of the one before. */
class Timers implements Disposable {
  readonly #running = new Map<string, NodeJS.Timeout>();

  set(name: string, ms: number, task: () => void): void {
    clearTimeout(this.#running.get(name));
    this.#running.set(name, setTimeout(task, timerMs(ms)).unref());
  }

  [Symbol.dispose](): void {
    for (const timer of this.#running.values()) clearTimeout(timer);
  }
}
