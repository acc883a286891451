import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { limits } from '../../base/limits.ts';
import { canonical } from '../../jsonrpc/canonical.ts';
import { objectAt, withMembers, withoutMembers } from '../../jsonrpc/members.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';

/** What a client must say again, unchanged, for its answers to count. */
export interface StateBinding {
  /** `Caller.id`. */
  readonly caller: string;
  readonly address: string;
  readonly method: string;
  /** Of the request; `_meta`, `inputResponses` and `requestState` do not count. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface OpenedState {
  /** `identityMark` of the identity that asked. */
  readonly mark: string;
  /** As the workspace gave it; undefined when it gave none. */
  readonly state: string | undefined;
}

/** A short name of an identity that tells nothing about it. */
export function identityMark(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

/** Of the format; a seal of another one is none. */
const VERSION = 'g1.';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What is another in every round, or not the client's to repeat. */
const UNBOUND = new Set(['_meta', 'inputResponses', 'requestState']);

/**
 * Seals the `requestState` of questions (MCP 2026-07-28, multi round-trip requests), so that answers reach the account
 * that asked, whatever was switched meanwhile, and nobody else. A question without a state gets one. Nothing is kept:
 * what has to be known travels in the state, enciphered with a key that lives as long as this object: it holds the state
 * of the workspace as it came, and with that whatever secret the workspace put there.
 */
export class RequestStates {
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  /** @param now in milliseconds, on a clock that is never set. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  seal(state: string | undefined, mark: string, binding: StateBinding): string {
    const content = JSON.stringify([this.#now(), mark, ...(state === undefined ? [] : [state])]);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(boundBytes(binding));
    const parts = [nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()];
    return VERSION + Buffer.concat(parts).toString('base64url');
  }

  /** Undefined when it was not sealed here, was changed, is too old, or belongs to another call, address or client. */
  open(sealed: unknown, binding: StateBinding): OpenedState | undefined {
    if (typeof sealed !== 'string' || sealed.length > limits.messageBytes) return undefined;
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
    // Compared as text: several texts stand for the same bytes in base64.
    const isOurs = bytes.length > NONCE_BYTES + TAG_BYTES && sealed === VERSION + bytes.toString('base64url');
    const content = isOurs ? this.#decipher(bytes, binding) : undefined;
    if (content === undefined) return undefined;
    const [sealedAt, mark, state] = JSON.parse(content) as [number, string, string | undefined];
    return this.#now() - sealedAt < limits.requestStateMs ? { mark, state } : undefined;
  }

  #decipher(bytes: Buffer, binding: StateBinding): string | undefined {
    const end = bytes.length - TAG_BYTES;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundBytes(binding)).setAuthTag(bytes.subarray(end));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString();
    } catch {
      return undefined;
    }
  }
}

/** JSON text holds no line end, so no two inputs look the same. */
function boundBytes({ caller, address, method, params }: StateBinding): Buffer {
  const bound = Object.fromEntries(Object.entries(params).filter(([key]) => !UNBOUND.has(key)));
  return Buffer.from(`${JSON.stringify([caller, address, method])}\n${canonical(bound)}`);
}

/** The text of a question with this state; everything else keeps its characters. */
export function withSealedState(answer: string, sealed: string): string {
  const result = objectAt(answer, ['result']);
  return result ? withMembers(answer, result, { requestState: JSON.stringify(sealed) }) : answer;
}

/** The request with the workspace's own state, or without any; everything else keeps its bytes. */
export function withState(request: RequestMessage, state: string | undefined): RequestMessage {
  const place = objectAt(request.text, ['params']);
  if (!place) return request;
  const { requestState: _, ...rest } = request.params;
  const text =
    state === undefined
      ? withoutMembers(request.text, place, (key) => key === 'requestState')
      : withMembers(request.text, place, { requestState: JSON.stringify(state) });
  const params = state === undefined ? rest : { ...rest, requestState: state };
  return { ...request, text, bytes: Buffer.from(text), params };
}
