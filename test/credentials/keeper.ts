import { Redactor } from '#bridge/base/redactor.ts';
import { Secret } from '#bridge/base/secret.ts';
import { Authorizer } from '#bridge/credentials/authorizer.ts';
import { credentialOf, openCredential, sealable, withGrant } from '#bridge/credentials/credential.ts';
import type { Grant, Revocation } from '#bridge/credentials/grant.ts';
import { Grants } from '#bridge/credentials/grants.ts';
import type { RefreshRequest } from '#bridge/credentials/renewal.ts';
import type { GrantChange } from '#bridge/credentials/renewals.ts';
import type { OAuthClient } from '#bridge/oauth/client.ts';
import type { TokenAnswer } from '#bridge/oauth/tokens.ts';
import { OAuthTrouble, type OAuthTroubleKind } from '#bridge/oauth/trouble.ts';
import { MemoryVault } from '#bridge/vault/memory.ts';
import type { Vault } from '#bridge/vault/vault.ts';
import type { Account, AccountId, SignInReason } from '#contract/account.ts';
import type { BridgeError } from '#contract/errors.ts';
import { anAccount } from '../accounts/an-account.ts';
import { canary } from '../canary/canary.ts';
import { clientOf } from '../oauth/client-of.ts';
import { recordingLog } from '../vault/recording-log.ts';
import { Timeline } from './timeline.ts';

/** Never aborted. */
export const { signal }: { readonly signal: AbortSignal } = new AbortController();
export const HOUR = 60 * 60_000;
export const MINUTE = 60_000;

export function anOAuthAccount(change: Partial<Record<keyof Account, unknown>> = {}): Account {
  return anAccount({
    connector: 'custom',
    signIn: { kind: 'oauth', legacy: false },
    upstream: { kind: 'http', url: 'https://mcp.acme.example/mcp' },
    ...change,
  });
}

export const aClient: OAuthClient = clientOf('https://auth.acme.example');

/** A grant of one hour with fresh canaries. */
export function aGrant(now: number, change: Partial<Grant> = {}): Grant {
  return {
    issuer: 'https://auth.acme.example',
    tokenEndpoint: 'https://auth.acme.example/token',
    revocationEndpoint: 'https://auth.acme.example/revoke',
    resource: 'https://mcp.acme.example/mcp',
    client: aClient,
    accessToken: new Secret(canary('bearer')),
    refreshToken: new Secret(canary('bearer')),
    scope: undefined,
    requestedScope: undefined,
    obtainedAt: now,
    expiresAt: now + HOUR,
    generation: 0,
    spent: [],
    renewal: undefined,
    ...change,
  };
}

export function answer(change: Partial<TokenAnswer> = {}): TokenAnswer {
  return {
    accessToken: new Secret(canary('bearer')),
    refreshToken: new Secret(canary('bearer')),
    expiresInS: 3600,
    scope: undefined,
    claims: { subject: undefined, name: undefined },
    notes: [],
    ...change,
  };
}

export function trouble(kind: OAuthTroubleKind, retryAfterSeconds?: number): OAuthTrouble {
  const facts = {
    host: 'auth.acme.example',
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  return new OAuthTrouble(kind, `auth.acme.example: ${kind}.`, facts);
}

/** What the token endpoint answers next: tokens, a trouble, or something that takes its time. */
export type Reply = TokenAnswer | Error | ((request: RefreshRequest) => Promise<TokenAnswer>);

export interface KeeperOptions {
  readonly accounts?: Account[];
  readonly vault?: Vault;
  readonly time?: Timeline;
  readonly instance?: string;
  readonly random?: () => number;
  readonly redactor?: Redactor;
  readonly ownsFolder?: boolean;
}

/** A keeper of grants with a vault of its own and a token endpoint that answers as told. */
export class Keeper implements AsyncDisposable {
  readonly time: Timeline;
  readonly vault: Vault;
  readonly accounts: Account[];
  readonly authorizer: Authorizer;
  readonly grants: Grants;
  readonly log = recordingLog();
  readonly redactor: Redactor;
  /** Requests to the token endpoint. */
  readonly asked: RefreshRequest[] = [];
  readonly replies: Reply[] = [];
  readonly revoked: Revocation[] = [];
  readonly needed: [account: AccountId, reason: SignInReason][] = [];
  readonly grantChanges: GrantChange[] = [];
  /** Thrown by the vault when set. */
  saveFails: BridgeError | undefined;
  loadFails: BridgeError | undefined;
  forgetFails: BridgeError | undefined;
  saves = 0;
  revoke: (revocation: Revocation, signal: AbortSignal) => Promise<void> = async () => {};

  constructor(options: KeeperOptions = {}) {
    this.time = options.time ?? new Timeline();
    this.vault = options.vault ?? new MemoryVault();
    this.accounts = options.accounts ?? [anOAuthAccount()];
    this.redactor = options.redactor ?? new Redactor();
    this.authorizer = new Authorizer({
      load: async (id, given) => {
        if (this.loadFails) throw this.loadFails;
        return this.vault.load(id, given);
      },
      save: async (id, record, given) => {
        if (this.saveFails) throw this.saveFails;
        this.saves += 1;
        await this.vault.save(id, record, given);
      },
      forget: async (id, given) => {
        if (this.forgetFails) throw this.forgetFails;
        await this.vault.forget(id, given);
      },
      accessToken: (account, given) => this.grants.accessToken(account, given),
      redactor: this.redactor,
    });
    this.grants = new Grants({
      authorizer: this.authorizer,
      refresh: async (request) => {
        this.asked.push(request);
        const reply = this.replies.shift() ?? answer();
        if (reply instanceof Error) throw reply;
        return typeof reply === 'function' ? reply(request) : reply;
      },
      revoke: async (revocation, given) => {
        this.revoked.push(revocation);
        await this.revoke(revocation, given);
      },
      accounts: () => this.accounts,
      signInNeeded: (id, reason) => {
        this.needed.push([id, reason]);
        const at = this.accounts.findIndex((account) => account.id === id);
        const account = this.accounts[at];
        if (account) this.accounts[at] = { ...account, state: 'sign-in-needed', signInReason: reason };
      },
      clock: this.time,
      pause: this.time.pause,
      schedule: this.time.schedule,
      random: options.random ?? (() => 0.5),
      onGrantChanged: (_, change) => this.grantChanges.push(change),
      instance: options.instance ?? 'this-process',
      ownsFolder: options.ownsFolder ?? true,
      log: this.log,
    });
  }

  /** The only account, or the first. */
  get account(): Account {
    const [account] = this.accounts;
    if (!account) throw new Error('there is no account');
    return account;
  }

  /** Puts a grant into the vault as if it had been there since before the start. */
  async began(change: Partial<Grant> = {}, account = this.account.id): Promise<Grant> {
    const grant = aGrant(this.time.now(), { generation: 1, ...change });
    await this.vault.save(account, sealed(grant), signal);
    return grant;
  }

  /** The token to be sent now. Compare it with `same`, so that no secret gets into a report. */
  token(): Promise<Secret> {
    return this.grants.accessToken(this.account, signal);
  }

  /** What the vault holds. */
  async stored(account = this.account.id) {
    const record = await this.vault.load(account, signal);
    return record === undefined ? undefined : openCredential(record);
  }

  get standing() {
    return this.grants.standing(this.account.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const disposed = this.grants[Symbol.asyncDispose]();
    await this.time.pass(10_000);
    await disposed;
  }
}

export function sealed(grant: Grant) {
  return sealable(withGrant(credentialOf(undefined, {}), grant));
}

/** True for the same secret text; secrets never get into assertions, which print what differs. */
export function same(one: Secret | undefined, other: Secret | undefined): boolean {
  return one !== undefined && one.reveal() === other?.reveal();
}
