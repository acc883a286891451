import type { Socket } from 'node:net';
import { limits } from '../base/limits.ts';

/**
 * Flags of a frame. Up (shim to owner) only `REPLAY` occurs: the line was said before, to an owner that died.
 * Down: `REPLAYED` marks the answer to such a line, which the client must not see; `REMEMBER` asks the shim to keep the
 * line for the next owner, `ANEW` to forget the lines kept before it; `STANDING` comes before the line is done and says
 * that it will stay open as long as the client is there. On control connections `TEXT` marks a string.
 */
export const flags = { REPLAY: 1, REPLAYED: 1, REMEMBER: 2, ANEW: 4, STANDING: 8, TEXT: 1 } as const;

const HEADER_BYTES = 9;
/** Up to here copying a payload behind its header is cheaper than a second write. */
const COPY_BYTES = 16 * 1024;

/** One message. `seq` numbers the lines of a client from 1; 0 belongs to none. */
export interface Frame {
  readonly seq: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Payload length and seq as 32-bit big-endian numbers, then the flags: what stands before a payload on the wire. */
export function frameHeader(frame: Frame): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  writeHeader(header, frame);
  return header;
}

function writeHeader(target: Buffer, frame: Frame): void {
  target.writeUInt32BE(frame.payload.length, 0);
  target.writeUInt32BE(frame.seq, 4);
  target.writeUInt8(frame.flags, 8);
}

/** Turns any division of the bytes into the same frames. Buffers what has arrived, never what was only announced. */
export class FrameDecoder {
  readonly #largest: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(largest: number = limits.frameBytes) {
    this.#largest = largest;
  }

  /** The frames that `chunk` completes. @throws RangeError when a payload is larger than allowed. */
  *take(chunk: Buffer): Generator<Frame, void> {
    if (this.#size > 0) {
      this.#parts.push(chunk);
      this.#size += chunk.length;
      if (this.#size < this.#needed()) return;
      chunk = Buffer.concat(this.#parts, this.#size);
      this.#parts = [];
      this.#size = 0;
    }
    let at = 0;
    while (chunk.length - at >= HEADER_BYTES) {
      const length = this.#checked(chunk.readUInt32BE(at));
      const end = at + HEADER_BYTES + length;
      if (end > chunk.length) break;
      const seq = chunk.readUInt32BE(at + 4);
      const frameFlags = chunk.readUInt8(at + 8);
      const payload = chunk.subarray(at + HEADER_BYTES, end);
      at = end;
      yield { seq, flags: frameFlags, payload };
    }
    if (at < chunk.length) {
      this.#parts = [chunk.subarray(at)];
      this.#size = chunk.length - at;
    }
  }

  /** How many bytes the frame at the front needs in all, as far as that is known. */
  #needed(): number {
    if (this.#size < HEADER_BYTES) return HEADER_BYTES;
    if ((this.#parts[0]?.length ?? 0) < HEADER_BYTES) {
      this.#parts = [Buffer.concat(this.#parts, this.#size)];
    }
    return HEADER_BYTES + this.#checked(this.#parts[0]?.readUInt32BE(0) ?? 0);
  }

  #checked(length: number): number {
    if (length > this.#largest) throw new RangeError('frame too large');
    return length;
  }
}

/** Frames over a socket whose handshake is done, in both directions, with back-pressure in both. */
export class FrameStream {
  /** Resolves when the other side will send nothing more; it may still read. */
  readonly ended: Promise<void>;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  #drained: PromiseWithResolvers<void> | undefined;
  #corked = false;

  constructor(socket: Socket, largest?: number) {
    this.#socket = socket;
    this.#decoder = new FrameDecoder(largest);
    const ended = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.closed = closed.promise;
    if (socket.destroyed) closed.resolve();
    if (socket.destroyed || socket.readableEnded) ended.resolve();
    socket.on('end', ended.resolve);
    socket.on('close', () => {
      ended.resolve();
      closed.resolve();
      this.#resume();
    });
    socket.on('drain', () => this.#resume());
    // Trouble ends in 'close', which is all that matters here.
    socket.on('error', () => undefined);
  }

  /**
   * Starts handing over what arrives, one frame after the other. While a returned promise is pending nothing more is
   * read. A listener that throws, or a frame beyond the limit, ends the connection.
   */
  receive(onFrame: (frame: Frame) => void | Promise<void>): void {
    this.#socket.on('data', (chunk: Buffer) => {
      const frames = this.#decoder.take(chunk);
      const waiting = this.#hand(frames, onFrame);
      if (!waiting) return;
      this.#socket.pause();
      void waiting.then(() => this.#socket.resume());
    });
    this.#socket.resume();
  }

  /** Hands over frames until one makes us wait; the promise then stands for it and for all that follow. */
  #hand(
    frames: Generator<Frame, void>,
    onFrame: (frame: Frame) => void | Promise<void>,
  ): Promise<void> | undefined {
    try {
      for (let next = frames.next(); !next.done; next = frames.next()) {
        const waiting = onFrame(next.value);
        if (!waiting) continue;
        return waiting.then(
          () => this.#hand(frames, onFrame),
          () => this.destroy(),
        );
      }
    } catch {
      this.destroy();
    }
    return undefined;
  }

  /** Sends a frame. The promise, if there is one, resolves when more should be sent; after the end nothing is sent. */
  send(frame: Frame): void | Promise<void> {
    const socket = this.#socket;
    if (!socket.writable) return undefined;
    if (!this.#corked) {
      // What this turn of the event loop brings, from however many connections, leaves in one system call.
      this.#corked = true;
      socket.cork();
      setImmediate(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    let flowing: boolean;
    if (frame.payload.length <= COPY_BYTES) {
      const whole = Buffer.allocUnsafe(HEADER_BYTES + frame.payload.length);
      writeHeader(whole, frame);
      whole.set(frame.payload, HEADER_BYTES);
      flowing = socket.write(whole);
    } else {
      socket.write(frameHeader(frame));
      flowing = socket.write(frame.payload);
    }
    if (flowing) return undefined;
    this.#drained ??= Promise.withResolvers<void>();
    return this.#drained.promise;
  }

  #resume(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Sends nothing more once what was sent has left; the other side may go on. */
  end(): void {
    if (this.#socket.writable) this.#socket.end();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}
