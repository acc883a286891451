import type { AccountId } from '#contract/account.ts';
import type { ConnectorId } from '#contract/connector.ts';

/** Pages of the window that tray and notifications lead to; the window's own addresses. */
export const routes = {
  accounts: '/accounts',
  account: (id: AccountId) => `/accounts/${id}`,
  /** Where the acting user of an account is chosen. */
  user: (id: AccountId) => `/accounts/${id}/user`,
  add: (connector?: ConnectorId) =>
    connector === undefined ? '/accounts/add' : `/accounts/add/${connector}`,
  activity: '/activity',
  apps: '/apps',
  settings: '/settings',
} as const;
