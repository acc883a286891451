import { isRecord } from '../base/record.ts';
import type { Account } from '../contract/account.ts';
import type { Outcome } from '../contract/activity.ts';
import type { BridgeError } from '../contract/errors.ts';
import type { RequestMessage, ResponseMessage } from '../jsonrpc/message.ts';
import { isPlainInteger } from '../jsonrpc/read.ts';
import { locate } from '../jsonrpc/text.ts';
import { withId } from '../jsonrpc/write.ts';
import type { CallRecord } from './parts.ts';

/** Measures one request for the activity log. */
export class CallMeter {
  receivedBytes = 0;
  readonly #request: RequestMessage;
  readonly #account: Account | null;
  readonly #program: string | null;
  readonly #startedAt = new Date();
  readonly #started = performance.now();

  /**
   * @param account the one the request was bound to when it started.
   * @param program that sent it, where each request says so.
   */
  constructor(request: RequestMessage, account: Account | null, program: string | null = null) {
    this.#request = request;
    this.#account = account;
    this.#program = program;
  }

  /** @param answer text of the answer, when one came from the workspace. */
  record(outcome: Outcome, code: number | null, answer: string | null): CallRecord {
    return {
      startedAt: this.#startedAt,
      account: this.#account,
      method: this.#request.method,
      target: targetOf(this.#request),
      outcome,
      code,
      durationMs: performance.now() - this.#started,
      sentBytes: this.#request.bytes.length,
      receivedBytes: this.receivedBytes,
      request: this.#request,
      program: this.#program,
      answer,
    };
  }
}

/** How a request ended that trouble of the bridge's own has answered. */
export function troubleOutcome({ code }: BridgeError): Outcome {
  if (code === 'outcome-unknown') return 'unknown';
  return code === 'blocked' || code === 'paused' ? 'blocked' : 'error';
}

/** What a request is about, for the log: tool or prompt name, or resource URI. */
function targetOf(message: RequestMessage): string | null {
  const target = message.params.name ?? message.params.uri;
  return typeof target === 'string' ? target.slice(0, 300) : null;
}

export function outcomeOf(message: ResponseMessage): Outcome {
  if (message.error) return 'error';
  return isRecord(message.result) && message.result.isError === true ? 'tool-error' : 'ok';
}

export function codeOf(message: ResponseMessage): number | null {
  const code = message.error?.code;
  return typeof code === 'number' && Number.isInteger(code) ? code : null;
}

/**
 * Sending it twice cannot do harm: everything but `tools/call`, and calls that carry an idempotency key, which the
 * workspaces that document one use to recognise a repetition.
 */
export function isRepeatable(message: RequestMessage): boolean {
  if (message.method !== 'tools/call') return true;
  const given = message.params.arguments;
  return isRecord(given) && typeof given.idempotency_key === 'string' && given.idempotency_key !== '';
}

let standIns = 0;

/** Ids that survive any JSON implementation travel up as they are; others get a stand-in there. */
export function idUp(id: string): string {
  if (id.startsWith('"') || isPlainInteger(id)) return id;
  standIns += 1;
  return `"gangway-id-${standIns}"`;
}

/** The answer with the client's own id (raw JSON text). An error without an id answers the only request of its response. */
export function withIdDown(answer: { text: string; bytes: Uint8Array }, id: string): Uint8Array {
  if (locate(answer.text, ['id'])) return withId(answer, id);
  return Buffer.from(answer.text.replace('{', () => `{"id":${id},`));
}
