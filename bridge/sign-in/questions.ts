import { oneLine } from '../base/text.ts';
import type { Account } from '../contract/account.ts';
import type { SignInQuestion } from '../contract/sign-in.ts';

const cancel = { choice: 'cancel', label: 'Cancel' } as const;

/** The server offers only the sign-in of MCP 2025-03-26, which nothing but the address vouches for. */
export function askLegacy(host: string): SignInQuestion {
  return {
    kind: 'legacy',
    text: `${host} names no authorization server. It may use the old sign-in method of MCP 2025-03-26, at ${host} itself. Continue only if you trust this address.`,
    choices: [{ choice: 'continue', label: 'Use the old method' }, cancel],
  };
}

/** The workspace now sends people elsewhere to sign in, which an attacker would do as well. */
export function askMoved(host: string, from: string, to: string): SignInQuestion {
  return {
    kind: 'moved',
    text: `${host} now wants you to sign in at ${shown(to)} instead of ${shown(from)}. Continue only if you expect this.`,
    choices: [{ choice: 'continue', label: `Sign in at ${shown(to)}` }, cancel],
  };
}

/** The page to sign in at has an address that people cannot read as a name. */
export function askUnusualHost(host: string, kind: 'ip' | 'punycode'): SignInQuestion {
  const because =
    kind === 'ip'
      ? 'which is a number instead of a name'
      : 'whose name has letters that can look like others';
  return {
    kind: 'unusual-host',
    text: `The sign-in page is at ${shown(host)}, ${because}. Continue only if you know this address.`,
    choices: [{ choice: 'continue', label: `Sign in at ${shown(host)}` }, cancel],
  };
}

/** The server refuses the scope that it named itself, or that was asked for. */
export function askNoScope(host: string): SignInQuestion {
  return {
    kind: 'no-scope',
    text: `${host} refused the permissions that were asked for. It may work with its own choice of permissions.`,
    choices: [{ choice: 'continue', label: 'Ask without naming permissions' }, cancel],
  };
}

/** Another account here is the same person at the same place. */
export function askSameIdentity(who: string, other: Account): SignInQuestion {
  const name = oneLine(who, 100);
  return {
    kind: 'same-identity',
    text: `You signed in as ${name}, which you already have as ${other.label}. Update its sign-in, or pick another account?`,
    choices: [
      { choice: 'update', label: `Update ${other.label}` },
      { choice: 'again', label: 'Pick another account' },
      { choice: 'keep-both', label: 'Keep both' },
      cancel,
    ],
    other: other.id,
  };
}

function shown(address: string): string {
  const host = URL.canParse(address) ? new URL(address).host : address;
  return oneLine(host, 100);
}
