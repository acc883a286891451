import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { watchServer } from '../canary/collect.ts';

/** An HTTP proxy on 127.0.0.1. What it receives outside of TLS is searched for secrets. */
export interface ConnectProxy extends AsyncDisposable {
  readonly origin: string;
  /** Host and port, as a proxy script names it. */
  readonly host: string;
  /** What was asked for in CONNECT, in order. */
  readonly connects: readonly string[];
}

/** Starts one that leads every tunnel to one port of this computer, whatever host was asked for. */
export async function startConnectProxy(target: number): Promise<ConnectProxy> {
  const connects: string[] = [];
  const open = new Set<Socket>();
  const server = createServer();
  watchServer(server, 'the proxy');
  server.on('connect', ({ url }, near: Socket) => {
    connects.push(url ?? '');
    const far = connect({ port: target, host: '127.0.0.1' });
    for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
    far.on('close', () => near.destroy());
    near.write('HTTP/1.1 200 Go on\r\n\r\n');
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    connects,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
