import { randomUUID } from 'node:crypto';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { BridgeError, trouble } from '../contract/errors.ts';
import { withoutLineEnds } from '../jsonrpc/line-ends.ts';
import type { Message } from '../jsonrpc/message.ts';
import { readMessage } from '../jsonrpc/read.ts';
import type { Caller, DownEvent, Outlet, Reply } from '../relay/channel.ts';
import type { DoorSession, Sessions } from '../sessions/door.ts';
import { type Frame, type FrameStream, flags } from '../socket/frames.ts';
import type { LocalClient } from '../socket/listen.ts';
import { readAddress } from './address.ts';
import { RefusalLog, refusalOf, troubleFor } from './refusals.ts';
import { changedLists, marksOf } from './replay.ts';
import { isListen } from './standing-streams.ts';

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
const NOTHING = new Uint8Array();
/** So many notifications and answers of a client may be on their way before no more of its lines are read. */
const MOST_TELLING = 64;
/** Belongs to no line and carries nothing, so a shim passes over it. */
const EMPTY: Frame = { seq: 0, flags: 0, payload: NOTHING };

export interface StdioDoorParts {
  readonly sessions: Sessions;
  readonly log: Log;
}

/**
 * Serves the MCP client behind one shim for as long as it is connected. When the client closes its side, running
 * requests may still finish, and its listens end; when the connection breaks, all are given up. Never rejects.
 */
export async function serveStdio(client: LocalClient, parts: StdioDoorParts): Promise<void> {
  const conversation = new Conversation(client, parts);
  client.frames.receive((frame) => conversation.take(frame));
  await client.frames.ended;
  conversation.endListens();
  const probing = probe(client.frames);
  await Promise.race([conversation.idle(), client.frames.closed]);
  client.frames.end();
  await client.frames.closed;
  clearInterval(probing);
  await conversation.close();
}

/** The end of what a shim says looks the same whether it still listens or was killed; only writing tells. */
function probe(frames: FrameStream): NodeJS.Timeout {
  const ask = (): void => void frames.send(EMPTY);
  ask();
  return setInterval(ask, limits.lingerMs);
}

class Conversation {
  readonly #frames: FrameStream;
  readonly #parts: StdioDoorParts;
  readonly #address: string;
  readonly #caller: Caller;
  readonly #gone = new AbortController();
  /** The client says nothing more, and with that it stops listening (MCP 2026-07-28, subscriptions). */
  readonly #saidLast = new AbortController();
  readonly #refusals: RefusalLog;
  readonly #outlet: Outlet;
  readonly #running = new Set<Promise<void>>();
  /** How many of the running ones ask for nothing, and so wait for no turn. */
  #telling = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #session: DoorSession | undefined;
  /** Bytes of requests that are not answered. */
  #heldBytes = 0;
  #welcome: Uint8Array | undefined;

  constructor({ frames, client, address }: LocalClient, parts: StdioDoorParts) {
    this.#frames = frames;
    this.#parts = parts;
    this.#address = address;
    this.#caller = { id: `stdio-${randomUUID()}`, label: client || 'stdio client', door: 'stdio' };
    this.#refusals = new RefusalLog(parts.log);
    this.#outlet = { event: (event) => this.#push(event), end: () => undefined };
    void frames.closed.then(() => this.#gone.abort());
  }

  /** The promise, if there is one, resolves when more should be read. */
  take(frame: Frame): void | Promise<void> {
    const line = frame.seq === 1 ? withoutMark(frame.payload) : frame.payload;
    const message = read(line);
    const reply = new LineReply({
      frame,
      frames: this.#frames,
      gone: isListen(message) ? this.#saidLast.signal : this.#gone.signal,
      marks: (answer) => (this.#session?.greeted ? marksOf(message, answer) : 0),
      onReplayed: (answer) => this.#replayed(message, answer),
    });
    if (isListen(message)) reply.stand();
    const task = this.#receive(message, reply, line.length).catch((error: unknown) =>
      this.#parts.log.error('stdio.fault', error),
    );
    this.#running.add(task);
    void task.then(() => this.#running.delete(task));
    if (message.kind !== 'notification' && message.kind !== 'response') return undefined;
    this.#telling += 1;
    void task.then(() => {
      this.#telling -= 1;
      this.#room?.resolve();
      this.#room = undefined;
    });
    if (this.#telling <= MOST_TELLING) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  async #receive(message: Message, reply: LineReply, bytes: number): Promise<void> {
    if (message.kind === 'refused') {
      this.#refusals.note(message, this.#caller);
      return void (await (message.isAnswer ? reply.end() : reply.answer(refusalOf(message))));
    }
    const asks = message.kind === 'request' || message.kind === 'batch';
    if (asks && this.#heldBytes > 0 && this.#heldBytes + bytes > limits.clientQueueBytes) {
      const full = new BridgeError('wait', 'Too much is waiting to be sent already. Try again shortly.');
      return troubleFor(message, full, reply);
    }
    if (asks) this.#heldBytes += bytes;
    try {
      await this.#open().receive(message, reply);
    } catch (error) {
      await troubleFor(message, error, reply);
    } finally {
      if (asks) this.#heldBytes -= bytes;
      await reply.end();
    }
  }

  /** The session, opened by the first message; while the address names nothing, every message tries again. */
  #open(): DoorSession {
    if (this.#session) return this.#session;
    const name = readAddress(this.#address);
    if (name === undefined) {
      throw new BridgeError('account-unknown', 'This is no address. Run "gangway accounts" for the names.');
    }
    this.#session = this.#parts.sessions.open(this.#caller, { text: name });
    this.#session.attach(this.#outlet);
    return this.#session;
  }

  #push(event: DownEvent): void | Promise<void> {
    return event.data
      ? this.#frames.send({ seq: 0, flags: 0, payload: withoutLineEnds(event.data) })
      : undefined;
  }

  /** A line said again by the shim was done; once the handshake is through, the client learns what may be new. */
  async #replayed(message: Message, answer: Uint8Array | undefined): Promise<void> {
    if (message.kind === 'request' && message.method === 'initialize') this.#welcome = answer;
    if (message.kind !== 'notification' || message.method !== 'notifications/initialized') return;
    for (const notice of this.#welcome ? changedLists(this.#welcome) : []) await this.#push({ data: notice });
  }

  endListens(): void {
    this.#saidLast.abort();
  }

  /** Resolves when nothing is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#session?.detach(this.#outlet);
    await this.#session?.close();
  }
}

interface LineParts {
  readonly frame: Frame;
  readonly frames: FrameStream;
  readonly gone: AbortSignal;
  /** Flags for a line that is done. */
  readonly marks: (answer: Uint8Array | undefined) => number;
  /** A line that was said again is done. */
  readonly onReplayed: (answer: Uint8Array | undefined) => Promise<void>;
}

/** Says to the shim that a line is done, with or without an answer, exactly once. */
class LineReply implements Reply {
  readonly resumable = false;
  readonly #parts: LineParts;
  #done = false;

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  get gone(): AbortSignal {
    return this.#parts.gone;
  }

  get #isReplay(): boolean {
    return (this.#parts.frame.flags & flags.REPLAY) !== 0;
  }

  /** The line will stay open, so the shim does not wait for it when the client leaves. */
  stand(): void {
    const { frames, frame } = this.#parts;
    if (!this.#isReplay) void frames.send({ seq: frame.seq, flags: flags.STANDING, payload: NOTHING });
  }

  event(event: DownEvent): void | Promise<void> {
    if (this.#done || this.#isReplay || !event.data) return undefined;
    return this.#parts.frames.send({ seq: 0, flags: 0, payload: withoutLineEnds(event.data) });
  }

  answer(body: Uint8Array): void | Promise<void> {
    return this.#finish(body);
  }

  end(): void | Promise<void> {
    return this.#finish(undefined);
  }

  #finish(answer: Uint8Array | undefined): void | Promise<void> {
    if (this.#done) return undefined;
    this.#done = true;
    const { frames, frame, marks, onReplayed } = this.#parts;
    const { seq } = frame;
    if (this.#isReplay) {
      void frames.send({ seq, flags: flags.REPLAYED, payload: NOTHING });
      return onReplayed(answer);
    }
    const payload = answer === undefined ? NOTHING : withoutLineEnds(answer);
    return frames.send({ seq, flags: marks(answer), payload });
  }
}

function read(line: Uint8Array): Message {
  if (line.length <= limits.messageBytes) return readMessage(line);
  const because = 'The message is too large and was not forwarded.';
  return { kind: 'refused', id: null, code: trouble['too-large'].rpc, because };
}

function withoutMark(line: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.compare(line.subarray(0, 3)) === 0 ? line.subarray(3) : line;
}
