import type { MenuItemConstructorOptions } from 'electron';
import { type AccountId, effectiveUser, type SelectedUser } from '#contract/account.ts';
import { ConnectorId } from '#contract/connector.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { isSignedOut } from './attention.ts';
import { routes } from './routes.ts';
import { trayTexts } from './texts/tray.ts';
import { fullName, menuLabel, shortName, shown } from './tray-words.ts';

type Item = MenuItemConstructorOptions;

/** What a click on an account or a user can do. */
export interface AccountActions {
  /** Shows the window at a page of its own, such as `/accounts/add/pelcro`; without one, as it was. */
  showWindow(route?: string): void;
  switchTo(account: AccountId): void;
  /** `null` stops acting as somebody else. */
  actAs(account: AccountId, user: SelectedUser | null): void;
}

/** Longer lists continue in the window. */
const ACCOUNTS_MOST = 25;

/** The part of the menu in which a person chooses account and user; two clicks each. Pure. */
export function accountItems(snapshot: Snapshot, act: AccountActions): Item[] {
  const { accounts } = snapshot;
  const texts = trayTexts.accounts;
  if (accounts.length === 0) {
    return [{ id: 'add', label: texts.addFirst, click: () => act.showWindow(routes.add()) }];
  }
  const used = ConnectorId.options.filter((id) => accounts.some(({ connector }) => connector === id));
  const active = accounts.filter((account) => account.active && takesUser(account));
  return [
    ...(used.length > 1 ? [currentItem(accounts, act)] : []),
    ...used.map((connector) => connectorItem(connector, accounts, act)),
    ...active.map((account) => actingItem(account, act)),
  ];
}

/** The snapshot as it will be once this account is the current one. */
export function expecting(snapshot: Snapshot, id: AccountId): Snapshot {
  const chosen = snapshot.accounts.find((account) => account.id === id);
  if (!chosen) return snapshot;
  const accounts = snapshot.accounts.map((account) => ({
    ...account,
    current: account === chosen,
    active: account.connector === chosen.connector ? account === chosen : account.active,
  }));
  return { ...snapshot, accounts };
}

/** All accounts, because the current one may be of any kind. */
function currentItem(accounts: readonly AccountView[], act: AccountActions): Item {
  const texts = trayTexts.accounts;
  const current = accounts.find((account) => account.current);
  const label = current ? texts.current(named(current, fullName)) : texts.noCurrent;
  return {
    id: 'current',
    label: menuLabel(label),
    submenu: choices(accounts, 'current', fullName, act),
  };
}

function connectorItem(connector: ConnectorId, all: readonly AccountView[], act: AccountActions): Item {
  const texts = trayTexts.accounts;
  const kind = trayTexts.connector[connector];
  const accounts = all.filter((account) => account.connector === connector);
  const active = accounts.find((account) => account.active);
  const label = active
    ? texts.labelled(kind, shortName(active), trayTexts.environment[active.environment])
    : texts.noActive(kind);
  return {
    id: `connector:${connector}`,
    label: menuLabel(label),
    submenu: [
      ...choices(accounts, 'active', shortName, act),
      { type: 'separator' },
      { id: 'add', label: texts.add, click: () => act.showWindow(routes.add(connector)) },
      { id: 'manage', label: texts.manage, click: () => act.showWindow(routes.accounts) },
    ],
  };
}

/**
 * Accounts to choose from, the chosen one always among them. Electron ticks the first radio item when none is ticked,
 * so without a chosen account they are plain items.
 */
function choices(
  accounts: readonly AccountView[],
  mark: 'active' | 'current',
  name: (account: AccountView) => string,
  act: AccountActions,
): Item[] {
  const texts = trayTexts.accounts;
  const shownFirst = accounts.filter((account, index) => index < ACCOUNTS_MOST || account[mark]);
  const hasChosen = accounts.some((account) => account[mark]);
  const items = shownFirst.map((account): Item => {
    const label = texts.choice(name(account), trayTexts.environment[account.environment], healthOf(account));
    return {
      id: `${mark}:${account.id}`,
      label: menuLabel(label),
      ...(hasChosen ? { type: 'radio', checked: account[mark] } : {}),
      click: () => act.switchTo(account.id),
    };
  });
  const rest = accounts.length - items.length;
  if (rest === 0) return items;
  return [...items, { id: 'more', label: texts.more(rest), click: () => act.showWindow(routes.accounts) }];
}

function named(account: AccountView, name: (account: AccountView) => string): string {
  return `${name(account)} (${trayTexts.environment[account.environment]})`;
}

/** How the account is, in words. */
function healthOf(account: AccountView): string {
  const texts = trayTexts.health;
  const { condition, identity, rules } = account;
  const readOnly = rules.readOnly ? `, ${texts.readOnly}` : '';
  if (condition.state === 'ready') {
    if (condition.wider !== undefined) return `${texts.wider}${readOnly}`;
    const tools = identity ? `${texts.ready}, ${texts.tools(identity.tools)}` : texts.unchecked;
    return `${tools}${readOnly}`;
  }
  if (isSignedOut(account)) return texts.signedOut;
  if (condition.state === 'sign-in-needed' && condition.action === 'enter-key') return texts.keyRefused;
  return texts[condition.state];
}

/** Calls of this account can run in the name of a member. The bridge has the last word, when one is chosen. */
function takesUser({ connector, upstream, user, actingAs, recentUsers }: AccountView): boolean {
  if (user || actingAs || recentUsers.length > 0) return true;
  return connector === 'allv' || (connector === 'allegro' && upstream.kind === 'command');
}

function actingItem(account: AccountView, act: AccountActions): Item {
  const texts = trayTexts.actingAs;
  const { id, user, actingAs, recentUsers } = account;
  const now = effectiveUser(account);
  const others = distinct([...(actingAs ? [actingAs] : []), ...recentUsers]).filter(
    (other) => !isSame(other, user),
  );
  const usual: Item = {
    id: 'user:usual',
    type: 'radio',
    label: menuLabel(user ? texts.byDefault(shown(user.value)) : texts.yourselfItem),
    checked: !actingAs || isSame(actingAs, user),
    click: () => act.actAs(id, null),
  };
  const label = texts.label(now ? shown(now.value) : texts.yourself, trayTexts.connector[account.connector]);
  return {
    id: `acting:${id}`,
    label: menuLabel(label),
    submenu: [
      usual,
      ...others.map((other): Item => {
        return {
          id: `user:${other.by}:${other.value}`,
          type: 'radio',
          label: menuLabel(shown(other.value)),
          checked: isSame(actingAs, other),
          click: () => act.actAs(id, other),
        };
      }),
      { type: 'separator' },
      { id: 'choose', label: texts.choose, click: () => act.showWindow(routes.user(id)) },
      {
        id: 'stop',
        label: texts.stop,
        enabled: actingAs !== undefined,
        click: () => act.actAs(id, null),
      },
    ],
  };
}

function isSame(a: SelectedUser | undefined, b: SelectedUser | undefined): boolean {
  return a !== undefined && b !== undefined && a.by === b.by && a.value === b.value;
}

function distinct(users: readonly SelectedUser[]): SelectedUser[] {
  return users.filter((user, index) => users.findIndex((other) => isSame(other, user)) === index);
}
