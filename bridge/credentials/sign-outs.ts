import type { Account, AccountId } from '../contract/account.ts';
import type { SignedOut } from '../contract/sign-in.ts';
import { type Credential, secretsOf, withGrant, withRevocations } from './credential.ts';
import { type Grant, isSameClient } from './grant.ts';
import type { GrantStore } from './grant-store.ts';
import type { Clock } from './lifetime.ts';
import type { Renewals } from './renewals.ts';
import { type Revocations, revocationsOf, signedOut, signedOutUnread } from './revocations.ts';

export interface SignOutsParts {
  readonly store: GrantStore;
  readonly renewals: Renewals;
  readonly revocations: Revocations;
  readonly onChange: () => void;
  readonly clock: Clock;
}

/** Ends sign-ins: here at once, at the authorization server as soon as it hears it. */
export class SignOuts {
  readonly #parts: SignOutsParts;

  constructor(parts: SignOutsParts) {
    this.#parts = parts;
  }

  /** Forgets the tokens; the rest of the account's secrets stays. Tokens that cannot be read now are left to `resume`. */
  async end(account: Account): Promise<SignedOut> {
    const upkeep = this.#parts.renewals.of(account.id);
    upkeep.reset('signed-out');
    upkeep.wider = undefined;
    try {
      return await this.#strip(account, (now) => {
        // A sign-in may have been stored while this waited for its turn.
        upkeep.over = 'signed-out';
        return this.#withoutGrant(now, account.label);
      });
    } catch (error) {
      return signedOutUnread(account, error);
    }
  }

  /**
   * The same for an account that is being removed: of its secrets only tokens to be revoked stay, and nothing of what
   * cannot be read.
   * @throws BridgeError `storage` when it cannot be removed; then nothing has changed.
   */
  async endRemoved(account: Account): Promise<SignedOut> {
    const { store, renewals } = this.#parts;
    const upkeep = renewals.of(account.id);
    const { epoch, over, wider } = upkeep;
    upkeep.reset('signed-out');
    upkeep.wider = undefined;
    try {
      const onlyRevocations = (now: Credential): Credential => {
        const { revocations } = this.#withoutGrant(now, account.label);
        return withRevocations(undefined, revocations);
      };
      return await this.#strip(account, onlyRevocations, true).catch(async () => {
        await store.forget(account.id);
        return signedOutUnread(account, undefined);
      });
    } catch (error) {
      Object.assign(upkeep, { epoch, over, wider });
      throw error;
    }
  }

  /** Revokes tokens nobody uses, unless the account is signed in by the same client again. */
  async discard(id: AccountId, grant: Grant, label: string): Promise<void> {
    const { store, renewals, revocations, clock } = this.#parts;
    const listed = renewals.listed(id);
    let isKept = false;
    await store.change(id, (now) => {
      isKept = listed !== undefined && now?.grant !== undefined && isSameClient(now.grant, grant);
      const tokens = isKept ? [] : revocationsOf(grant, label, clock.now());
      return tokens.length === 0 ? undefined : withRevocations(now, [...(now?.revocations ?? []), ...tokens]);
    });
    if (!isKept) await revocations.tell(id, listed);
  }

  /**
   * Takes up what the last stop or a closed vault cut short: tokens of accounts that were signed out, and sign-outs
   * that servers were not told of.
   * @param kept accounts for which the vault keeps something; `known` are those in the list.
   */
  async resume(kept: readonly AccountId[], known: readonly AccountId[]): Promise<void> {
    const { store, renewals, revocations } = this.#parts;
    const accounts = new Set(known);
    for (const id of kept) {
      const credential = await store.held(id).catch(() => undefined);
      if (!credential) continue;
      const listed = renewals.listed(id);
      if (listed && credential.grant && this.#isSignedOut(id)) {
        await this.#strip(listed, (now) =>
          // Somebody may have signed in while this waited for its turn.
          this.#isSignedOut(id) ? this.#withoutGrant(now, listed.label) : now,
        ).catch(() => undefined);
        continue;
      }
      if (credential.revocations.length === 0) continue;
      // Of an account that is in no list only sign-outs are taken up; its list may be damaged and come back.
      const isOnlyThat = secretsOf(withRevocations(credential, [])).length === 0;
      if (accounts.has(id) || isOnlyThat) await revocations.tell(id, listed);
    }
  }

  #isSignedOut(id: AccountId): boolean {
    const { renewals } = this.#parts;
    const listed = renewals.listed(id);
    return listed !== undefined && renewals.of(id).whySignIn(listed) === 'signed-out';
  }

  /** Changes the record and tells the server what it says then. @throws BridgeError when it cannot be read. */
  async #strip(
    account: Account,
    edit: (now: Credential) => Credential,
    orForget = false,
  ): Promise<SignedOut> {
    const { store, revocations, onChange } = this.#parts;
    let grant: Grant | undefined;
    try {
      const isSaved = await store.strip(account.id, (now) => {
        grant = now.grant;
        return edit(now);
      });
      // Nobody would look after the record of a removed account again.
      if (!isSaved && orForget) await store.forget(account.id);
    } finally {
      onChange();
    }
    return signedOut(grant, await revocations.tell(account.id, account));
  }

  /** The record without its grant, whose tokens stay in it until the server was told of them. */
  #withoutGrant(now: Credential, label: string): Credential {
    const tokens = now.grant ? revocationsOf(now.grant, label, this.#parts.clock.now()) : [];
    return withRevocations(withGrant(now, undefined), [...now.revocations, ...tokens]);
  }
}
