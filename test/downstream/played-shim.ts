import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { serveStdio } from '#bridge/downstream/stdio.ts';
import type { Sessions } from '#bridge/sessions/door.ts';
import { type Frame, FrameStream } from '#bridge/socket/frames.ts';
import { temporaryHome } from '../canary/home.ts';
import { EchoSessions } from './echo-sessions.ts';

/** The door with a shim in front of it that this test plays. */
export interface PlayedShim {
  /** What it has when no others were given. */
  readonly sessions: EchoSessions;
  readonly frames: FrameStream;
  readonly served: Promise<void>;
  say(seq: number, line: string | Uint8Array, marks?: number): void;
  next(): Promise<PlainFrame>;
  /** The next frame for a line, past those that belong to others. */
  after(seq: number): Promise<PlainFrame>;
  /** The next message that belongs to a line or to none, past what says that something is done or stands. */
  message(): Promise<Record<string, unknown>>;
}

interface PlainFrame {
  readonly seq: number;
  readonly flags: number;
  readonly text: string;
}

export async function startShim(address = 'current', client = '', others?: Sessions): Promise<PlayedShim> {
  const path = join((await temporaryHome()).path, 'door.sock');
  const server = createServer({ allowHalfOpen: true });
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  server.listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = await arrived;
  onTestFinished(async () => {
    near.destroy();
    far.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const sessions = new EchoSessions();
  const parts = { sessions: others ?? sessions, log: silentLog };
  const served = serveStdio({ frames: new FrameStream(far), client, address }, parts);
  const frames = new FrameStream(near);
  const arrivals: Frame[] = [];
  const waiting: ((frame: Frame) => void)[] = [];
  frames.receive((frame) => {
    const taker = waiting.shift();
    if (taker) taker(frame);
    else arrivals.push(frame);
  });
  const next = async (): Promise<PlainFrame> => {
    const frame = arrivals.shift() ?? (await new Promise<Frame>((resolve) => waiting.push(resolve)));
    return { seq: frame.seq, flags: frame.flags, text: Buffer.from(frame.payload).toString() };
  };
  return {
    sessions,
    frames,
    served,
    say: (seq, line, marks = 0) => void frames.send({ seq, flags: marks, payload: Buffer.from(line) }),
    next,
    after: async (seq) => {
      for (;;) {
        const frame = await next();
        if (frame.seq === seq) return frame;
      }
    },
    message: async () => {
      for (;;) {
        const { text } = await next();
        if (text !== '') return JSON.parse(text);
      }
    },
  };
}
