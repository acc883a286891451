import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { DownEvent, Outlet, Reply } from '#bridge/relay/channel.ts';
import type { DoorSession } from '#bridge/sessions/door.ts';
import { type Arrival, answerJson, readArrival } from '../workspaces/arrival.ts';
import { listen } from '../workspaces/listen.ts';
import { Recorder } from '../workspaces/recorder.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** A workspace whose every answer the test writes itself; GET and DELETE get a 405 unless `others` takes them. */
export async function startScripted(
  post: (arrival: Arrival, response: ServerResponse) => void,
  others?: (arrival: Arrival, response: ServerResponse) => void,
): Promise<Workspace> {
  const requests = new Recorder();
  const listening = await listen(async (request, response) => {
    const arrival = await readArrival(request);
    if (arrival.method === 'POST') post(arrival, response);
    else if (others) others(arrival, response);
    else response.writeHead(405).end();
    requests.add(arrival);
  });
  return {
    url: `${listening.origin}/mcp`,
    origin: listening.origin,
    requests,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

/** The result of `initialize`. */
export function welcomeOf({ rpc }: Arrival, more: object = {}): object {
  const capabilities = { tools: {}, logging: {} };
  const serverInfo = { name: 'scripted', version: '1' };
  return {
    jsonrpc: '2.0',
    id: rpc?.id,
    result: { protocolVersion: '2025-11-25', capabilities, serverInfo, ...more },
  };
}

/** Answers the handshake of session `session`, takes notifications and answers; true when it was one of those. */
export function shakesHands(arrival: Arrival, response: ServerResponse, session?: string): boolean {
  if (arrival.rpc?.method === 'initialize') {
    const headers: Record<string, string> = session === undefined ? {} : { 'mcp-session-id': session };
    answerJson(response, 200, welcomeOf(arrival), headers);
    return true;
  }
  if (arrival.rpc?.id !== undefined && arrival.rpc.method !== undefined) return false;
  response.writeHead(202).end();
  return true;
}

/** Begins an event stream and leaves it open. */
export function beginStream(
  response: ServerResponse,
  messages: readonly object[] = [],
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  response.flushHeaders();
  for (const message of messages) response.write(`data: ${JSON.stringify(message)}\n\n`);
}

/** A client over HTTP that hangs up on the stream of a call as soon as it can come back for the rest; `before` runs just then. */
export async function hangUpOn(
  session: DoorSession,
  call: string,
  before: () => void = () => undefined,
): Promise<{ readonly lastEventId: string }> {
  const left = new AbortController();
  const primed = Promise.withResolvers<string>();
  const reply: Reply = {
    resumable: true,
    gone: left.signal,
    event: ({ id }) => {
      if (id !== undefined) primed.resolve(id);
    },
    answer: () => undefined,
    end: () => undefined,
  };
  const running = session.receive(readMessage(Buffer.from(call)), reply);
  const lastEventId = await primed.promise;
  before();
  left.abort();
  await running;
  return { lastEventId };
}

/** What comes on a stream that a client opened to hear the rest. */
export class Rest implements Outlet {
  readonly heard: string[] = [];
  readonly ended: Promise<void>;
  readonly #ending = Promise.withResolvers<void>();

  constructor() {
    this.ended = this.#ending.promise;
  }

  event({ data }: DownEvent): void {
    if (data) this.heard.push(Buffer.from(data).toString());
  }

  end(): void {
    this.#ending.resolve();
  }
}

/** Lets the event loop go round so many times. */
export async function turns(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) await turn();
}

/** Lets everything happen that is ready to happen, while timers stand still. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
