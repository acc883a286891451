import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Planted, plantedCount } from '../canary/canary.ts';
import { findLeaks } from '../canary/scan.ts';
import { broken } from './broken.ts';
import { Ledger } from './ledger.ts';

interface Start {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** Bodies beyond this are not read along. */
const READ_BYTES = 1024 * 1024;

/** What a browser brings back in an address at the end of a sign-in (RFC 6749, section 4.1.2). */
const FROM_BROWSER = /(?<=[?&])(?:code|state)=[^&]*/g;

/** By the number of a secret: where it first came to, and in which header. */
const homes = new Map<number, { readonly port: number; readonly header: string }>();
const doors = new Set<number>();

/**
 * Listens to every HTTP server in the test process. INV-3: a secret comes to one origin only, always in the same header,
 * and never in an address, where only a code on its way from a browser may be.
 */
export function watchArrivals(): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response, socket } = message as Start;
    // A request on a connection that just broke has no port any more.
    if (socket.localPort === undefined) return;
    if (plantedCount() > 0) noteSecrets(request, socket.localPort);
    if (request.method === 'POST' && doors.has(socket.localPort)) followPost(request, response);
  });
}

/** Says that the server at this port is a door of the bridge; what its clients ask and hear is kept in a ledger. */
export function watchDoor(port: number): void {
  doors.add(port);
}

/** The file ends: its ports may be those of anything afterwards. */
export function forgetDoors(): void {
  doors.clear();
}

/**
 * INV-3 for a request that was read without Node's HTTP server, or for an account whose origin is known beforehand.
 * @param header lower-case name of the header in which the secret came.
 */
export function secretArrived(secret: Planted, port: number, header: string): void {
  const home = homes.get(secret.number);
  if (!home) homes.set(secret.number, { port, header });
  else if (home.port !== port || home.header !== header) {
    broken(
      'INV-3',
      `secret #${secret.number} (${secret.kind}) belongs to port ${home.port} in ${home.header}, ` +
        `but came to port ${port} in ${header}`,
    );
  }
}

function noteSecrets({ url = '', rawHeaders }: IncomingMessage, port: number): void {
  if (findLeaks('', rawHeaders.join('\n')).length > 0) {
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const header = String(rawHeaders[at]).toLowerCase();
      for (const { secret } of findLeaks('', rawHeaders[at + 1] ?? '')) secretArrived(secret, port, header);
    }
  }
  for (const { secret } of findLeaks('', url.replace(FROM_BROWSER, ''))) {
    broken('INV-3', `secret #${secret.number} (${secret.kind}) came to port ${port} in the address`);
  }
}

/** One POST to a door, its requests, and what its response brings. */
function followPost(request: IncomingMessage, response: ServerResponse): void {
  const ledger = new Ledger('the client of a POST');
  const asked = new Passing();
  const answered = new Passing();
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) ledger.asks(asked.text);
    else asked.take(chunk);
    return push(chunk, encoding);
  };
  const [write, end] = [response.write.bind(response), response.end.bind(response)];
  response.write = ((chunk: unknown, ...rest: []) => {
    answered.take(chunk);
    return write(chunk as string, ...rest);
  }) as typeof response.write;
  response.end = ((chunk: unknown, ...rest: []) => {
    if (typeof chunk !== 'function') answered.take(chunk);
    return end(chunk as string, ...rest);
  }) as typeof response.end;
  response.once('finish', () => {
    if (asked.isTooLong || answered.isTooLong) return;
    const kind = String(response.getHeader('content-type') ?? '');
    if (kind.startsWith('text/event-stream')) {
      // Without an answer it goes on elsewhere: the client comes back for the rest.
      for (const data of eventsIn(answered.text)) ledger.hears(data);
    } else if (kind.startsWith('application/json')) {
      ledger.hears(answered.text);
      if (response.statusCode === 200) ledger.ends();
    }
  });
}

function eventsIn(stream: string): string[] {
  return stream.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length)] : []));
}

/** What passes, as text. */
class Passing {
  isTooLong = false;
  #chunks: Buffer[] = [];
  #bytes = 0;

  take(chunk: unknown): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    if (this.isTooLong) return;
    this.#bytes += chunk.length;
    this.#chunks.push(Buffer.from(chunk));
    if (this.#bytes > READ_BYTES) {
      this.isTooLong = true;
      this.#chunks = [];
    }
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
