import { Agent, request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { CREDENTIALS, type Era, requestHeaders } from './door.ts';
import { cutLines } from './lines.ts';

/*
 * The least a bridge in Node can do, to measure against: no accounts, no rules, no log, no rewriting, no recovery.
 *
 *   node test/bench/reference.ts http <workspace>             a reverse proxy that streams and adds the credential
 *   node test/bench/reference.ts daemon <socket> <workspace>  lines of a socket, each as a POST; see reference-shim.cjs
 *
 * Prints one line when it listens: its URL, or `ready`.
 */

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const [kind = '', first = '', second = ''] = process.argv.slice(2);
if (kind === 'http') proxy(new URL(first));
else if (kind === 'daemon') daemon(first, new URL(second));
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

/** One client: what it says becomes requests, what they bring becomes lines. */
function converse(socket: Socket, target: URL): void {
  let era: Era | undefined;
  let session: string | undefined;
  const post = (line: Buffer): void => {
    // Only headers of the newer era say what is in a message, so only those messages are read.
    const said = era === 'legacy' ? undefined : (JSON.parse(line.toString('utf8')) as Message);
    era ??= said?.params?._meta ? 'modern' : 'legacy';
    const headers = {
      ...requestHeaders(era, said?.method ?? '', said?.params?.name),
      ...CREDENTIALS,
      'content-length': line.length,
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    };
    const outgoing = ask(target, { agent, method: 'POST', headers }, (answer) => {
      const given = answer.headers['mcp-session-id'];
      if (typeof given === 'string') session = given;
      if (answer.headers['content-type'] === 'text/event-stream') passEvents(answer, socket);
      else passBody(answer, socket);
    });
    outgoing.on('error', () => socket.destroy());
    outgoing.end(line);
  };
  socket.on('data', cutLines(post));
  socket.on('error', () => undefined);
}

interface Message {
  readonly method: string;
  readonly params?: { readonly name?: string; readonly _meta?: object };
}

/** The whole body at once: another answer may come in between. */
function passBody(answer: IncomingMessage, socket: Socket): void {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('end', () => {
    if (chunks.length === 0) return;
    socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    socket.write('\n');
    socket.uncork();
  });
}

const FIELD = 'data: ';

function passEvents(answer: IncomingMessage, socket: Socket): void {
  const pass = cutLines((line) => {
    if (line.toString('latin1', 0, FIELD.length) !== FIELD) return;
    socket.cork();
    socket.write(line.subarray(FIELD.length));
    socket.write('\n');
    socket.uncork();
  });
  answer.on('data', pass);
}
