import type { Account } from '../contract/account.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import type { Workspace } from '../upstream/workspace.ts';
import type { AccountHealth } from './health.ts';

export interface WorkspacesParts {
  readonly authorizer: Pick<Authorizer, 'headers' | 'withoutSecrets'>;
  readonly health: AccountHealth;
}

/** The account as the relay uses it: its headers when they are needed, its secrets kept out of answers. */
export function workspaceOf(account: Account, { authorizer, health }: WorkspacesParts): Workspace {
  return {
    account,
    headers: (signal) => authorizer.headers(account, signal),
    withoutSecrets: (text) => authorizer.withoutSecrets(account.id, text),
    observe: (status, waitSeconds) => health.observe(account.id, status, waitSeconds, new Date()),
  };
}
