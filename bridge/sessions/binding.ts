import { type Account, type AccountId, effectiveUser } from '../contract/account.ts';
import { ConnectorId } from '../contract/connector.ts';
import { BridgeError } from '../contract/errors.ts';

/** The list of accounts as it stands at one moment. */
export interface AccountList {
  readonly current: AccountId | null;
  readonly active: Readonly<Partial<Record<ConnectorId, AccountId | undefined>>>;
  readonly accounts: readonly Account[];
}

/** Which account serves an address now. */
export type Binding =
  | { readonly kind: 'bound'; readonly account: Account }
  | { readonly kind: 'unbound'; readonly error: BridgeError };

/** What an address means: it follows the current account, follows a connector's active account, or pins one. */
export type Reach =
  | { readonly kind: 'current' }
  | { readonly kind: 'connector'; readonly connector: ConnectorId }
  | { readonly kind: 'pinned'; readonly slug: string };

/** Reads an address (`current`, a connector, or an account's slug). */
export function reachOf(address: string): Reach {
  if (address === 'current') return { kind: 'current' };
  const connector = ConnectorId.safeParse(address);
  return connector.success
    ? { kind: 'connector', connector: connector.data }
    : { kind: 'pinned', slug: address };
}

/**
 * The account an address leads to. Nothing is guessed: an address without a chosen account stays unbound, and a pinned
 * account that is gone never falls back to another.
 */
export function bind(reach: Reach, list: AccountList): Binding {
  const find = (id: AccountId | null | undefined): Account | undefined =>
    list.accounts.find((account) => account.id === id);
  switch (reach.kind) {
    case 'current': {
      const account = find(list.current);
      return account ? { kind: 'bound', account } : unbound(nothingChosen(list));
    }
    case 'connector': {
      const account = find(list.active[reach.connector]);
      if (account) return { kind: 'bound', account };
      return unbound(
        `No ${reach.connector} account is chosen. Choose one in Gangway, or run: gangway use <account>`,
      );
    }
    case 'pinned': {
      const account = list.accounts.find((candidate) => candidate.slug === reach.slug);
      if (account) return { kind: 'bound', account };
      return unbound(
        `There is no account ${reach.slug.slice(0, 63)} any more. Point this app at another address.`,
      );
    }
    default:
      return reach satisfies never;
  }
}

/** Whether an address leads to this account, now or after a switch. */
export function mayLeadTo(reach: Reach, account: Account): boolean {
  switch (reach.kind) {
    case 'current':
      return true;
    case 'connector':
      return account.connector === reach.connector;
    case 'pinned':
      return account.slug === reach.slug;
    default:
      return reach satisfies never;
  }
}

function nothingChosen(list: AccountList): string {
  return list.accounts.length === 0
    ? 'No account yet. Add one in Gangway, or run: gangway add'
    : 'No account is chosen. Choose one in Gangway, or run: gangway use <account>';
}

function unbound(message: string): Binding {
  return { kind: 'unbound', error: new BridgeError('no-account', message) };
}

/** Accounts are frozen, so what was made of one stays true for as long as it is that one. */
const identities = new WeakMap<Account, { readonly epoch: number; readonly identity: string }>();

/**
 * Everything that decides who a workspace session speaks as. Two requests share a workspace session only when this is
 * equal: same account, same address, same user, same headers, and no other credential since (`epoch`).
 */
export function identityOf(account: Account, epoch: number): string {
  const known = identities.get(account);
  if (known?.epoch === epoch) return known.identity;
  const { id, upstream, signIn, headers, secretHeaders } = account;
  const user = effectiveUser(account) ?? null;
  const identity = JSON.stringify([id, epoch, upstream, signIn, user, headers, secretHeaders]);
  identities.set(account, { epoch, identity });
  return identity;
}
