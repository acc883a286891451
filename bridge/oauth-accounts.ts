import { randomBytes } from 'node:crypto';
import type { AccountCheck, Accounts } from './accounts/accounts.ts';
import { conditionOf } from './accounts/condition.ts';
import type { AccountRegistry } from './accounts/registry.ts';
import { limits } from './base/limits.ts';
import type { Log } from './base/log.ts';
import type { ProxyChoice } from './base/network.ts';
import { reachOfHost } from './connectors/reach.ts';
import type { Account } from './contract/account.ts';
import type { AccountCondition } from './contract/control.ts';
import { BridgeError } from './contract/errors.ts';
import type { SignedOut } from './contract/sign-in.ts';
import type { Authorizer } from './credentials/authorizer.ts';
import { Grants } from './credentials/grants.ts';
import { type Bounds, boundsOf, OAuthHttp } from './oauth/http.ts';
import { refreshTokens } from './oauth/refresh.ts';
import { revokeToken } from './oauth/revocation.ts';
import { Clients } from './sign-in/clients.ts';
import { SignIns } from './sign-in/sign-ins.ts';
import type { Vault } from './vault/vault.ts';

export interface OAuthAccountsParts {
  readonly registry: AccountRegistry;
  readonly accounts: () => Accounts;
  readonly authorizer: Authorizer;
  readonly vault: Vault;
  readonly check: (account: Account, signal: AbortSignal) => Promise<AccountCheck>;
  readonly proxy: ProxyChoice;
  readonly version: string;
  readonly log: Log;
}

/** Everything about accounts that sign in by OAuth: their tokens while they are signed in, and the way in and out. */
export interface OAuthAccounts extends AsyncDisposable {
  readonly grants: Grants;
  readonly signIns: SignIns;
  conditionOf(account: Account): AccountCondition;
  /** @throws BridgeError `account-unknown`, `invalid-input`. */
  signOut(name: string, signal: AbortSignal): Promise<SignedOut>;
  /** For an account that is being removed. */
  endGrant(account: Account, signal: AbortSignal): Promise<SignedOut>;
}

export function openOAuth(parts: OAuthAccountsParts): OAuthAccounts {
  const { registry, authorizer, vault, check, version, log } = parts;
  const now = (): Date => new Date();
  const http = new OAuthHttp({ proxy: parts.proxy });
  const grants = new Grants({
    authorizer,
    refresh: ({ account, grant, refreshToken, signal }) => {
      const { tokenEndpoint, issuer, client, resource } = grant;
      const fetch = http.fetch(boundsOf(account), limits.tokenMs);
      return refreshTokens({ tokenEndpoint, issuer, client, refreshToken, resource }, fetch, signal);
    },
    revoke: (revocation, signal, account) => {
      // Of a removed account nothing else is known; the endpoint was within its bounds when it was stored.
      const bounds = account ? boundsOf(account) : boundsOfStored(revocation.endpoint);
      return revokeToken(revocation, http.fetch(bounds, limits.revocationMs), signal);
    },
    accounts: () => registry.snapshot.accounts,
    onGrantChanged: (account, change) =>
      void registry
        .update(account, (one) => (one.grant ? { ...one, grant: { ...one.grant, ...change } } : one))
        .catch((error: unknown) => log.error('accounts.state-not-saved', error)),
    signInNeeded: (account, reason) =>
      void parts
        .accounts()
        .signInNeeded(account, reason)
        .catch((error: unknown) => log.error('accounts.state-not-saved', error)),
    instance: randomBytes(8).toString('hex'),
    log,
  });
  const clients = new Clients({
    accounts: () => registry.snapshot.accounts,
    credential: (account, signal) => authorizer.credential(account.id, signal),
    now,
    version,
  });
  const signIns = new SignIns({
    registry,
    accounts: { remove: (name, signal) => parts.accounts().remove(name, signal) },
    authorizer,
    grants,
    http,
    clients,
    openVault: (signal) => vault.open(signal),
    check,
    now,
    log,
  });
  const resume = async (): Promise<void> => {
    const known = registry.snapshot.accounts.map(({ id }) => id);
    await grants.resumeRevocations(await vault.list(), known);
  };
  const resuming = vault.changed.on((state) => {
    if (state === 'ready') resume().catch((error: unknown) => log.error('grants.not-resumed', error));
  });
  return {
    grants,
    signIns,
    conditionOf: (account) =>
      conditionOf(account, {
        vault: vault.state,
        signingIn: signIns.isUnderWay(account.id),
        grant: grants.standing(account.id),
        untold: grants.pendingRevocations(account.id),
      }),
    signOut: async (name, signal) => {
      const account = registry.find(name);
      if (account.signIn.kind !== 'oauth') {
        const way = 'To end its access, delete its key at the workspace and remove the account here.';
        throw new BridgeError('invalid-input', `${account.label} has no sign-in in the browser. ${way}`);
      }
      await signIns.end(account.id);
      // The list first, because telling the server takes a while, and somebody may sign in again meanwhile. Which server
      // that was stays known, so that another one is asked about before it is used.
      const noted = registry.update(account.id, (one) => ({
        ...one,
        state: 'sign-in-needed',
        signInReason: 'signed-out',
      }));
      // The tokens are forgotten also where that cannot be written down.
      await noted.catch(() => undefined);
      const signedOut = await grants.signOut(account, signal);
      await noted;
      return signedOut;
    },
    endGrant: async (account, signal) => {
      // Not waited for: it may be the one that asked for the removal.
      void signIns.end(account.id);
      const credential = await authorizer.credential(account.id, signal).catch(() => undefined);
      const signedOut = await grants.signOutRemoved(account, signal);
      const client = credential?.grant?.client;
      if (client && signedOut.revocation !== 'queued') {
        const fetch = http.fetch(boundsOf(account), limits.revocationMs);
        await clients
          .release(client, account, fetch, AbortSignal.timeout(limits.revocationMs))
          .catch(() => undefined);
      }
      return signedOut;
    },
    [Symbol.asyncDispose]: async () => {
      resuming[Symbol.dispose]();
      await signIns[Symbol.asyncDispose]();
      await grants[Symbol.asyncDispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

/** An address that was found while its account still had bounds leads nowhere further than its own host. */
function boundsOfStored(address: string): Bounds {
  const reach = reachOfHost(new URL(address).hostname);
  return reach === 'never' ? 'public' : reach;
}
