import { Accounts, type AccountsParts } from './accounts/accounts.ts';
import type { AccountRegistry } from './accounts/registry.ts';
import type { Log } from './base/log.ts';
import type { Redactor } from './base/redactor.ts';
import { BridgeError } from './contract/errors.ts';
import { Authorizer } from './credentials/authorizer.ts';
import { type OAuthAccounts, openOAuth } from './oauth-accounts.ts';
import { Epochs } from './sessions/epochs.ts';
import { Gate } from './sessions/gate.ts';
import { AccountHealth } from './sessions/health.ts';
import { workspaceOf } from './sessions/workspaces.ts';
import { checkAccount } from './upstream/check.ts';
import { WorkspaceHttp } from './upstream/http.ts';
import type { Vault } from './vault/vault.ts';

export interface AccountPartsOptions {
  readonly registry: AccountRegistry;
  readonly vault: Vault;
  /** Resolves when the vault was opened, or could not be. */
  readonly opening: Promise<void>;
  readonly isPaused: () => boolean;
  readonly redactor: Redactor;
  readonly version: string;
  readonly log: Log;
  /** What is opened here is closed with it. */
  readonly starting: AsyncDisposableStack;
}

/** All that stands between the list of accounts and a request to a workspace. */
export interface AccountParts {
  readonly authorizer: Authorizer;
  readonly http: WorkspaceHttp;
  readonly health: AccountHealth;
  readonly epochs: Epochs;
  readonly gate: Gate;
  readonly check: AccountsParts['check'];
  readonly oauth: OAuthAccounts;
  readonly accounts: Accounts;
}

/** Builds the parts that know accounts, their credentials and how they are. */
export function openAccounts(parts: AccountPartsOptions): AccountParts {
  const { registry, vault, opening, redactor, version, log } = parts;
  const now = (): Date => new Date();
  const authorizer = new Authorizer({
    load: async (account, given) => {
      await opening;
      return vault.load(account, given);
    },
    save: (account, record, given) => vault.save(account, record, given),
    forget: (account, given) => vault.forget(account, given),
    redactor,
    accessToken: (account, given) => oauth.grants.accessToken(account, given),
  });
  const http = parts.starting.use(new WorkspaceHttp());
  const health = new AccountHealth(
    (account) =>
      void accounts
        .signInNeeded(account, 'refused')
        .catch((error: unknown) => log.error('accounts.state-not-saved', error)),
  );
  const epochs = parts.starting.use(new Epochs(authorizer.stored));
  const gate = new Gate(parts.isPaused);
  const check: AccountsParts['check'] = async (account, given) => {
    const epoch = epochs.of(account.id);
    const asked = checkAccount({
      workspace: workspaceOf(account, {
        authorizer,
        health: new AccountHealth(() => undefined),
        grants: oauth.grants,
        epochs,
      }),
      http,
      version,
      now: now(),
      signal: given,
    });
    await asked.catch(() => undefined);
    // Whatever was found then, it is about another sign-in or key than the one of now.
    if (epochs.of(account.id) !== epoch) {
      const message = `${account.label} got another sign-in or key while it was checked. Check it again.`;
      throw new BridgeError('unreachable', message, { account: account.label });
    }
    const checked = await asked;
    // Trials have ids of their own, which nobody would ever forget again.
    if (registry.get(account.id)) gate.sawTools(account, checked.tools);
    return checked;
  };
  const oauth: OAuthAccounts = openOAuth({
    registry,
    accounts: () => accounts,
    authorizer,
    vault,
    check,
    version,
    log,
  });
  const accounts: Accounts = new Accounts({
    registry,
    authorizer,
    check,
    conditionOf: (account) => oauth.conditionOf(account),
    endGrant: (account, given) => oauth.endGrant(account, given),
    takeBack: (account) => oauth.grants.takenBack(account),
    now,
    log,
  });
  parts.starting.use(oauth);
  return { authorizer, http, health, epochs, gate, check, oauth, accounts };
}
