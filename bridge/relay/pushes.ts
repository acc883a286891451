import { limits } from '../base/limits.ts';
import type { DownEvent, Outlet } from './channel.ts';

interface Held {
  readonly event: DownEvent;
  /** Called when the message is given up: nobody came to hear it in time. */
  readonly unheard: (() => void) | undefined;
  readonly timer: NodeJS.Timeout | undefined;
}

const QUESTION_WAIT_MS = 60_000;

/**
 * The standing way down. Messages that arrive while a client has no stream open wait for it: a bounded number, the
 * oldest given up first; a question of a workspace is given up after a minute, so that the workspace is not left
 * waiting for a client that never listens.
 */
export class Pushes {
  #outlet: Outlet | undefined;
  readonly #held: Held[] = [];

  /** The client has a stream open. */
  get isHeard(): boolean {
    return this.#outlet !== undefined;
  }

  /** Sends down, or keeps for later. `unheard` is called once if it is given up. */
  async push(event: DownEvent, unheard?: () => void): Promise<void> {
    if (this.#outlet) {
      await this.#outlet.event(event);
      return;
    }
    const timer = unheard && setTimeout(() => this.#giveUp(held), QUESTION_WAIT_MS);
    timer?.unref();
    const held: Held = { event, unheard, timer };
    this.#held.push(held);
    const oldest = this.#held.length > limits.waitingMessages ? this.#held[0] : undefined;
    if (oldest) this.#giveUp(oldest);
  }

  #giveUp(held: Held): void {
    const at = this.#held.indexOf(held);
    if (at === -1) return;
    this.#held.splice(at, 1);
    clearTimeout(held.timer);
    held.unheard?.();
  }

  /** The client listens here from now on; an earlier stream is ended (MCP: a message goes to one stream only). */
  attach(outlet: Outlet): void {
    const before = this.#outlet;
    this.#outlet = outlet;
    if (before && before !== outlet) void before.end();
    for (const held of this.#held.splice(0)) {
      clearTimeout(held.timer);
      void outlet.event(held.event);
    }
  }

  detach(outlet: Outlet): void {
    if (this.#outlet === outlet) this.#outlet = undefined;
  }

  close(): void {
    for (const held of [...this.#held]) this.#giveUp(held);
    void this.#outlet?.end();
    this.#outlet = undefined;
  }
}
