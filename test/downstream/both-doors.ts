import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { silentLog } from '#bridge/base/log.ts';
import { openHttpDoor } from '#bridge/downstream/http.ts';
import type { Sessions } from '#bridge/sessions/door.ts';
import { canary } from '../canary/canary.ts';
import { shimCommand } from '../shim/running-shim.ts';
import { freshPaths, listenFor } from '../shim/test-owner.ts';

/** A client that says any bytes at one of the doors. */
export interface DoorClient extends AsyncDisposable {
  /** Says one message. @returns what comes back: a line, or the body of a response; undefined when nothing does. */
  say(bytes: Uint8Array, expects?: 'answer' | 'nothing'): Promise<string | undefined>;
  /** HTTP status of the last response; stdio has none. */
  status(): number | undefined;
  /** Lines that came without being waited for. */
  strays(): readonly string[];
}

export type OpenDoor = (sessions: Sessions) => Promise<DoorClient>;

/** Through a real shim and the local socket. */
export async function stdioDoor(sessions: Sessions): Promise<DoorClient> {
  const paths = await freshPaths();
  const listener = await listenFor(paths, sessions);
  const [executable, ...words] = shimCommand('TypeScript');
  const child = spawn(executable, [...words, '--home', paths.home], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const taker = waiting.shift();
    if (taker) taker(line);
    else lines.push(line);
  });
  const next = async (): Promise<string> =>
    lines.shift() ?? (await new Promise<string>((resolve) => waiting.push(resolve)));
  let fences = 0;
  return {
    say: async (bytes, expects = 'answer') => {
      child.stdin.write(Buffer.concat([bytes, Buffer.from('\n')]));
      if (expects === 'answer') return next();
      // The bridge answers a ping itself, and in order with what it does not forward.
      fences += 1;
      const fence = `"fence ${fences}"`;
      child.stdin.write(`{"jsonrpc":"2.0","id":${fence},"method":"ping"}\n`);
      const line = await next();
      return line.includes(fence) ? undefined : line;
    },
    status: () => undefined,
    strays: () => lines,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** Over HTTP, with a token of its own; it keeps the session id that it was given last. */
export async function httpDoor(sessions: Sessions): Promise<DoorClient> {
  const token = canary('local');
  const client = { id: 'one', label: 'One', address: 'current' };
  const recognise = (shown: string) => (shown === token ? client : undefined);
  const door = await openHttpDoor({ port: 0, sessions, recognise, log: silentLog });
  let session: string | undefined;
  let status: number | undefined;
  return {
    say: async (bytes) => {
      const sent = request({
        host: '127.0.0.1',
        port: door.port,
        path: '/mcp',
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: 'application/json, text/event-stream',
          'Content-Type': 'application/json',
          'Content-Length': bytes.length,
          ...(session === undefined ? {} : { 'Mcp-Session-Id': session }),
        },
      });
      sent.end(bytes);
      const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
      status = response.statusCode;
      const named = response.headers['mcp-session-id'];
      if (typeof named === 'string') session = named;
      const body = Buffer.concat(await response.toArray()).toString();
      return body === '' ? undefined : body.replace(/^event: message\ndata: /, '');
    },
    status: () => status,
    strays: () => [],
    [Symbol.asyncDispose]: () => Promise.resolve(door[Symbol.asyncDispose]()),
  };
}
