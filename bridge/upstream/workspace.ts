import { type Account, hostOf } from '../contract/account.ts';
import { BridgeError, type ErrorCode, type TroubleDetails } from '../contract/errors.ts';

/** What an up channel needs to know of the account it serves. */
export interface Workspace {
  readonly account: Account;
  /** Headers that are valid now: credential, selected user, extra headers. @throws BridgeError `vault-*`. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Replaces this account's own secrets, should the workspace echo them; other text stays as it is. */
  withoutSecrets(text: string): string;
  /**
   * Hears the status of every response, how many seconds the workspace asked to wait, the scope that the challenge
   * of a 403 asked for, and whether it came with a web page, as that of a firewall does.
   */
  observe(status: number, waitSeconds?: number, scope?: string, isPage?: boolean): void;
  /** Hears that a request may have left this computer, so that there was a connection to the workspace. */
  left?(): void;
  /**
   * A request that was sent with these headers was refused with 401. True when it may be sent once more, because there
   * are newer ones. Absent where a credential cannot be renewed.
   */
  renewed?(sent: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean>;
}

const LONGEST_MESSAGE = 300;

/** A trouble of this account, with the account's label and host in its details; the message is cut where it must be. */
export function troubleOf(
  account: Account,
  code: ErrorCode,
  message: string,
  details: TroubleDetails = {},
  cause?: unknown,
): BridgeError {
  const facts = { account: account.label, host: hostOf(account), ...details };
  return new BridgeError(code, message.slice(0, LONGEST_MESSAGE).toWellFormed(), facts, cause);
}
