import type { Account, SignInReason } from './account.ts';

const LONGEST = 300;

const reasons: Readonly<Record<SignInReason, (host: string) => string>> = {
  never: () => 'Nobody has signed in yet.',
  'signed-out': () => 'It was signed out.',
  refused: (host) => `${host} refuses even a freshly renewed sign-in.`,
  ended: (host) => `${host} no longer accepts the saved sign-in.`,
  'not-renewable': (host) => `The sign-in has run out, and ${host} gave nothing to renew it with.`,
  'client-lost': (host) => `${host} no longer knows Gangway, so the saved sign-in cannot be renewed.`,
  interrupted: (host) =>
    `A renewal was cut off before its answer was saved, and ${host} takes no second try.`,
};

/** Why a person must sign in to this account, as one sentence. `host` is the account's own. */
export function whySignIn(account: Account, host: string): string {
  const { kind } = account.signIn;
  const at = host.slice(0, 100);
  switch (kind) {
    case 'oauth':
      return reasons[account.signInReason ?? 'ended'](at);
    case 'key':
      return `${at} does not accept the saved key.`;
    case 'none':
      return `${at} asks for a sign-in.`;
    default:
      return kind satisfies never;
  }
}

/** The one thing that helps. */
export function howToSignIn(account: Pick<Account, 'signIn' | 'slug'>): string {
  switch (account.signIn.kind) {
    case 'oauth':
      return `Sign in: open Gangway, or run: gangway login ${account.slug}`;
    case 'key':
      return 'Replace the key in Gangway.';
    case 'none':
      return 'Add it again, with a key or with a sign-in in the browser.';
    default:
      return account.signIn satisfies never;
  }
}

/**
 * Whose sign-in is needed, why, and the one thing that helps, in at most 300 characters. `why` makes its sentence with
 * the host it is given, which is cut where it has to be.
 */
export function signInNeededText(
  account: Account,
  host: string,
  why = (at: string): string => whySignIn(account, at),
): string {
  const how = howToSignIn(account);
  return fitted([account.label, host], (label, at) => `${label}: sign-in needed. ${why(at)} ${how}`);
}

/** A text of at most 300 characters: where it is longer, the longest of its names are cut, so that its end stays. */
export function fitted<Names extends readonly string[]>(
  names: readonly [...Names],
  write: (...names: Names) => string,
): string {
  for (let most = LONGEST; ; most -= 1) {
    const cut = names.map((name) => name.slice(0, most).toWellFormed()) as [...Names];
    const text = write(...cut);
    if (text.length <= LONGEST || most === 0) return text.slice(0, LONGEST).toWellFormed();
  }
}
