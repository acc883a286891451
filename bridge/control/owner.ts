import { limits } from '../base/limits.ts';
import type { Paths } from '../base/paths.ts';
import { KeyedQueue, pause } from '../base/tasks.ts';
import { BridgeError, type ErrorCode } from '../contract/errors.ts';
import { type Connected, connectSocket, type Refusal, refusalTexts } from '../socket/connect.ts';
import { ControlPort } from '../socket/control-port.ts';
import {
  type CallOptions,
  type ControlClient,
  type ControlLink,
  clientOver,
  linkOver,
  procedureOf,
} from './client.ts';

/** A bridge that runs in this process. */
export interface HostedBridge extends AsyncDisposable {
  readonly control: ControlClient;
}

export interface OwnerParts {
  readonly paths: Pick<Paths, 'socket' | 'handshakeKey'>;
  /** Name of this program, for people. */
  readonly client: string;
  /**
   * Hosts the bridge in this process; it lives until the `Owner` is disposed.
   * @throws BridgeError `owner-running` when another process was faster.
   */
  readonly start: () => Promise<HostedBridge>;
  /** Gives up waiting for an owner. */
  readonly signal: AbortSignal;
}

interface Way extends AsyncDisposable {
  readonly isHosted: boolean;
  readonly call: ControlLink['call'];
}

const RETRY_MS = 50;

/** What the next try may not meet: somebody else was faster, or an owner that is going hung up on us. */
const PASSING: readonly ErrorCode[] = ['owner-running', 'stopping', 'timeout'];

/** Codes by which a program can tell refusals apart. */
const refusalCodes: Readonly<Record<Refusal, ErrorCode>> = {
  key: 'storage',
  socket: 'storage',
  proof: 'conflict',
  silent: 'timeout',
  version: 'conflict',
  full: 'wait',
  stopping: 'stopping',
};

/**
 * The owner of the data folder, wherever it runs: attached to when there is one, hosted here when there is none. When
 * an owner goes away between two calls, the next call finds or becomes its successor; a call that may have run is never
 * repeated.
 */
export class Owner implements AsyncDisposable {
  readonly client: ControlClient;
  readonly #parts: OwnerParts;
  readonly #oneAtATime = new KeyedQueue<'way'>();
  /** Also those to owners that are stopping, where earlier calls may still run. */
  readonly #ways = new Set<Way>();
  #way: Way | undefined;

  constructor(parts: OwnerParts) {
    this.#parts = parts;
    this.client = clientOver({ call: (path, input, options) => this.#call(path, input, options) });
  }

  /** This process is the owner, for as long as it uses this object. */
  get isHosted(): boolean {
    return this.#way?.isHosted ?? false;
  }

  /** Finds or starts the owner; every call does so by itself. @throws BridgeError when neither works. */
  async reach(): Promise<void> {
    await this.#reached();
  }

  async #call(path: readonly string[], input: unknown, options: CallOptions): Promise<unknown> {
    // Of the first refusal: a call may have waited long before it.
    let since: number | undefined;
    for (;;) {
      const way = await this.#reached();
      try {
        return await way.call(path, input, options);
      } catch (error) {
        if (way.isHosted || !wasNotTaken(error)) throw error;
        since ??= performance.now();
        if (performance.now() - since >= limits.attachMs) throw error;
        if (this.#way === way) this.#way = undefined;
        await pause(RETRY_MS, this.#parts.signal);
      }
    }
  }

  async #reached(): Promise<Way> {
    return this.#oneAtATime.run('way', async () => {
      if (!this.#way) {
        this.#way = await findOwner(this.#parts);
        this.#ways.add(this.#way);
      }
      return this.#way;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#oneAtATime.run('way', async () => {
      await Promise.all([...this.#ways].map((way) => way[Symbol.asyncDispose]()));
      this.#ways.clear();
      this.#way = undefined;
    });
  }
}

function wasNotTaken(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'stopping' && error.details.mayHaveRun !== true;
}

async function findOwner(parts: OwnerParts): Promise<Way> {
  // Counts the tries too, as one at an owner that says nothing takes seconds; but not a start, which may ask the person.
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    const { socket, handshakeKey: keyFile } = parts.paths;
    const { client, signal } = parts;
    const before = performance.now();
    const connected = await connectSocket({ socket, keyFile, role: 'control', client, address: '', signal });
    waitedMs += performance.now() - before;
    const found = connected.kind === 'absent' ? await hosted(parts) : attached(connected);
    if (!(found instanceof BridgeError)) return found;
    if (!PASSING.includes(found.code) || waitedMs >= limits.attachMs) throw found;
    await pause(RETRY_MS, signal);
  }
}

function attached(connected: Exclude<Connected, { kind: 'absent' }>): Way | BridgeError {
  if (connected.kind === 'refused') {
    return new BridgeError(refusalCodes[connected.because], refusalTexts[connected.because]);
  }
  const link = linkOver(new ControlPort(connected.frames));
  return {
    isHosted: false,
    call: link.call,
    [Symbol.asyncDispose]: async () => link[Symbol.dispose](),
  };
}

/** Another process may become the owner at the same moment; then there is one to attach to. */
async function hosted(parts: OwnerParts): Promise<Way | BridgeError> {
  try {
    const bridge = await parts.start();
    return {
      isHosted: true,
      call: (path, input, options) => procedureOf(bridge.control, path)(input, options),
      [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
    };
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'owner-running') return error;
    throw error;
  }
}
