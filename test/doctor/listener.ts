import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { DoctorHome } from './a-home.ts';

/** Listens and does this with every connection, until it is disposed. */
export async function listener(
  where: string | number,
  met: (socket: Socket) => void,
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    met(socket);
  });
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The port that a home's HTTP door took at its first start. */
export async function portOf(home: DoctorHome): Promise<number> {
  const { port } = JSON.parse(await readFile(home.paths.settings, 'utf8')) as { port: number };
  return port;
}
