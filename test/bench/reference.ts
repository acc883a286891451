import { Agent, request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CREDENTIALS, type Era, requestHeaders } from './door.ts';

/*
 * The least a bridge in Node can do, to measure against: no accounts, no rules, no log, no rewriting.
 *
 *   node test/bench/reference.ts http <workspace>             a reverse proxy that streams and adds the credential
 *   node test/bench/reference.ts daemon <socket> <workspace>  lines of a socket, each as a POST
 *   node test/bench/reference.ts shim <socket>                stdin and stdout to that socket
 */

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const [kind = '', first = '', second = ''] = process.argv.slice(2);
if (kind === 'http') proxy(new URL(first));
else if (kind === 'daemon') daemon(first, new URL(second));
else if (kind === 'shim') shim(first);
else throw new Error(`Unknown: ${kind}`);

function proxy(target: URL): void {
  const server = createServer((incoming, response) => {
    const headers = { ...incoming.headers, ...CREDENTIALS, host: target.host };
    const outgoing = ask(target, { agent, method: incoming.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp\n`);
  });
}

function daemon(path: string, target: URL): void {
  createSocketServer((socket) => converse(socket, target)).listen(path, () =>
    process.stdout.write('ready\n'),
  );
}

function converse(socket: Socket, target: URL): void {
  let session: string | undefined;
  createInterface({ input: socket }).on('line', (line) => {
    const { method, params } = JSON.parse(line) as { method: string; params?: Named };
    const era: Era = params?._meta ? 'modern' : 'legacy';
    const own = session === undefined ? {} : { 'mcp-session-id': session };
    const headers = { ...requestHeaders(era, method, params ?? {}), ...CREDENTIALS, ...own };
    const outgoing = ask(target, { agent, method: 'POST', headers }, (answer) => {
      const given = answer.headers['mcp-session-id'];
      if (typeof given === 'string') session = given;
      void read(answer).then((body) => {
        if (body.length > 0) socket.write(Buffer.concat([body, Buffer.from('\n')]));
      });
    });
    outgoing.on('error', () => socket.destroy());
    outgoing.end(line);
  });
  socket.on('error', () => undefined);
}

interface Named {
  readonly name?: string;
  readonly _meta?: object;
}

async function read(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function shim(path: string): void {
  const socket = connect(path);
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
}
