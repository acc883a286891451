import type { Message } from '../jsonrpc/message.ts';
import type { Caller, Outlet, Reply, RequestHeaders } from '../relay/channel.ts';

/**
 * Where a client's requests go: the current account, the active account of a connector, or one account for good.
 * `text` is the address as written (`current`, `pelcro`, `acme-billing`).
 */
export interface Address {
  readonly text: string;
}

/** One client conversation, as a door drives it. */
export interface DoorSession {
  /** Sent as `Mcp-Session-Id` over HTTP. */
  readonly id: string;
  /** The client has shaken hands. */
  readonly greeted: boolean;
  /**
   * Takes one message of the client. Resolves when its reply has ended; never rejects.
   * @param headers of the HTTP request it came with, where the message is of the era without a handshake.
   */
  receive(message: Message, reply: Reply, headers?: RequestHeaders): Promise<void>;
  /**
   * Gives the session its standing stream; an earlier one is ended. With `lastEventId` it continues a broken stream.
   * @returns false when `lastEventId` belongs to no stream of this session.
   */
  attach(outlet: Outlet, lastEventId?: string): boolean;
  /** The outlet is gone; the session lives on. */
  detach(outlet: Outlet): void;
  /** The client left: running requests are given up, up sessions are deleted. */
  close(): Promise<void>;
}

/** What the doors need of the sessions. */
export interface Sessions {
  /** A new conversation. @throws BridgeError `account-unknown` when the address names nothing. */
  open(caller: Caller, address: Address): DoorSession;
  /**
   * The caller's conversation without a handshake (MCP 2026-07-28) at this address over HTTP, opened when there is none.
   * @throws BridgeError `account-unknown` when the address names nothing.
   */
  standing(caller: Caller, address: Address): DoorSession;
  /** The caller's own session at this address; undefined for anybody else's. */
  find(id: string, caller: Caller, address: Address): DoorSession | undefined;
}
