import { Signal } from '../base/events.ts';
import type { Account, AccountId } from '../contract/account.ts';
import { hostOf } from '../contract/account.ts';
import type { AccountCondition } from '../contract/control.ts';
import type { BridgeError } from '../contract/errors.ts';
import { signInNeededText } from '../contract/sign-in-text.ts';
import { troubleOf } from '../upstream/workspace.ts';

interface Standing {
  readonly refusals: number;
  /** Until then the account rests, after a refused credential or because of a firewall. */
  readonly restsUntil: number;
  /** Until then the workspace asked to wait. */
  readonly waitsUntil: number;
  /** Refusals by a firewall in a row. */
  readonly pages: number;
  /** The workspace said that there is nothing at its address for good. */
  readonly isGone: boolean;
}

const WELL: Standing = { refusals: 0, restsUntil: 0, waitsUntil: 0, pages: 0, isGone: false };

const REST_MS = 60_000;
/** No workspace is believed to ask for a longer wait. */
const LONGEST_WAIT_MS = 60 * 60_000;
const REFUSALS_UNTIL_SIGN_IN = 2;
/** One page may be about what was in one call; a row of them about who asks, and asking on makes it last longer. */
const PAGES_UNTIL_REST = 5;

/**
 * What the bridge learned about each account from the workspace's own answers, for the life of the process. It keeps a
 * bad key from being sent over and over, which would drain a workspace's per-address budget for the good accounts too,
 * and it keeps to the waiting time a workspace asked for.
 */
export class AccountHealth {
  readonly #standing = new Map<AccountId, Standing>();
  readonly #signInNeeded: (account: AccountId) => void;
  /** What `condition` says of an account has changed. */
  readonly changed = new Signal<void>();

  constructor(signInNeeded: (account: AccountId) => void) {
    this.#signInNeeded = signInNeeded;
  }

  /** Hears the status of every response to this account. @param isPage it came with a web page. */
  observe(
    account: AccountId,
    status: number,
    waitSeconds: number | undefined,
    now: Date,
    isPage: boolean = false,
  ): void {
    const before = this.#standing.get(account) ?? WELL;
    const nowMs = now.getTime();
    if (status === 401) {
      // Sent before the first refusal came back: one refusal of several requests at once.
      if (leftMs(before.restsUntil, REST_MS, now) > 0) return;
      const refusals = before.refusals + 1;
      // It comes from behind the firewall.
      this.#set(account, { ...before, refusals, restsUntil: nowMs + REST_MS, pages: 0 });
      if (refusals >= REFUSALS_UNTIL_SIGN_IN) this.#signInNeeded(account);
    } else if (status === 403 && isPage) {
      const pages = before.pages + 1;
      const restsUntil = pages < PAGES_UNTIL_REST ? before.restsUntil : nowMs + REST_MS;
      this.#set(account, { ...before, pages, restsUntil });
    } else if (status === 410) {
      this.#set(account, { ...before, isGone: true });
    } else if (waitSeconds !== undefined) {
      this.#set(account, { ...before, refusals: 0, restsUntil: 0, waitsUntil: nowMs + waitSeconds * 1000 });
    } else if (status < 300) {
      this.forget(account);
    }
  }

  #set(account: AccountId, standing: Standing): void {
    const before = this.#standing.get(account) ?? WELL;
    this.#standing.set(account, standing);
    if (before.isGone !== standing.isGone || isBlocked(before) !== isBlocked(standing))
      this.changed.announce();
  }

  /** What is wrong with the account at its workspace, for as long as nothing else is; undefined when all is well. */
  condition(account: Account): AccountCondition | undefined {
    const standing = this.#standing.get(account.id) ?? WELL;
    if (standing.isGone) {
      const text = `${hostOf(account)} says that its MCP server is gone for good. Check the address of the account.`;
      return { state: 'misconfigured', text, action: 'ask-support' };
    }
    if (!isBlocked(standing)) return undefined;
    return { state: 'blocked', text: firewallText(account), action: 'wait' };
  }

  /** Why nothing is sent to this account now; undefined when it is well. */
  obstacle(account: Account, now: Date): BridgeError | undefined {
    const standing = this.#standing.get(account.id);
    const rests = standing !== undefined && leftMs(standing.restsUntil, REST_MS, now) > 0;
    if (account.state === 'ready' && rests && isBlocked(standing)) {
      return troubleOf(account, 'refused', firewallText(account));
    }
    if (account.state === 'sign-in-needed' || rests) {
      return troubleOf(account, 'sign-in-needed', signInNeededText(account, hostOf(account)));
    }
    const waitMs = leftMs(standing?.waitsUntil ?? 0, LONGEST_WAIT_MS, now);
    if (waitMs === 0) return undefined;
    const seconds = Math.ceil(waitMs / 1000);
    return troubleOf(account, 'wait', `${hostOf(account)} asks to wait ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }

  /** The credential was replaced or the account checked again; the past does not count. */
  forget(account: AccountId): void {
    const before = this.#standing.get(account);
    this.#standing.delete(account);
    if (before && (before.isGone || isBlocked(before))) this.changed.announce();
  }
}

/** Milliseconds until then. None when that is further away than it ever was: the clock was set back meanwhile. */
function leftMs(until: number, most: number, now: Date): number {
  const left = until - now.getTime();
  return left > 0 && left <= most ? left : 0;
}

function isBlocked({ pages }: Standing): boolean {
  return pages >= PAGES_UNTIL_REST;
}

function firewallText(account: Account): string {
  return `${hostOf(account)} refuses with web pages, as a firewall does (403). Gangway asks once a minute until it is let through; ask whoever runs it.`;
}
