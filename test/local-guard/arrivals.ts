import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Head } from '#bridge/downstream/guard.ts';

/** A request that came to a port, and the status it got. */
export interface Arrival extends Head {
  status: number | undefined;
}

/** Keeps the head of every request that an HTTP server in this process gets at a port, until it is disposed. */
export function watchPort(port: number): Disposable & { readonly all: readonly Arrival[] } {
  const all: Arrival[] = [];
  const take = (message: unknown): void => {
    const { request, response, socket } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      socket: Socket;
    };
    if (socket.localPort !== port) return;
    const { method = '', url: target = '', rawHeaders, httpVersion } = request;
    const arrival: Arrival = { method, target, rawHeaders, httpVersion, status: undefined };
    all.push(arrival);
    response.on('finish', () => {
      arrival.status = response.statusCode;
    });
  };
  subscribe('http.server.request.start', take);
  return { all, [Symbol.dispose]: () => void unsubscribe('http.server.request.start', take) };
}

/** The first value of a header. @param name in lower case. */
export function headerOf({ rawHeaders }: Head, name: string): string | undefined {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? undefined : rawHeaders[at + 1];
}
