import { oneLine } from '../base/text.ts';
import type { Account } from '../contract/account.ts';
import { hostOf } from '../contract/account.ts';
import type { SignedOut } from '../contract/sign-in.ts';

const told: Readonly<Record<SignedOut['revocation'], (host: string) => string>> = {
  done: (host) => `${host} was told.`,
  queued: (host) => `${host} could not be told yet; Gangway tries again.`,
  impossible: (host) => `${host} was not told, so the sign-in may live on there.`,
  'nothing-to-revoke': (host) => `There was nothing to tell ${host}.`,
};

/** What became of an OAuth sign-in that ended, as a sentence, and the note when there is one. */
export function signedOutLines(
  account: Account,
  { revocation, note }: SignedOut,
): [line: string, ...notes: string[]] {
  const line = told[revocation](signInHost(account));
  return note === undefined ? [line] : [line, oneLine(note, 300)];
}

/** Host that gave the sign-in; that of the workspace where none did yet. */
function signInHost(account: Account): string {
  const issuer = account.grant?.issuer;
  const host = issuer !== undefined && URL.canParse(issuer) ? new URL(issuer).host : hostOf(account);
  return oneLine(host, 100);
}
