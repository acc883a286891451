import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { limits } from './limits.ts';
import { nameOfWay, trustSystemStore, type Way } from './network.ts';

export interface WaysParts {
  /** For a connection as well as for the tunnel of a proxy, in milliseconds. */
  readonly connectMs: number;
  /** Used again, or closed after one request. */
  readonly isKept: boolean;
  /** Finds the addresses of hosts that are not asked for through a proxy; the system does when absent. */
  readonly lookup?: LookupFunction | undefined;
}

/** The connections of one part of Gangway, by the way they go. Each is made when it is first needed. */
export class Ways implements AsyncDisposable {
  readonly #parts: WaysParts;
  readonly #open = new Map<string, Dispatcher>();
  /** Not used for new requests any more. */
  readonly #leaving = new Set<Dispatcher>();
  #isClosed = false;

  constructor(parts: WaysParts) {
    this.#parts = parts;
  }

  /** The connections that lead to an address this way. */
  to(url: URL, way: Way): Dispatcher {
    const name = nameOfWay(way);
    if (url.protocol === 'https:' || name.startsWith('https:')) trustSystemStore();
    const dispatcher = this.#open.get(name) ?? open(way, this.#parts);
    this.#open.set(name, dispatcher);
    // The choice of its way may have outlasted everything else.
    if (this.#isClosed) void dispatcher.destroy();
    return dispatcher;
  }

  /** New requests get new connections, because those kept open may be dead after sleep; what runs goes on. */
  renew(): void {
    for (const dispatcher of this.#open.values()) {
      this.#leaving.add(dispatcher);
      const forget = (): void => void this.#leaving.delete(dispatcher);
      dispatcher.close().then(forget, forget);
    }
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#open.values(), ...this.#leaving];
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }
}

/** Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would let everybody pose as a workspace. */
const SECURE = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;

/** Through a proxy plain http goes by a tunnel too, so that it never finds a credential in what it passes on. */
function open(way: Way, { connectMs, isKept, lookup }: WaysParts): Dispatcher {
  const options: Agent.Options = {
    connectTimeout: connectMs,
    connect: { ...SECURE, ...(lookup ? { lookup } : {}) },
    autoSelectFamily: true,
    maxHeaderSize: limits.responseHeaderBytes,
    keepAliveTimeout: 30_000,
    allowH2: false,
    // Zero: every connection is closed after its request.
    pipelining: isKept ? 1 : 0,
  };
  if (way.kind === 'direct') return new Agent(options);
  return new ProxyAgent({
    ...options,
    uri: way.url,
    proxyTunnel: true,
    requestTls: SECURE,
    proxyTls: SECURE,
    // A proxy that never answers would hold the request, which cannot be given up until it has a connection.
    clientFactory: (proxy, given) => new Pool(proxy, { ...given, headersTimeout: connectMs }),
  });
}
