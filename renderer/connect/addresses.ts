import type { ConnectorId } from '#contract/connector.ts';
import type { AccountView } from '#contract/control.ts';

const connectors = ['allegro', 'pelcro', 'allv', 'aly', 'custom'] as const satisfies readonly ConnectorId[];

/** What an address of the bridge leads to. */
export type Reach =
  | { readonly kind: 'current' }
  | { readonly kind: 'connector'; readonly connector: ConnectorId }
  /** `account` is undefined when it is gone. */
  | { readonly kind: 'account'; readonly account: AccountView | undefined };

export function reachOf(address: string, accounts: readonly AccountView[]): Reach {
  if (address === 'current') return { kind: 'current' };
  const connector = connectors.find((one) => one === address);
  if (connector) return { kind: 'connector', connector };
  return { kind: 'account', account: accounts.find(({ slug }) => slug === address) };
}

/** The account that answers at an address now; undefined when none does. */
export function accountAt(address: string, accounts: readonly AccountView[]): AccountView | undefined {
  const reach = reachOf(address, accounts);
  switch (reach.kind) {
    case 'current':
      return accounts.find(({ current }) => current);
    case 'connector':
      return accounts.find(({ connector, active }) => connector === reach.connector && active);
    case 'account':
      return reach.account;
    default:
      return reach satisfies never;
  }
}

/** The kinds of workspaces that there is an account of, in the order they are always shown. */
export function connectorsOf(accounts: readonly AccountView[]): readonly ConnectorId[] {
  return connectors.filter((connector) => accounts.some((account) => account.connector === connector));
}
