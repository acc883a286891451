import type { Log } from '../base/log.ts';
import type { Account } from '../contract/account.ts';
import type { Outcome } from '../contract/activity.ts';
import type { BridgeError } from '../contract/errors.ts';
import type { RequestMessage } from '../jsonrpc/message.ts';
import type { UpChannel } from '../upstream/channel.ts';
import type { OpenedWorkspace } from '../upstream/modern/open.ts';
import type { Workspace } from '../upstream/workspace.ts';
import type { Caller } from './channel.ts';
import type { RequestStates } from './modern/request-state.ts';
import type { Steering } from './modern/steering.ts';

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
  /** Name and version of the program that sent it, where each request says so. */
  readonly program?: string | null;
  /** Text of the answer, when one came from the workspace. */
  readonly answer: string | null;
}

/** What a relay session is given; it knows neither the list of accounts nor the rules nor the log. */
export interface RelayParts {
  readonly caller: Caller;
  /** As the client wrote it: `current`, a connector, or an account's short name. */
  readonly address: string;
  /** The session follows switches; false when it is pinned to one account. */
  readonly follows: boolean;
  readonly bridgeVersion: string;
  route(): Route;
  /**
   * The way to the account that an earlier answer came from, among those the address may lead to; undefined when none
   * of them has such an identity any more.
   */
  routeTo(matches: (identity: string) => boolean): Route | undefined;
  /** A channel for a session with a handshake, whatever the workspace speaks. */
  connect(workspace: Workspace): UpChannel;
  /** @throws BridgeError when the era of the workspace cannot be found out. */
  openWorkspace(workspace: Workspace, signal: AbortSignal): Promise<OpenedWorkspace>;
  /** One for all conversations of an owner. */
  readonly states: RequestStates;
  /** One for all conversations of an owner; `steeringKey` is this client in it. */
  readonly steering: Steering;
  readonly steeringKey: string;
  /** Why this request may not be sent, or undefined when it may. */
  gate(request: RequestMessage, account: Account): BridgeError | undefined;
  /** Which tools the person's rules leave visible; undefined when all. */
  visibleTools(account: Account): ((tool: unknown) => boolean) | undefined;
  /** The workspace listed these tools, with their annotations. */
  sawTools(account: Account, tools: readonly unknown[]): void;
  record(call: CallRecord): void;
  readonly log: Log;
}
