import type { Log } from '../../base/log.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../../jsonrpc/read.ts';
import type { UpChannel } from '../../upstream/channel.ts';
import type { ModernChannel, ModernRequest } from '../../upstream/modern/channel.ts';
import { HEADER_MISMATCH, MODERN_VERSIONS } from '../../upstream/modern/envelope.ts';
import type { Workspace } from '../../upstream/workspace.ts';
import { GreetingRefused } from '../up-session.ts';
import { Call } from './call.ts';
import { Down, refuse } from './down.ts';
import { readEnvelope } from './envelope.ts';
import { failed } from './failures.ts';
import { HeaderCheck } from './header-check.ts';
import { ParkedCalls } from './parked-calls.ts';
import { ASKING } from './questions.ts';
import { discovered } from './results.ts';
import type { Seat } from './seat.ts';
import { Seats } from './seats.ts';

export interface ModernOverLegacyParts {
  readonly workspace: Workspace;
  /** Opened already, and nothing but a probe was said on it; the first session uses it. */
  readonly first: UpChannel;
  /** A fresh channel for each further session. */
  connect(workspace: Workspace): UpChannel;
  readonly bridgeVersion: string;
  readonly log: Log;
}

/** Methods of sessions with a handshake, which the newer era has no more. */
const REMOVED = /^(ping|initialize|logging\/setLevel|resources\/(un)?subscribe|tasks\/.*)$/;

/**
 * A workspace of MCP 2025-11-25 and older for clients without a handshake: sessions are opened for what the client can
 * do, questions become `input_required` results and their calls wait for the answers.
 */
export class ModernOverLegacy implements ModernChannel {
  readonly era = 'legacy';
  readonly #seats: Seats;
  readonly #parked = new ParkedCalls();
  readonly #headerCheck = new HeaderCheck();
  #first: UpChannel | undefined;

  constructor(parts: ModernOverLegacyParts) {
    const { workspace, bridgeVersion, log } = parts;
    this.#first = parts.first;
    const connect = (to: Workspace): UpChannel => {
      const first = this.#first;
      this.#first = undefined;
      return first ?? parts.connect(to);
    };
    this.#seats = new Seats({ workspace, bridgeVersion, log, connect, headerCheck: this.#headerCheck });
  }

  get waiting(): number {
    return this.#parked.size;
  }

  async request(request: ModernRequest): Promise<void> {
    const { message, signal } = request;
    signal.throwIfAborted();
    const envelope = readEnvelope(message);
    if ('because' in envelope) {
      return refuse(request, 400, envelope.code, envelope.because, envelope.facts);
    }
    if (REMOVED.test(message.method)) {
      return refuse(
        request,
        404,
        METHOD_NOT_FOUND,
        `${message.method} is not part of this protocol version.`,
      );
    }
    const { paramHeaders } = request;
    const fault =
      paramHeaders && message.method === 'tools/call' && this.#headerCheck.faultIn(message, paramHeaders);
    if (fault) {
      const because = `The header ${fault} does not say what the arguments say. List the tools again.`;
      return refuse(request, 400, HEADER_MISMATCH, because);
    }
    const down = new Down(request, envelope);
    if (ASKING.has(message.method) && message.params.requestState !== undefined) return this.#resume(down);
    return this.#carry(down);
  }

  async #carry(down: Down): Promise<void> {
    let seat: Seat;
    try {
      seat = await this.#seats.get(down.envelope, down.signal);
    } catch (error) {
      if (!(error instanceof GreetingRefused)) throw error;
      const { text, status } = failed(error.answer, down.message);
      return down.answer(text, status);
    }
    try {
      await this.#serve(down, seat);
    } finally {
      this.#seats.release(seat);
    }
  }

  async #serve(down: Down, seat: Seat): Promise<void> {
    const { welcome } = seat.up;
    if (down.message.method === 'server/discover' && welcome) {
      return down.result(discovered(welcome, MODERN_VERSIONS));
    }
    if (down.message.method === 'subscriptions/listen') return seat.listens.serve(down);
    const again = (next: Down): Promise<void> => this.#carry(next);
    await new Call(down, { seat, parked: this.#parked, again }).start(down);
  }

  /** A client comes back with answers to a question. */
  async #resume(down: Down): Promise<void> {
    const call = this.#parked.take(down.message);
    if (call) return call.resume(down);
    const because =
      'The question has expired or was answered already, or it belongs to another call. Make the call again.';
    await refuse(down.request, undefined, INVALID_PARAMS, because);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parked.close();
    await Promise.all([this.#seats.close(), this.#first?.[Symbol.asyncDispose]()]);
    this.#first = undefined;
  }
}
