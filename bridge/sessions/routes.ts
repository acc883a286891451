import type { Account } from '../contract/account.ts';
import type { Route } from '../relay/parts.ts';
import { type AccountList, bind, identityOf, mayLeadTo, type Reach } from './binding.ts';
import { type WorkspacesParts, workspaceOf } from './workspaces.ts';

export type Bound = Extract<Route, { kind: 'bound' }>;

export interface RoutesParts extends WorkspacesParts {
  accounts(): AccountList;
}

/** The way from an address to a workspace, as the accounts are at the moment somebody asks. */
export class Routes {
  readonly #parts: RoutesParts;

  constructor(parts: RoutesParts) {
    this.#parts = parts;
  }

  of(reach: Reach): Route {
    const binding = bind(reach, this.#parts.accounts());
    if (binding.kind === 'unbound') return { ...binding, identity: undefined };
    const bound = this.to(binding.account);
    const obstacle = this.#parts.health.obstacle(binding.account, new Date());
    if (!obstacle) return bound;
    const identity = isSignedOut(binding.account) ? undefined : bound.identity;
    return { kind: 'unbound', error: obstacle, identity };
  }

  /** The way to an account, whatever is in it. */
  to(account: Account): Bound {
    return {
      kind: 'bound',
      identity: this.identityOf(account),
      workspace: workspaceOf(account, this.#parts),
    };
  }

  /** Only to accounts that the address may lead to: a client pinned to one reaches no other by what it says. */
  back(reach: Reach, matches: (identity: string) => boolean): Route | undefined {
    const found = this.#parts
      .accounts()
      .accounts.find((account) => mayLeadTo(reach, account) && matches(this.identityOf(account)));
    if (!found) return undefined;
    const error = this.#parts.health.obstacle(found, new Date());
    return error ? { kind: 'unbound', error, identity: this.identityOf(found) } : this.to(found);
  }

  /** Who requests at this address act as now; undefined when it leads nowhere. */
  identity(reach: Reach): string | undefined {
    const binding = bind(reach, this.#parts.accounts());
    if (binding.kind !== 'bound' || isSignedOut(binding.account)) return undefined;
    return this.identityOf(binding.account);
  }

  identityOf(account: Account): string {
    return identityOf(account, this.#parts.epochs.of(account.id));
  }
}

/** By a person's own wish, so nothing that was opened before goes on. */
function isSignedOut({ state, signInReason }: Account): boolean {
  return state === 'sign-in-needed' && signInReason === 'signed-out';
}
