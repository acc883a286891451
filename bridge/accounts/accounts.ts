import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { KeyedQueue } from '../base/tasks.ts';
import { connectorOf } from '../connectors/catalog.ts';
import {
  type Account,
  AccountId,
  type AccountIdentity,
  type Color,
  type Environment,
  effectiveUser,
  type SelectedUser,
  type SignInReason,
} from '../contract/account.ts';
import type {
  AccountCondition,
  AccountView,
  CheckedAccount,
  NewAccount,
  RulesChange,
} from '../contract/control.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import { howToSignIn } from '../contract/sign-in-text.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import { type Credential, sameCredential, sameKey, secretsOf, withKey } from '../credentials/credential.ts';
import { actingUser, draftAccount } from './draft.ts';
import { cleanKeyFor } from './draft-sign-in.ts';
import { cleanLabel } from './names.ts';
import { orPutBack } from './put-back.ts';
import { type AccountRegistry, viewOf } from './registry.ts';

/** What a workspace said of itself and of us, and what of that a person should know. */
export interface AccountCheck {
  readonly identity: AccountIdentity;
  readonly notes: readonly string[];
}

export interface AccountsParts {
  readonly registry: AccountRegistry;
  readonly authorizer: Pick<Authorizer, 'credential' | 'store' | 'forget' | 'hold'>;
  /**
   * Asks the workspace who we are and what it offers. The account may be a trial that is in no list; its headers come
   * from the authorizer like any other's. @throws BridgeError when the account does not work.
   */
  readonly check: (account: Account, signal: AbortSignal) => Promise<AccountCheck>;
  /** How an account is right now. */
  readonly conditionOf: (account: Account) => AccountCondition;
  /** Forgets the tokens of an account that is being removed, and tells the authorization server. */
  readonly endGrant: (account: Account, signal: AbortSignal) => Promise<SignedOut>;
  /** The removal did not happen after all. */
  readonly takeBack: (account: AccountId) => void;
  readonly now: () => Date;
  readonly log: Log;
}

/** As many as the contract takes. */
const RECENT_USERS = 5;

/** Changes a person makes to accounts: secrets first, then the list. Killed in between, the same done again ends well. */
export class Accounts {
  readonly #parts: AccountsParts;
  readonly #oneAtATime = new KeyedQueue<AccountId>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** All accounts as user interfaces see them. */
  list(): AccountView[] {
    const { snapshot } = this.#parts.registry;
    return snapshot.accounts.map((account) => this.#view(account));
  }

  /**
   * Adds an account and checks it first, unless `check: false`. When the check fails nothing was stored.
   * @throws BridgeError `invalid-input` for what was entered; the check's own; `vault-*`; `storage`.
   */
  async add(entered: NewAccount, signal: AbortSignal): Promise<CheckedAccount> {
    const { registry, authorizer, now } = this.#parts;
    const { account, credential, notes } = draftAccount(entered, {
      id: newAccountId(),
      now: now(),
      accounts: registry.snapshot.accounts,
    });
    const said = [...notes, ...(await this.#pairing(account, credential, signal))];
    using _held = authorizer.hold(account.id, credential);
    // By OAuth a person signs in afterwards; until then there is nothing to ask the workspace with.
    const skips = entered.check === false || account.signIn.kind === 'oauth';
    const check = skips ? undefined : await this.#parts.check(account, signal);
    const checked = check ? { ...account, identity: check.identity } : account;
    signal.throwIfAborted();
    if (secretsOf(credential).length > 0) await authorizer.store(account.id, credential, signal);
    const added = await this.#orTakeBack(account.id, () => registry.add(checked));
    return { account: this.#view(added), notes: [...said, ...(check?.notes ?? [])] };
  }

  /** Asks the workspace again who we are. @throws BridgeError as the check does; then the old identity stays. */
  async check(name: string, signal: AbortSignal): Promise<CheckedAccount> {
    const { registry } = this.#parts;
    const account = registry.find(name);
    try {
      const { identity, notes } = await this.#parts.check(account, signal);
      refuseSomebodyElse(account, identity);
      const ready = await registry.update(account.id, (now) => {
        // Somebody may have signed out while the workspace was asked.
        const isAsBefore = now.state === account.state && now.signInReason === account.signInReason;
        return isAsBefore ? signedIn(now, identity) : now;
      });
      return { account: this.#view(ready), notes: [...notes] };
    } catch (error) {
      if (asBridgeError(error).code === 'sign-in-needed') await this.signInNeeded(account.id, 'refused');
      throw error;
    }
  }

  /**
   * Replaces the key of an account in place. The new key is tried apart from running work, and stored only when the
   * workspace takes it, unless `check` is false.
   */
  async rotateKey(
    name: string,
    pasted: string,
    check: boolean,
    signal: AbortSignal,
  ): Promise<CheckedAccount> {
    const { registry, authorizer } = this.#parts;
    const { id } = registry.find(name);
    return this.#oneAtATime.run(id, async () => {
      const account = registry.find(id);
      if (account.signIn.kind !== 'key') {
        throw new BridgeError(
          'invalid-input',
          `${account.label} signs in without a key. ${account.signIn.kind === 'oauth' ? howToSignIn(account) : ''}`.trim(),
        );
      }
      const cleaned = cleanKeyFor(connectorOf(account.connector), pasted);
      const before = await authorizer.credential(id, signal);
      const credential = withKey(before, cleaned.value);
      const notes = [...cleaned.notes, ...(await this.#pairing(account, credential, signal))];
      if (before && sameKey(before, credential)) notes.push('This is the key that was stored already.');
      let checked: AccountCheck | undefined;
      if (check) {
        // Under an id of its own, so that no request of a client goes out with a key that may be wrong.
        const trial: Account = { ...account, id: newAccountId() };
        using _held = authorizer.hold(trial.id, credential);
        checked = await this.#parts.check(trial, signal);
      }
      signal.throwIfAborted();
      await authorizer.store(id, credential, signal);
      const updated = await orPutBack(account, before, this.#parts, () =>
        registry.update(id, (now) => signedIn(now, checked?.identity)),
      );
      return { account: this.#view(updated), notes: [...notes, ...(checked?.notes ?? [])] };
    });
  }

  /** Changes label, colour, environment or rules. The slug stays, so addresses keep their meaning. */
  async update(
    name: string,
    change: {
      readonly label?: string | undefined;
      readonly color?: Color | undefined;
      readonly environment?: Environment | undefined;
      readonly rules?: RulesChange | undefined;
    },
  ): Promise<AccountView> {
    const { registry } = this.#parts;
    const label = change.label === undefined ? undefined : cleanLabel(change.label);
    if (label === '') throw new BridgeError('invalid-input', 'A label needs at least one visible character.');
    const updated = await registry.update(registry.find(name).id, (account) => ({
      ...account,
      label: label ?? account.label,
      color: change.color ?? account.color,
      environment: change.environment ?? account.environment,
      rules: change.rules ? changedRules(account.rules, change.rules) : account.rules,
    }));
    return this.#view(updated);
  }

  /**
   * Makes an account the current one and its connector's active one.
   * @throws BridgeError `sign-in-needed`, with nothing changed, while the workspace refuses its credential.
   */
  async use(name: string): Promise<AccountView> {
    const { registry } = this.#parts;
    const account = registry.find(name);
    if (account.state === 'sign-in-needed') {
      throw new BridgeError(
        'sign-in-needed',
        `${account.label}: sign-in needed, so nothing was switched. ${howToSignIn(account)}`,
        { account: account.label },
      );
    }
    await registry.setCurrent(account.id);
    return this.#view(registry.get(account.id) ?? account);
  }

  /** Lets calls run as another member of the workspace; null ends that. @throws BridgeError `invalid-input`. */
  async actAs(name: string, user: string | SelectedUser | null): Promise<AccountView> {
    const { registry } = this.#parts;
    const account = registry.find(name);
    const actingAs = user === null ? undefined : actingUser(account, user);
    const updated = await registry.update(account.id, ({ actingAs: _, ...now }) => ({
      ...now,
      ...(actingAs ? { actingAs, recentUsers: withRecent(now, actingAs) } : {}),
    }));
    return this.#view(updated);
  }

  /** Removes an account, its secret first. If it was the current one, none is current afterwards. */
  async remove(name: string, signal: AbortSignal): Promise<{ removed: Account; signedOut: SignedOut }> {
    const { registry, authorizer } = this.#parts;
    const { id } = registry.find(name);
    return this.#oneAtATime.run(id, async () => {
      const account = registry.find(id);
      if (account.signIn.kind === 'oauth') {
        const signedOut = await this.#parts.endGrant(account, signal);
        try {
          return { removed: await registry.remove(id), signedOut };
        } catch (error) {
          this.#parts.takeBack(id);
          throw error;
        }
      }
      const before = await authorizer.credential(id, signal).catch(() => 'unread' as const);
      await authorizer.forget(id, signal);
      const removed = await orPutBack(account, before, this.#parts, () => registry.remove(id));
      return { removed, signedOut: { revocation: 'nothing-to-revoke' } };
    });
  }

  /** Notes that the stored credential serves no more; nothing of it is deleted. */
  async signInNeeded(id: AccountId, reason: SignInReason): Promise<void> {
    if (!this.#parts.registry.get(id)) return;
    await this.#parts.registry.update(id, (now) => {
      // What is known of an OAuth sign-in is more exact than that it was refused.
      if (now.state === 'sign-in-needed' && reason === 'refused') return now;
      const why = now.signIn.kind === 'oauth' ? { signInReason: reason } : {};
      return { ...now, state: 'sign-in-needed', ...why };
    });
  }

  #view(account: Account): AccountView {
    const { registry, conditionOf } = this.#parts;
    return viewOf(registry.snapshot, account, conditionOf(account));
  }

  /**
   * What other accounts say about a credential: a key that opens one host only cannot belong to two, and the same
   * secret for the same place and user is probably a second copy of one account.
   */
  async #pairing(account: Account, credential: Credential, signal: AbortSignal): Promise<string[]> {
    const { registry, authorizer } = this.#parts;
    const notes: string[] = [];
    for (const other of registry.snapshot.accounts) {
      if (other.id === account.id || other.connector !== account.connector || !holdsSecrets(other)) continue;
      const theirs = await authorizer.credential(other.id, signal).catch(() => undefined);
      if (!theirs) continue;
      const [here, there] = [hostOf(account), hostOf(other)];
      if (here !== there && connectorOf(account.connector).key.bindsToHost && sameKey(theirs, credential)) {
        throw new BridgeError(
          'invalid-input',
          `This token belongs to ${there?.slice(0, 100)} (${other.label}). Enter the token of ${here?.slice(0, 100)}.`,
        );
      }
      if (
        isDeepStrictEqual([account.upstream, effectiveUser(account)], [other.upstream, effectiveUser(other)])
      ) {
        if (sameCredential(theirs, credential)) {
          notes.push(`Warning: ${other.label} has the same address and key.`);
        }
      }
    }
    return notes;
  }

  async #orTakeBack<T>(id: AccountId, save: () => Promise<T>): Promise<T> {
    try {
      return await save();
    } catch (error) {
      // The caller's signal may have aborted, and the secret must go all the same.
      const signal = AbortSignal.timeout(limits.shutdownMs);
      await this.#parts.authorizer
        .forget(id, signal)
        .catch((cause: unknown) => this.#parts.log.error('accounts.secret-left', cause, { account: id }));
      throw error;
    }
  }
}

/** The account after its credential was proven. */
function signedIn({ signInReason: _, ...account }: Account, found: AccountIdentity | undefined): Account {
  const { identity: before, signIn } = account;
  if (!found) return { ...account, state: 'ready' };
  // Where the workspace names nobody this time, who signed in stays known.
  const kept = signIn.kind === 'oauth' && found.subject === undefined && before;
  const who = kept ? { summary: kept.summary, ...(kept.subject ? { subject: kept.subject } : {}) } : {};
  return { ...account, state: 'ready', identity: { ...found, ...who } };
}

/** An account keeps the identity that a person signed in to; a workspace that now names another is not believed. */
function refuseSomebodyElse({ label, signIn, identity }: Account, found: AccountIdentity): void {
  const expected = identity?.subject;
  if (signIn.kind !== 'oauth' || expected === undefined || found.subject === undefined) return;
  if (found.subject === expected) return;
  throw new BridgeError(
    'conflict',
    `${label} belongs to ${identity?.summary.slice(0, 60)}, but the workspace now says ${found.summary.slice(0, 60)}. Nothing was changed. Add the other one as an account of its own.`,
    { account: label },
  );
}

/** The members chosen last, this one first. The account's own user is offered anyway, so it takes no place. */
function withRecent({ user, recentUsers }: Account, chosen: SelectedUser): SelectedUser[] {
  if (isDeepStrictEqual(chosen, user)) return recentUsers;
  const others = recentUsers.filter((other) => !isDeepStrictEqual(other, chosen));
  return [chosen, ...others].slice(0, RECENT_USERS);
}

/** A new account id: 64 random bits, never used before or again. */
export function newAccountId(): AccountId {
  return AccountId.parse(`acc_${randomBytes(8).toString('hex')}`);
}

function holdsSecrets(account: Account): boolean {
  return account.signIn.kind !== 'none' || account.secretHeaders.length > 0;
}

function hostOf(account: Account): string | undefined {
  return account.upstream.kind === 'command' ? undefined : new URL(account.upstream.url).host;
}

function changedRules(rules: Account['rules'], change: RulesChange): Account['rules'] {
  const allow = change.allow === undefined ? rules.allow : (change.allow ?? undefined);
  return {
    readOnly: change.readOnly ?? rules.readOnly,
    deny: change.deny ?? rules.deny,
    ...(allow ? { allow } : {}),
  };
}
