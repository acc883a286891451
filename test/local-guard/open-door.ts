import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What keeps web pages out: each of them can be taken away. */
export const guards = ['host', 'origin', 'type', 'token'] as const;
export type GuardName = (typeof guards)[number];

/** A door in front of the real one at another port, which lets through what one of its guards would have refused. */
export interface OpenDoor extends AsyncDisposable {
  readonly port: number;
}

/** Headers of a request as the real door will see it, with everything that the missing guards look at put right. */
export function putRight(
  rawHeaders: readonly string[],
  missing: ReadonlySet<GuardName>,
  { port, token }: { readonly port: number; readonly token: string },
): string[] {
  const dropped = new Set([
    ...(missing.has('host') ? ['host'] : []),
    ...(missing.has('origin') ? ['origin', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'] : []),
    ...(missing.has('type') ? ['content-type', 'accept'] : []),
    ...(missing.has('token') ? ['authorization'] : []),
  ]);
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  if (missing.has('host')) kept.push('Host', `127.0.0.1:${port}`);
  if (missing.has('type')) {
    kept.push('Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream');
  }
  if (missing.has('token')) kept.push('Authorization', `Bearer ${token}`);
  return kept;
}

/** @param missing the guards that this door does not have. */
export async function startOpenDoor(
  missing: ReadonlySet<GuardName>,
  real: { readonly port: number; readonly token: string },
): Promise<OpenDoor> {
  const server = createServer((request, response) => {
    const port = (server.address() as AddressInfo).port;
    const origin = request.headers.origin ?? '*';
    const welcome = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': '*, PUT, PATCH, DELETE',
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      'access-control-allow-private-network': 'true',
    };
    if (missing.has('origin') && request.method === 'OPTIONS') {
      request.resume();
      response.writeHead(204, welcome).end();
      return;
    }
    // Under its own name it is the real door under the real one.
    const raw = request.rawHeaders.map((text) =>
      text === `127.0.0.1:${port}` ? `127.0.0.1:${real.port}` : text,
    );
    passOn(request, response, putRight(raw, missing, real), missing.has('origin') ? welcome : {}, real.port);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  headers: string[],
  welcome: Readonly<Record<string, string>>,
  port: number,
): void {
  const onward = ask({
    host: '127.0.0.1',
    port,
    method: request.method,
    path: request.url,
    headers,
    setHost: false,
    agent: false,
  });
  onward.on('error', () => response.destroy());
  request.on('error', () => onward.destroy());
  response.on('close', () => onward.destroy());
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 500, {
      'content-type': answer.headers['content-type'] ?? 'text/plain',
      ...welcome,
    });
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  request.pipe(onward);
}
