import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** What happens to one direction of a connection. Everything is off when absent. */
export interface Fault {
  /** Wait before the first byte goes on. */
  readonly delayMs?: number;
  /** Send one byte after the other. */
  readonly drip?: boolean;
  /** Change one bit of the byte at this offset. */
  readonly flipAt?: number;
  /**
   * After so many bytes this happens instead of more; with 0 in place of the first byte. `end` closes this direction
   * alone: towards the bridge the answer is truncated, towards the workspace the connection is half closed.
   */
  readonly after?: { readonly bytes: number; readonly by: 'reset' | 'end' | 'stall' };
}

export interface Faults {
  /** From the bridge to the workspace. */
  readonly up?: Fault;
  /** From the workspace to the bridge. */
  readonly down?: Fault;
}

/** A TCP proxy on 127.0.0.1 that breaks connections in exact places. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** What happens to the next connections, by their number from 1. */
  faults: (connection: number) => Faults;
  readonly connections: number;
  /** Nothing comes through the connections of now any more, as after the network changed; new ones work. */
  freeze(): void;
  /** Stops listening: new connections are refused by the operating system. */
  refuse(): Promise<void>;
}

/** Starts a proxy in front of a port on 127.0.0.1. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let frozen = 0;
  let faults: FaultProxy['faults'] = () => ({});
  const server = createServer({ allowHalfOpen: true }, (near) => {
    connections += 1;
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    const { up = {}, down = {} } = faults(connections);
    const number = connections;
    const isFrozen = (): boolean => number <= frozen;
    void pass(near, far, up, isFrozen);
    void pass(far, near, down, isFrozen);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    get faults() {
      return faults;
    },
    set faults(next) {
      faults = next;
    },
    get connections() {
      return connections;
    },
    freeze: () => {
      frozen = connections;
    },
    refuse: close,
    [Symbol.asyncDispose]: close,
  };
}

/** An address whose port takes no further connection and refuses none: what is sent there vanishes. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number;
}

/** Listens without ever accepting, on a thread that sleeps, until the queue of the port is full. */
const ASLEEP = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: workerData.host, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData.never, 0, 0);
});`;

/** Linux drops the packets that open a connection to a port whose queue is full. */
export async function startBlackHole(host: string): Promise<BlackHole> {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(ASLEEP, { eval: true, workerData: { host, never } });
  const [port] = (await once(worker, 'message')) as [number];
  const inQueue = Array.from({ length: 4 }, () => connect({ port, host }).on('error', () => undefined));
  await Promise.all(inQueue.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of inQueue) socket.destroy();
      Atomics.notify(never, 0);
      await worker.terminate();
    },
  };
}

async function pass(
  from: Socket,
  to: Socket,
  { delayMs, drip, flipAt = -1, after }: Fault,
  isFrozen: () => boolean,
): Promise<void> {
  let left = after?.bytes ?? Number.POSITIVE_INFINITY;
  let isFirst = true;
  let passed = 0;
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (isFirst && delayMs !== undefined) await delay(delayMs);
      isFirst = false;
      if (isFrozen()) continue;
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      const flipped = piece[flipAt - passed];
      if (flipped !== undefined) piece[flipAt - passed] = flipped ^ 1;
      passed += piece.length;
      const parts = drip ? [...piece].map((byte) => Buffer.of(byte)) : [piece];
      for (const part of parts) await new Promise<void>((sent) => to.write(part, () => sent()));
      if (left <= 0 && after) return stop(from, to, after.by);
    }
    if (!isFrozen()) to.end();
  } catch {
    // A side that broke is closed by its own event.
  }
}

function stop(from: Socket, to: Socket, by: 'reset' | 'end' | 'stall'): void {
  if (by === 'stall') return;
  if (by === 'end') {
    to.end();
    return;
  }
  for (const socket of [from, to]) socket.resetAndDestroy();
}
