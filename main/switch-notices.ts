import type { AccountId } from '#contract/account.ts';
import type { AccountView, Snapshot, Switched } from '#contract/control.ts';
import type { BridgeError } from '#contract/errors.ts';
import { BODY_CHARACTERS, type Notice, type NoticeAction } from './notices.ts';
import { routes } from './routes.ts';
import { noticeTexts } from './texts/notices.ts';
import { trayTexts } from './texts/tray.ts';
import { appName, fullName, shortName, shown } from './tray-words.ts';

/** What was chosen before a switch, as far as it can be chosen again. */
export interface Before {
  /** To be used one after the other; the last becomes the current one. */
  readonly accounts: readonly AccountView[];
}

/** How to get back from this account to where things are now. */
export function beforeSwitch({ accounts }: Snapshot, to: AccountView): Before {
  const isActive = (account: AccountView): boolean => account.active && account.connector === to.connector;
  const steps = new Set([...accounts.filter(isActive), ...accounts.filter(({ current }) => current)]);
  return { accounts: [...steps].filter(({ id }) => id !== to.id) };
}

/** A switch is done: who follows, where open calls stay, who may not notice, and the way back. */
export function switchedNotice(switched: Switched, before: Before): Notice {
  const texts = noticeTexts;
  const { account, following, notAffected, mayNeedReload } = switched;
  const after = shortName(account);
  const left = before.accounts[0];
  const moved = distinct(following.map(appName));
  const stays = distinct(notAffected.map(appName)).filter((name) => !moved.includes(name));
  const pinned = stays.length > 0 ? ` ${texts.pinned(listed(stays))}` : '';
  const first = left ? movedText(moved, shortName(left), after) : texts.switchedBodyNobody(after);
  const action: NoticeAction = left
    ? { kind: 'undo', label: texts.undo }
    : { kind: 'show', label: texts.show, route: routes.account(account.id) };
  return {
    key: 'switch',
    title: texts.switchedTitle(trayTexts.connector[account.connector], after),
    body: shown(`${first}${reloadText(distinct(mayNeedReload.map(appName)))}${pinned}`, BODY_CHARACTERS),
    action,
    account: account.id,
  };
}

function movedText(apps: readonly string[], before: string, after: string): string {
  const texts = noticeTexts;
  const [only, ...more] = apps;
  if (only === undefined) return texts.switchedBodyNobody(after);
  return more.length === 0
    ? texts.switchedBodyOne(only, before, after)
    : texts.switchedBody(listed(apps), before, after);
}

function reloadText(apps: readonly string[]): string {
  const texts = noticeTexts;
  const [only, ...more] = apps;
  if (only === undefined) return '';
  return ` ${more.length === 0 ? texts.reloadOne(only) : texts.reload(listed(apps))}`;
}

/** `Cursor and Claude`; of many, two and how many more. */
function listed(names: readonly string[]): string {
  const texts = noticeTexts;
  if (names.length <= 2) return names.join(texts.and);
  return [names.slice(0, 2).join(', '), texts.others(names.length - 2)].join(texts.and);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** A switch did not happen; everything is as it was. */
export function notSwitchedNotice(account: AccountView, error: BridgeError): Notice {
  return {
    key: 'switch',
    title: noticeTexts.notSwitchedTitle(fullName(account)),
    body: shown(error.message, BODY_CHARACTERS),
    action: helpAgainst(error, account.id),
  };
}

/** A switch takes so long that the tick went back to where calls still go. */
export function slowSwitchNotice(account: AccountView, before: Before): Notice {
  const texts = noticeTexts;
  const left = before.accounts.at(-1);
  return {
    key: 'switch',
    title: texts.slowTitle(fullName(account)),
    body: left ? texts.slowBody(fullName(left)) : texts.slowBodyNobody,
    action: { kind: 'show', label: texts.show, route: routes.account(account.id) },
    account: account.id,
  };
}

/** Something else that was clicked in the tray did not work. */
export function failedNotice(error: BridgeError, account?: AccountId): Notice {
  return {
    key: 'failed',
    title: noticeTexts.failedTitle,
    body: shown(error.message, BODY_CHARACTERS),
    action: helpAgainst(error, account),
  };
}

function helpAgainst({ code }: BridgeError, account: AccountId | undefined): NoticeAction {
  const texts = noticeTexts;
  if (code === 'sign-in-needed' && account !== undefined)
    return { kind: 'sign-in', label: texts.signIn, account };
  if (code === 'vault-locked' || code === 'vault-denied') return { kind: 'unlock', label: texts.unlock };
  const route = account === undefined ? routes.accounts : routes.account(account);
  return { kind: 'show', label: texts.show, route };
}
