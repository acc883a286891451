import type { ObjectPlace } from './members.ts';

/** A JSON-RPC request of either side. `bytes` are the original bytes; `id` is the raw JSON text of the id. */
export interface RequestMessage {
  readonly kind: 'request';
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly id: string;
  readonly method: string;
  /** Parsed, for looking only; what is forwarded are the bytes. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface NotificationMessage {
  readonly kind: 'notification';
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Where the members of a result stand in `text`; in a message that was changed since then, they may stand elsewhere. */
export interface ResultPlace extends ObjectPlace {
  readonly text: string;
}

export interface ResponseMessage {
  readonly kind: 'response';
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Raw JSON text of the id, or null for an error without one. */
  readonly id: string | null;
  readonly result: unknown;
  readonly error: Readonly<{ code: unknown; message: unknown; data?: unknown }> | undefined;
  /** Of a result that is an object, where it was read from a text. */
  readonly resultAt?: ResultPlace | undefined;
}

/** A batch array; only MCP 2025-03-26 has them. Each element is read like a message of its own. */
export interface BatchMessage {
  readonly kind: 'batch';
  readonly messages: readonly Exclude<Message, BatchMessage>[];
}

/**
 * Not a message: answer with this JSON-RPC error (`id` raw text, or null when it could not be told). What was meant as
 * an answer has no id here and needs none of its own: ids of answers belong to questions of this side, and the sender
 * may have a request with the same id under way.
 */
export interface RefusedMessage {
  readonly kind: 'refused';
  readonly isAnswer?: true;
  readonly id: string | null;
  readonly code: number;
  readonly because: string;
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage | BatchMessage | RefusedMessage;
