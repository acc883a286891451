import { Notification } from 'electron';
import type { AccountId } from '#contract/account.ts';
import type { DesktopChoices, UpdateState } from '#contract/desktop.ts';
import type { Latest } from './latest.ts';
import { isWanted, type Memory, type Notice, type NoticeAction, notices } from './notices.ts';
import { noticeTexts } from './texts/notices.ts';

/** What a click on a notification can do. */
export interface NoticeActions {
  /** Without a route, the window as it was. */
  showWindow(route?: string): void;
  signIn(account: AccountId): void;
  actAs(account: AccountId, user: null): void;
  unlock(): void;
  restartToUpdate(): void;
}

export interface NotificationParts {
  readonly latest: Pick<Latest, 'snapshot' | 'isLost' | 'changed'>;
  readonly choices: () => DesktopChoices;
  readonly update: () => UpdateState;
  readonly act: NoticeActions;
  readonly platform: NodeJS.Platform;
  readonly now?: () => Date;
}

export interface ShowOptions {
  /** What its action does when it takes something back. */
  readonly undo?: (() => void) | undefined;
  /** The system did not show it after all, for example because the person forbade it there. */
  readonly unseen?: (() => void) | undefined;
}

export interface Notifications extends Disposable {
  /**
   * Shows one besides those that come by themselves.
   * @returns whether the person gets to see it, as far as that is known at once.
   */
  show(notice: Notice, more?: ShowOptions): boolean;
  /** Something besides the snapshot is different now, such as the state of an update. */
  look(): void;
}

/** How often is looked at what comes with time alone. */
const LOOK_MS = 60_000;
/** Older ones stay in the system's list, but a click on them does nothing any more. */
const KEPT = 30;
/** What can be taken back can be so for this long; later, somebody may rely on it. */
const UNDO_MS = 10_000;

/** Tells the person, by notifications of the system, what needs them and what has happened, until it is disposed. */
export function openNotifications(parts: NotificationParts): Notifications {
  const { latest, act, platform, now = () => new Date() } = parts;
  /** An object that is forgotten takes its click with it. */
  const shown = new Map<string, Notification>();
  let memory: Memory | undefined;
  let isOver = false;

  const look = (): void => {
    const { snapshot, isLost } = latest;
    if (!snapshot) return;
    const noticed = notices(memory, { snapshot, isLost, update: parts.update(), now: now() });
    memory = noticed.memory;
    for (const key of noticed.over) close(key);
    for (const notice of noticed.notices) show(notice);
  };

  const close = (key: string): void => {
    const known = shown.get(key);
    shown.delete(key);
    known?.close();
  };

  const show = (notice: Notice, { undo, unseen }: ShowOptions = {}): boolean => {
    if (isOver || !isWanted(notice, parts.choices()) || !Notification.isSupported()) return false;
    close(notice.key);
    const { action } = notice;
    const hasButtons = platform === 'darwin' || platform === 'win32';
    const notification = new Notification({
      title: notice.title,
      body: hasButtons ? notice.body : withoutMarkup(withClick(notice)),
      ...(hasButtons ? { actions: [{ type: 'button', text: action.label }] } : {}),
    });
    const run = (): void => {
      shown.delete(notice.key);
      if (action.kind === 'undo') undo?.();
      else perform(action, act);
    };
    // Who clicks on the words of a notification with a button wants to look, not to take something back.
    notification.on('click', action.kind === 'undo' && hasButtons ? () => act.showWindow() : run);
    notification.on('action', run);
    notification.on('failed', () => {
      shown.delete(notice.key);
      if (!isOver) unseen?.();
    });
    shown.set(notice.key, notification);
    for (const key of [...shown.keys()].slice(0, -KEPT)) shown.delete(key);
    notification.show();
    if (action.kind === 'undo') {
      const end = (): void => void (shown.get(notice.key) === notification && close(notice.key));
      setTimeout(end, UNDO_MS).unref();
    }
    return true;
  };

  const changes = latest.changed.on(look);
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  look();
  return {
    show,
    look,
    [Symbol.dispose]: () => {
      isOver = true;
      clearInterval(timer);
      changes[Symbol.dispose]();
      for (const key of [...shown.keys()]) close(key);
    },
  };
}

/** Without a button, the words say what a click does. */
function withClick({ body, action }: Notice): string {
  const click = noticeTexts.click(action.label);
  return body === '' ? click : `${body}\n${click}`;
}

/**
 * Panels of Linux read a body as markup (Desktop Notifications Specification, "Markup"), but not all of them, so neither
 * signs that begin some nor their escapes may be in it: signs that look like them are.
 */
function withoutMarkup(body: string): string {
  return body.replaceAll('&', '\uff06').replaceAll('<', '\u2039').replaceAll('>', '\u203a');
}

function perform(action: Exclude<NoticeAction, { kind: 'undo' }>, act: NoticeActions): void {
  switch (action.kind) {
    case 'sign-in':
      act.signIn(action.account);
      break;
    case 'stop-acting':
      act.actAs(action.account, null);
      break;
    case 'show':
      act.showWindow(action.route);
      break;
    case 'unlock':
      act.unlock();
      break;
    case 'restart-to-update':
      act.restartToUpdate();
      break;
    default:
      action satisfies never;
  }
}
