import type { ControlClient } from '#bridge/control/client.ts';
import type { AccountId } from '#contract/account.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import { asBridgeError } from '#contract/errors.ts';
import type { Latest } from './latest.ts';
import type { Notice } from './notices.ts';
import {
  type Before,
  beforeSwitch,
  notSwitchedNotice,
  slowSwitchNotice,
  switchedNotice,
} from './switch-notices.ts';
import { expecting } from './tray-accounts.ts';

export interface AccountSwitchParts {
  readonly latest: Pick<Latest, 'snapshot'>;
  readonly control: { readonly accounts: Pick<ControlClient['accounts'], 'use'> };
  /** Says something that is good to know. */
  readonly tell: (notice: Notice, undo?: () => void) => void;
  /** Says something that the person has to hear. */
  readonly warn: (notice: Notice) => void;
  /** The ticks are somewhere else now. */
  readonly moved: () => void;
}

/** A tick that nobody confirmed goes back after this time. */
const EXPECT_MS = 3_000;

/**
 * Switches accounts for a person who clicked one. The tick moves at once; until the bridge confirms it that is only
 * expected, and after three seconds it goes back and says so.
 */
export class AccountSwitch implements Disposable {
  readonly #parts: AccountSwitchParts;
  readonly #leaving = new AbortController();
  #expected: AccountId | undefined;
  /** Only the last click speaks. */
  #clicks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: AccountSwitchParts) {
    this.#parts = parts;
  }

  /** The snapshot with the ticks where they are expected to be. */
  shown(snapshot: Snapshot | undefined): Snapshot | undefined {
    return snapshot && this.#expected ? expecting(snapshot, this.#expected) : snapshot;
  }

  /** Compares what is expected with a new snapshot. */
  follow(snapshot: Snapshot | undefined): void {
    const account = snapshot?.accounts.find(({ id }) => id === this.#expected);
    if (!account || isInUse(account)) this.#expected = undefined;
  }

  /** Switches, and tells how it ended. */
  async to(id: AccountId): Promise<void> {
    const found = this.#begin(id);
    if (!found) return;
    const { account, from, click } = found;
    try {
      const switched = await this.#use(id);
      if (click !== this.#clicks) return;
      this.#parts.tell(switchedNotice(switched, from), () => void this.#back(from));
    } catch (error) {
      this.#failed(account, click, error);
    }
  }

  [Symbol.dispose](): void {
    this.#leaving.abort();
    clearTimeout(this.#timer);
  }

  /** Undefined when nothing would change. */
  #begin(id: AccountId): { account: AccountView; from: Before; click: number } | undefined {
    const { snapshot } = this.#parts.latest;
    const account = snapshot?.accounts.find((one) => one.id === id);
    if (!snapshot || !account || (isInUse(account) && this.#expected === undefined)) return undefined;
    this.#clicks += 1;
    const from = beforeSwitch(snapshot, account);
    this.#expect(account, from);
    return { account, from, click: this.#clicks };
  }

  #expect(account: AccountView, from: Before): void {
    this.#expected = account.id;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#expected !== account.id) return;
      this.#expected = undefined;
      this.#parts.moved();
      this.#parts.tell(slowSwitchNotice(account, from));
    }, EXPECT_MS).unref();
    this.#parts.moved();
  }

  #use(id: AccountId) {
    return this.#parts.control.accounts.use({ account: id }, { signal: this.#leaving.signal });
  }

  /** What was chosen before is chosen again, one after the other; nobody has to be told of it. */
  async #back({ accounts }: Before): Promise<void> {
    for (const { id } of accounts) {
      const found = this.#begin(id);
      if (!found) continue;
      try {
        await this.#use(id);
      } catch (error) {
        this.#failed(found.account, found.click, error);
        return;
      }
      // Somebody has chosen another one meanwhile.
      if (found.click !== this.#clicks) return;
    }
  }

  #failed(account: AccountView, click: number, error: unknown): void {
    if (this.#leaving.signal.aborted || click !== this.#clicks) return;
    this.#expected = undefined;
    this.#parts.moved();
    this.#parts.warn(notSwitchedNotice(account, asBridgeError(error)));
  }
}

function isInUse({ current, active }: AccountView): boolean {
  return current && active;
}
