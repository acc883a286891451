import { Accounts, type AccountsParts } from './accounts/accounts.ts';
import type { AccountRegistry } from './accounts/registry.ts';
import type { Log } from './base/log.ts';
import type { ProxyChoice } from './base/network.ts';
import type { Redactor } from './base/redactor.ts';
import { connectorOf } from './connectors/catalog.ts';
import type { TypedPlace } from './connectors/recognise.ts';
import type { Account } from './contract/account.ts';
import type { ToolView, WorkspaceLook } from './contract/control.ts';
import { BridgeError } from './contract/errors.ts';
import { Authorizer } from './credentials/authorizer.ts';
import { type OAuthAccounts, openOAuth } from './oauth-accounts.ts';
import type { EveryAccount } from './policy/rules.ts';
import { toolViews } from './policy/tool-views.ts';
import { Epochs } from './sessions/epochs.ts';
import { Gate } from './sessions/gate.ts';
import { AccountHealth } from './sessions/health.ts';
import { workspaceOf } from './sessions/workspaces.ts';
import { checkAccount } from './upstream/check.ts';
import { Eras } from './upstream/eras.ts';
import { WorkspaceHttp } from './upstream/http.ts';
import { askTools } from './upstream/tools.ts';
import type { Vault } from './vault/vault.ts';
import { WorkspaceLooks } from './workspace-look.ts';

export interface AccountPartsOptions {
  readonly registry: AccountRegistry;
  readonly vault: Vault;
  /** Resolves when the vault was opened, or could not be. */
  readonly opening: Promise<void>;
  /** What holds for all accounts now. */
  readonly every: () => EveryAccount;
  readonly proxy: ProxyChoice;
  /** The connections to workspaces; made for these accounts when absent. */
  readonly http?: WorkspaceHttp;
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
  readonly eras: Eras;
  readonly health: AccountHealth;
  readonly epochs: Epochs;
  readonly gate: Gate;
  readonly check: AccountsParts['check'];
  /** What is asked of workspaces for the person alone. */
  readonly asking: {
    look(typed: TypedPlace, signal: AbortSignal): Promise<WorkspaceLook>;
    /**
     * The tools of the workspace, asked for now, with what the rules say of each.
     * @throws BridgeError `account-unknown`; as every request to the workspace does.
     */
    tools(name: string, signal: AbortSignal): Promise<ToolView[]>;
  };
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
  const http = parts.starting.use(parts.http ?? new WorkspaceHttp({ proxy: parts.proxy }));
  const eras = new Eras();
  const health = new AccountHealth(
    (account) =>
      void accounts
        .signInNeeded(account, 'refused')
        .catch((error: unknown) => log.error('accounts.state-not-saved', error)),
  );
  const epochs = parts.starting.use(new Epochs(authorizer.stored));
  const gate = new Gate(parts.every);
  /** What a workspace said, if it is about the sign-in or key of now. */
  const asOfNow = async <T>(account: Account, what: string, ask: () => Promise<T>): Promise<T> => {
    const epoch = epochs.of(account.id);
    const asked = ask();
    await asked.catch(() => undefined);
    if (epochs.of(account.id) === epoch) return asked;
    const message = `${account.label} got another sign-in or key while it was ${what}`;
    throw new BridgeError('unreachable', message, { account: account.label });
  };
  const check: AccountsParts['check'] = async (account, given) => {
    const checked = await asOfNow(account, 'checked. Check it again.', () =>
      checkAccount({
        workspace: workspaceOf(account, {
          authorizer,
          health: new AccountHealth(() => undefined),
          grants: oauth.grants,
          epochs,
        }),
        http,
        eras,
        version,
        now: now(),
        signal: given,
      }),
    );
    // Trials have ids of their own, which nobody would ever forget again.
    if (registry.get(account.id)) gate.sawTools(account, checked.tools);
    return checked;
  };
  const tools: AccountParts['asking']['tools'] = async (name, given) => {
    const account = registry.find(name);
    const obstacle = health.obstacle(account, now());
    if (obstacle) throw obstacle;
    const workspace = workspaceOf(account, { authorizer, health, grants: oauth.grants, epochs });
    const listed = await asOfNow(account, 'asked for its tools. Try again.', () =>
      askTools({ workspace, http, eras, version, signal: given }),
    );
    // The rules may have changed meanwhile, or the account be gone.
    const current = registry.find(account.id);
    gate.sawTools(current, listed);
    const isAllowed = gate.visibleTools(current) ?? (() => true);
    return toolViews(listed, connectorOf(account.connector).tools, isAllowed);
  };
  const oauth: OAuthAccounts = openOAuth({
    registry,
    accounts: () => accounts,
    authorizer,
    vault,
    check,
    proxy: parts.proxy,
    version,
    log,
  });
  const accounts: Accounts = new Accounts({
    registry,
    authorizer,
    check,
    conditionOf: (account) => {
      const known = oauth.conditionOf(account);
      return (known.state === 'ready' && health.condition(account)) || known;
    },
    endGrant: (account, given) => oauth.endGrant(account, given),
    takeBack: (account) => oauth.grants.takenBack(account),
    now,
    log,
  });
  parts.starting.use(oauth);
  const looks = parts.starting.use(new WorkspaceLooks({ proxy: parts.proxy, version }));
  const asking = { look: (typed: TypedPlace, given: AbortSignal) => looks.look(typed, given), tools };
  return { authorizer, http, eras, health, epochs, gate, check, asking, oauth, accounts };
}
