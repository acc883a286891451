import { networkInterfaces } from 'node:os';
import { Signal } from './events.ts';
import { limits } from './limits.ts';

export interface NetworkWatchParts {
  /** The addresses of this computer as one text; it differs in another network. May throw: then nothing is known. */
  readonly addresses: () => string;
  /** Milliseconds on a clock that goes on during sleep. */
  readonly now: () => number;
}

/** Timers that are late by this much have slept with the computer. */
const SLEPT_MS = 30_000;

/**
 * Notices that connections kept open may be dead: the computer got or lost an address (Wi-Fi, a VPN), or it slept. No
 * system tells this to a program without a desktop, and a request on a dead connection waits for minutes.
 */
export class NetworkWatch implements Disposable {
  readonly changed = new Signal<void>();
  readonly #parts: NetworkWatchParts;
  readonly #timer: NodeJS.Timeout;
  #addresses = '';
  #lookedAt: number;

  constructor(parts: NetworkWatchParts = { addresses: ownAddresses, now: Date.now }) {
    this.#parts = parts;
    this.#addresses = this.#addressesNow();
    this.#lookedAt = parts.now();
    this.#timer = setInterval(() => this.look(), limits.networkLookMs).unref();
  }

  /** Looks now, and announces what changed since the last look. */
  look(): void {
    const [addresses, now] = [this.#addressesNow(), this.#parts.now()];
    const isOther = addresses !== this.#addresses || now - this.#lookedAt > limits.networkLookMs + SLEPT_MS;
    this.#addresses = addresses;
    this.#lookedAt = now;
    if (isOther) this.changed.announce();
  }

  /** The same as before where the system does not tell: in a sandbox without netlink, or without a free descriptor. */
  #addressesNow(): string {
    try {
      return this.#parts.addresses();
    } catch {
      return this.#addresses;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Link-local addresses are left out: containers that come and go bring and take them. */
function ownAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outward = all.filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  return outward
    .map(({ address }) => address)
    .sort()
    .join(' ');
}
