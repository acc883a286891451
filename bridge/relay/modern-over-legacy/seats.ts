import { isRecord } from '../../base/record.ts';
import { BridgeError } from '../../contract/errors.ts';
import { canonical } from '../../jsonrpc/canonical.ts';
import { type Greeting, LEGACY_VERSIONS } from '../greeting.ts';
import type { Envelope } from './envelope.ts';
import { Seat, type SeatParts } from './seat.ts';

/** Sessions with one workspace at once; a client has one for each set of capabilities that it names. */
const MOST_SEATS = 8;
const TASKS = 'io.modelcontextprotocol/tasks';

export interface SeatsParts extends Omit<SeatParts, 'greeting'> {
  readonly bridgeVersion: string;
}

/** The workspace sessions that stand behind requests without a session: one for each set of client capabilities. */
export class Seats {
  readonly #parts: SeatsParts;
  /** The one that was used last comes last. */
  readonly #seats = new Map<string, Seat>();
  #nextKey = 1;
  #closed = false;

  constructor(parts: SeatsParts) {
    this.#parts = parts;
  }

  /**
   * The session for a client that can do this; opened once, and held for the caller until `release`.
   * @throws BridgeError when it cannot be opened or there are too many; GreetingRefused; the signal's reason.
   */
  async get(envelope: Envelope, signal: AbortSignal): Promise<Seat> {
    if (this.#closed) throw new BridgeError('stopping', 'The session was closed.');
    const capabilities = inSession(envelope.capabilities);
    const key = canonical(capabilities);
    const seat = this.#seats.get(key) ?? this.#add(envelope, capabilities);
    this.#seats.delete(key);
    this.#seats.set(key, seat);
    seat.holds += 1;
    try {
      await orAborted(seat.open(), signal);
      return seat;
    } catch (error) {
      seat.holds -= 1;
      throw error;
    }
  }

  release(seat: Seat): void {
    seat.holds -= 1;
  }

  #add(envelope: Envelope, capabilities: Record<string, unknown>): Seat {
    if (this.#seats.size >= MOST_SEATS) this.#makeRoom();
    const seat = new Seat(`m${this.#nextKey}`, {
      ...this.#parts,
      greeting: this.#greeting(envelope, capabilities),
    });
    this.#nextKey += 1;
    seat.open().catch(() => this.#drop(seat));
    return seat;
  }

  #makeRoom(): void {
    const idle = [...this.#seats.values()].find(({ holds }) => holds === 0);
    if (!idle) throw new BridgeError('wait', 'Too many apps use this workspace at once. Try again shortly.');
    this.#drop(idle);
  }

  #drop(seat: Seat): void {
    for (const [key, candidate] of this.#seats) if (candidate === seat) this.#seats.delete(key);
    void seat[Symbol.asyncDispose]();
  }

  #greeting({ clientInfo }: Envelope, capabilities: Record<string, unknown>): Greeting {
    const [version] = LEGACY_VERSIONS;
    const info = clientInfo ?? JSON.stringify({ name: 'gangway', version: this.#parts.bridgeVersion });
    const can = JSON.stringify(capabilities);
    const params = `{"protocolVersion":"${version}","capabilities":${can},"clientInfo":${info}}`;
    return { params, version, capabilities, program: null };
  }

  /** Ends every session; resolves when the workspace has been told. */
  async close(): Promise<void> {
    this.#closed = true;
    const seats = [...this.#seats.values()];
    this.#seats.clear();
    await Promise.all(seats.map((seat) => seat[Symbol.asyncDispose]()));
  }
}

/** The capabilities as a session can have them: tasks of either era cannot be carried over to the other. */
function inSession(capabilities: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { tasks, extensions, ...others } = capabilities;
  if (!isRecord(extensions)) return others;
  const { [TASKS]: _, ...kept } = extensions;
  return Object.keys(kept).length === 0 ? others : { ...others, extensions: kept };
}

/** @throws the signal's reason as soon as it aborts; what was awaited goes on. */
async function orAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    signal.throwIfAborted();
    return await Promise.race([awaited, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
