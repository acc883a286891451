import type { Accounts } from '../accounts/accounts.ts';
import { actingUser } from '../accounts/draft.ts';
import type { AccountRegistry } from '../accounts/registry.ts';
import { KeyedQueue } from '../base/tasks.ts';
import type { Account, SelectedUser } from '../contract/account.ts';
import type { Switched } from '../contract/control.ts';
import type { AccountList } from './binding.ts';
import type { AccountHealth } from './health.ts';
import type { LiveSessions } from './sessions.ts';

export interface SwitchingParts {
  readonly registry: AccountRegistry;
  readonly accounts: Accounts;
  readonly sessions: LiveSessions;
  readonly health: AccountHealth;
  /** Proves that an account can be used; throws BridgeError when it cannot. */
  probe(account: Account): Promise<void>;
}

/**
 * Switches accounts under connected clients. The next account is proven first: a workspace session is opened for
 * every client that would follow. Only then does the pointer move, saved and announced at once; calls that run stay
 * where they are. If the next account cannot be used, nothing changes.
 */
export class Switching {
  readonly #parts: SwitchingParts;
  readonly #oneAtATime = new KeyedQueue<'switch'>();

  constructor(parts: SwitchingParts) {
    this.#parts = parts;
  }

  /** Makes an account current and active for its connector. @throws BridgeError with nothing changed. */
  async use(name: string): Promise<Switched> {
    const { registry, accounts, health } = this.#parts;
    return this.#oneAtATime.run('switch', async () => {
      const account = registry.find(name);
      const { snapshot } = registry;
      const isInUse = snapshot.current === account.id && snapshot.active[account.connector] === account.id;
      const next: AccountList = {
        current: account.id,
        active: { ...snapshot.active, [account.connector]: account.id },
        accounts: snapshot.accounts,
      };
      const obstacle = health.obstacle(account, new Date());
      if (obstacle) throw obstacle;
      return this.#switch(account, next, isInUse, () => accounts.use(account.id));
    });
  }

  /** Lets calls of an account run as another member; null ends that. @throws BridgeError with nothing changed. */
  async actAs(name: string, user: string | SelectedUser | null): Promise<Switched> {
    const { registry, accounts } = this.#parts;
    return this.#oneAtATime.run('switch', async () => {
      const { actingAs: _, ...before } = registry.find(name);
      const account: Account = user === null ? before : { ...before, actingAs: actingUser(before, user) };
      const { snapshot } = registry;
      const next: AccountList = {
        ...snapshot,
        accounts: snapshot.accounts.map((other) => (other.id === account.id ? account : other)),
      };
      return this.#switch(account, next, false, () => accounts.actAs(account.id, user));
    });
  }

  async #switch(
    account: Account,
    next: AccountList,
    isInUse: boolean,
    move: () => Promise<Switched['account']>,
  ): Promise<Switched> {
    const { sessions } = this.#parts;
    const { isProven, ...who } = await sessions.warm(next);
    try {
      if (!isProven && !isInUse) await this.#parts.probe(account);
      const view = await move();
      return { account: view, ...who };
    } finally {
      // After a failure too: what was opened for the switch is let go.
      sessions.rebind();
    }
  }
}
