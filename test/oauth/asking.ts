import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { expect } from 'vitest';
import { OAuthHttp, type OAuthRequest } from '#bridge/oauth/http.ts';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';

/** Longer than any of these requests takes. */
export const LONG_MS = 20_000;

/** The trouble that ends the answer. */
export async function troubleOf(answer: Promise<unknown>): Promise<OAuthTrouble> {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof OAuthTrouble)) throw new Error('There was no OAuthTrouble.', { cause: error });
  expect(error.message.length).toBeLessThanOrEqual(300);
  return error;
}

/** Asks an address on this computer, with connections of its own. */
export async function ask(url: string, request?: OAuthRequest, ms = LONG_MS): Promise<Response> {
  await using http = new OAuthHttp();
  return await http.fetch('loopback', ms)(url, request);
}

/** A TCP server; what it does with a connection is the test's. */
export async function rawServer(onConnection: (socket: Socket) => void, tls?: TlsOptions) {
  let connections = 0;
  const handle = (socket: Socket): void => {
    socket.on('error', () => undefined);
    onConnection(socket);
  };
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The shortest good answer. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}';

/** Answers every request with these bytes. */
export function answering(bytes: string): (socket: Socket) => void {
  return (socket) => void socket.once('data', () => void socket.write(bytes));
}
