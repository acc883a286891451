import {
  type ExchangeEnd,
  type OnUpMessage,
  SessionLost,
  type UpChannel,
  type UpRequest,
} from './channel.ts';
import type { CommandPipe } from './command-pipe.ts';
import type { Waits } from './http.ts';

/** A workspace that is a local command, for a session with a handshake (MCP 2025-11-25 and older, stdio). */
export class CommandChannel implements UpChannel {
  protocolVersion: string | undefined;
  readonly #pipe: CommandPipe;
  readonly #waits: Waits;

  /** @param pipe of its own, on which nothing was said but a probe. */
  constructor(pipe: CommandPipe, waits: Waits) {
    this.#pipe = pipe;
    this.#waits = waits;
  }

  async request(request: UpRequest): Promise<ExchangeEnd> {
    const isGreeting = request.method === 'initialize';
    if (this.#pipe.greeted && this.#pipe.ended) throw new SessionLost();
    await this.#pipe.ask(request, isGreeting ? this.#waits.commandStartMs : undefined);
    if (isGreeting) this.#pipe.greeted = true;
    return { kind: 'complete' };
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#pipe.write(bytes);
  }

  listen(onMessage: OnUpMessage, signal: AbortSignal): Promise<void> {
    return this.#pipe.correlator.listen(onMessage, signal);
  }

  resume(): Promise<ExchangeEnd> {
    return Promise.reject(new SessionLost());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipe[Symbol.asyncDispose]();
  }
}
