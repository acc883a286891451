import { hostOf } from '../../contract/account.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import type { OnUpMessage } from '../channel.ts';
import type { Era } from '../eras.ts';
import type { Workspace } from '../workspace.ts';

export interface ModernRequest {
  /**
   * As it goes up, with its envelope in `_meta`. Ids need not be unique among the requests of one channel; the answer
   * comes back with the same id, a listen's events with the same subscription id.
   */
  readonly message: RequestMessage;
  /** The `Mcp-Param-*` headers of an HTTP client, by lower-case name; without them the channel makes them itself. */
  readonly paramHeaders?: Readonly<Record<string, string>> | undefined;
  /** Sending it a second time after a failure cannot do harm: reads, and writes with an idempotency key. */
  readonly repeatable: boolean;
  /** Its abort withdraws the request: the stream is closed, a local command is told. */
  readonly signal: AbortSignal;
  /**
   * Everything on this request's stream, in order, its answer last; an answer carries the HTTP status it came with. A
   * returned promise slows the workspace down.
   */
  readonly onMessage: OnUpMessage;
}

/**
 * The way to one workspace as one account for clients without a handshake (MCP 2026-07-28): every request stands for
 * itself.
 */
export interface ModernChannel extends AsyncDisposable {
  /** What the workspace itself speaks; `legacy` when this channel translates. */
  readonly era: Era;
  /** Calls that wait for their client's answers here; the channel is kept for them. None where every request stands for itself. */
  readonly waiting?: number;
  /**
   * Resolves when the answer has been handed over.
   * @throws BridgeError when there is none, EraChanged when the workspace speaks another era by now; the signal's reason when it was withdrawn.
   */
  request(request: ModernRequest): Promise<void>;
}

/**
 * The workspace answered in a way that only one of the other era does. Nothing was carried out, and what was believed is
 * forgotten, so `openWorkspace` finds out anew.
 */
export class EraChanged extends BridgeError {
  /** @param status that it refused with, where it did. */
  constructor({ account }: Workspace, status?: number, cause?: unknown) {
    const host = hostOf(account);
    const how = status === undefined ? '' : ` (${status})`;
    const message = `${host} answered as if it spoke another version of MCP than before${how}. Nothing was carried out. Try again.`;
    super('bad-answer', message, { account: account.label, host }, cause);
    this.name = 'EraChanged';
  }
}
