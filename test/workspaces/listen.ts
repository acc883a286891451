import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port on 127.0.0.1 that is being served. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** Breaks every open connection, as a network failure does; the port stays open for new ones. */
  cutConnections(): void;
}

/**
 * Serves HTTP on 127.0.0.1.
 *
 * @param port 0 takes any free port.
 */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port = 0,
): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(request, response).catch((failure: unknown) => {
      // The client may be gone already; then there is nobody left to tell.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      if (!response.writableEnded) response.end(failure instanceof Error ? failure.message : 'failed');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    cutConnections: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
