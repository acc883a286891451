import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A forwarder on loopback. Disposing closes its port and all its connections. */
export interface Forwarder extends AsyncDisposable {
  /** Stands for the target's address; path and query are the same. */
  readonly url: string;
}

/** Headers about one connection, which end here (RFC 9110, section 7.6.1). */
const OF_ONE_HOP = new Set(['connection', 'keep-alive']);

/**
 * Puts headers on every request to a server, for programs that cannot send headers of their own. Everything else goes
 * through as it is, in both directions: method, path, other headers in their order and spelling, bodies as they
 * stream, and a connection that breaks. `Host` and `Origin` are changed only where they name the forwarder itself.
 */
export async function forwardWithHeaders(
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<Forwarder> {
  const { host, hostname, port: targetPort, pathname, search } = new URL(target);
  const server = createServer((incoming, response) => {
    const own = `127.0.0.1:${port}`;
    const outgoing = request({
      agent: false,
      host: hostname,
      port: targetPort,
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: forwarded(incoming.rawHeaders, headers, { own, host }),
    });
    outgoing.on('response', (answer) => giveBack(answer, response));
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.on('error', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${pathname}${search}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function giveBack(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, pairs(answer.rawHeaders).flat());
  response.flushHeaders();
  answer.on('error', () => response.destroy());
  answer.on('close', () => {
    if (!answer.complete) response.destroy();
  });
  answer.pipe(response);
}

function forwarded(
  rawHeaders: readonly string[],
  added: Readonly<Record<string, string>>,
  { own, host }: { own: string; host: string },
): string[] {
  const replaced = new Set(Object.keys(added).map((name) => name.toLowerCase()));
  const kept = pairs(rawHeaders).filter(([name]) => !replaced.has(name.toLowerCase()));
  const addressed = kept.map(([name, value]): [string, string] => {
    if (name.toLowerCase() === 'host' && value === own) return [name, host];
    if (name.toLowerCase() === 'origin' && value === `http://${own}`) return [name, `http://${host}`];
    return [name, value];
  });
  return [...addressed, ...Object.entries(added)].flat();
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!OF_ONE_HOP.has(name.toLowerCase())) found.push([name, rawHeaders[index + 1] ?? '']);
  }
  return found;
}
