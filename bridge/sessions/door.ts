import type { Message } from '../jsonrpc/message.ts';
import type { Caller, Outlet, Reply } from '../relay/channel.ts';

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
  /** Takes one message of the client. Resolves when its reply has ended; never rejects. */
  receive(message: Message, reply: Reply): Promise<void>;
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
  /** The caller's own session at this address; undefined for anybody else's. */
  find(id: string, caller: Caller, address: Address): DoorSession | undefined;
}
