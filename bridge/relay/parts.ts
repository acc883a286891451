import type { Log } from '../base/log.ts';
import type { Account } from '../contract/account.ts';
import type { Outcome } from '../contract/activity.ts';
import type { BridgeError } from '../contract/errors.ts';
import type { RequestMessage } from '../jsonrpc/message.ts';
import type { UpChannel } from '../upstream/channel.ts';
import type { Workspace } from '../upstream/workspace.ts';
import type { Caller } from './channel.ts';

/** Where a request goes, decided when it starts. `identity` names the account, the user and the sign-in or key it acts as. */
export type Route =
  | { readonly kind: 'bound'; readonly identity: string; readonly workspace: Workspace }
  /** `identity` is there when an account is chosen but cannot be used right now. */
  | { readonly kind: 'unbound'; readonly error: BridgeError; readonly identity: string | undefined };

/** One finished request, for the activity log. */
export interface CallRecord {
  readonly startedAt: Date;
  readonly account: Account | null;
  readonly method: string;
  /** Tool or prompt name, or resource URI. */
  readonly target: string | null;
  readonly outcome: Outcome;
  readonly code: number | null;
  readonly durationMs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly request: RequestMessage;
  /** Text of the answer, when one came from the workspace. */
  readonly answer: string | null;
}

/** What a relay session is given; it knows neither the list of accounts nor the rules nor the log. */
export interface RelayParts {
  readonly caller: Caller;
  /** The session follows switches; false when it is pinned to one account. */
  readonly follows: boolean;
  readonly bridgeVersion: string;
  route(): Route;
  connect(workspace: Workspace): UpChannel;
  /** Why this request may not be sent, or undefined when it may. */
  gate(request: RequestMessage, account: Account): BridgeError | undefined;
  /** Which tools the person's rules leave visible; undefined when all. */
  visibleTools(account: Account): ((tool: unknown) => boolean) | undefined;
  /** The workspace listed these tools, with their annotations. */
  sawTools(account: Account, tools: readonly unknown[]): void;
  record(call: CallRecord): void;
  readonly log: Log;
}
