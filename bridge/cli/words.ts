import type { Account } from '../contract/account.ts';
import type { AccountView } from '../contract/control.ts';

/** What may be done with an account now, and what to do when it is nothing. */
export function healthOf(account: Account): string {
  const rules = account.rules.readOnly ? ', read-only' : '';
  if (account.state === 'sign-in-needed') return `sign-in needed: gangway rotate ${account.slug}`;
  if (!account.identity) return `not checked yet: gangway check ${account.slug}${rules}`;
  return `ready, ${counted(account.identity.tools, 'tool')}${rules}`;
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

/** Host of the account's address, or its command. */
export function hostOf(account: Account): string {
  const { upstream } = account;
  return upstream.kind === 'command' ? upstream.command : new URL(upstream.url).host;
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
