import { oneLine } from '../base/text.ts';
import type { Account } from '../contract/account.ts';
import type { AccountCondition, AccountView } from '../contract/control.ts';

/** How an account is, in a few words, and what to do when it is not well. */
export function healthOf(account: AccountView): string {
  const { condition, slug, identity, rules } = account;
  if (condition.state !== 'ready') return unwell[condition.state](account);
  if (condition.wider !== undefined) {
    return `asked for ${oneLine(condition.wider, 24)}: gangway login ${slug}`;
  }
  const readOnly = rules.readOnly ? ', read-only' : '';
  if (!identity) return `not checked yet: gangway check ${slug}${readOnly}`;
  return `ready, ${counted(identity.tools, 'tool')}${readOnly}`;
}

type Unwell = Exclude<AccountCondition['state'], 'ready'>;

const unwell: Readonly<Record<Unwell, (account: AccountView) => string>> = {
  'signing-in': () => 'signing in',
  'sign-in-needed': (account) => `sign-in needed: ${remedyOf(account)}`,
  locked: () => 'its secret cannot be read: gangway status',
  offline: () => 'sign-in cannot be renewed now; tried again',
  blocked: ({ condition }) =>
    condition.action === 'wait'
      ? 'refused again and again; tried again'
      : 'refused again and again: gangway status',
  misconfigured: () => 'its server is set up wrongly: gangway status',
  unsaved: () => 'signed in, but not saved yet; tried again',
};

function remedyOf({ signIn, slug }: AccountView): string {
  if (signIn.kind === 'none') return 'add it again with a key';
  return signIn.kind === 'oauth' ? `gangway login ${slug}` : `gangway rotate ${slug}`;
}

/** Anything but production stands out. */
export function environmentOf(account: Account): string {
  return account.environment === 'production' ? 'production' : account.environment.toUpperCase();
}

/** `*` for the current account, `+` for one that only its connector's address leads to. */
export function markOf(account: AccountView): string {
  if (account.current) return '*';
  return account.active ? '+' : '';
}

/** `1 tool`, `41 tools`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A point in time in the person's own time zone; the day only when it is not today. */
export function localTime(iso: string, now: Date): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = (date: Date): string =>
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return day(at) === day(now) ? time : `${day(at)} ${time}`;
}

/** Time until then as `9:58`; `0:00` when it is over. `now` is in milliseconds since 1970. */
export function timeLeft(iso: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
