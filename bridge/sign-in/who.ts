import type { Account, AccountIdentity } from '../contract/account.ts';

/** Who signed in, as far as it can be told. */
export interface Found {
  /** Absent when the workspace could not be asked. */
  readonly identity: AccountIdentity | undefined;
  /** The subject of the tokens, where they name one. */
  readonly subject: string | undefined;
  readonly issuer: string;
  /** For people. */
  readonly summary: string;
}

/** Whether a fresh sign-in may be stored for the account it was meant for. */
export type Verdict =
  | { readonly kind: 'fits' }
  /** The account belongs to somebody else; storing it would send its clients' calls to the wrong place. */
  | { readonly kind: 'somebody-else'; readonly expected: string }
  /** The account's identity is known, and who signed in now is not. */
  | { readonly kind: 'unknown'; readonly expected: string }
  /** Another account here has this identity. */
  | { readonly kind: 'twice'; readonly other: Account };

/**
 * Compares who signed in with the account and with all others. The workspace's word decides where it once gave one: one
 * person may be granted several accounts there. Otherwise the subject of the tokens does. Pure.
 */
export function judgeWho(account: Account, found: Found, accounts: readonly Account[]): Verdict {
  const { identity, grant } = account;
  const [expected, is] = identity?.subject
    ? [identity.subject, found.identity?.subject]
    : [grant?.subject, found.subject];
  if (expected !== undefined && is !== expected) {
    const name = identity?.summary ?? account.label;
    return { kind: is === undefined ? 'unknown' : 'somebody-else', expected: name };
  }
  if (expected !== undefined) return { kind: 'fits' };
  const other = accounts.find((one) => one.id !== account.id && isSame(one, account, found));
  return other ? { kind: 'twice', other } : { kind: 'fits' };
}

function isSame(other: Account, account: Account, found: Found): boolean {
  if (other.signIn.kind !== 'oauth' || addressOf(other) !== addressOf(account)) return false;
  const subject = found.identity?.subject;
  // Where either was named by the workspace, the person in the tokens says too little.
  if (subject !== undefined || other.identity?.subject !== undefined)
    return other.identity?.subject === subject;
  const { grant } = other;
  return found.subject !== undefined && grant?.subject === found.subject && grant.issuer === found.issuer;
}

function addressOf({ upstream }: Account): string {
  return upstream.kind === 'command' ? upstream.command : upstream.url;
}
