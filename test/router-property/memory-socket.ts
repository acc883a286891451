import { Socket } from 'node:net';

/**
 * One end of a connection inside this process: a real `Socket` for whoever uses it, without an operating system that
 * would decide when its bytes arrive. They do in the next tick, so a run with the same seed goes the same way.
 */
class MemorySocket extends Socket {
  other: MemorySocket | undefined;
  #resume: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error) => void): void {
    const { other } = this;
    if (!other || other.destroyed) {
      done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
      return;
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    process.nextTick(() => {
      const isTaken = other.destroyed || other.readableEnded || other.push(bytes);
      if (isTaken) done();
      else other.#resume = () => done();
    });
  }

  // Frames are written corked; one after the other is how they came.
  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk, encoding }) => asBytes(chunk, encoding))), 'utf8', done);
  }

  override _final(done: (error?: Error) => void): void {
    const { other } = this;
    process.nextTick(() => {
      if (other && !other.destroyed) other.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this;
    this.other = undefined;
    this._read();
    process.nextTick(() => other?.destroy());
    super._destroy(error, done);
  }
}

function asBytes(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/** Both ends of a fresh connection. */
export function memoryConnection(): readonly [Socket, Socket] {
  const near = new MemorySocket();
  const far = new MemorySocket();
  near.other = far;
  far.other = near;
  return [near, far];
}
