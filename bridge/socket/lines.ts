import type { Socket } from 'node:net';
import { limits } from '../base/limits.ts';

const NEWLINE = 0x0a;

/**
 * Reads the lines of a handshake from a socket. What follows the last line read is put back, so that the frames can be
 * read from the same socket afterwards.
 */
export class HandshakeLines implements Disposable {
  readonly #socket: Socket;
  readonly #parts: Buffer[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#take);
    socket.on('end', this.#end);
    socket.on('close', this.#end);
  }

  /** The next line without its end; undefined when the other side is gone or says more than a handshake may. */
  async next(): Promise<string | undefined> {
    const line = this.#cut();
    if (line !== undefined || this.#over) return line;
    this.#socket.resume();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  readonly #take = (chunk: Buffer): void => {
    this.#parts.push(chunk);
    const line = this.#waiting ? this.#cut() : undefined;
    if (line !== undefined) {
      this.#socket.pause();
      this.#give(line);
    } else if (this.#size() > limits.handshakeBytes) {
      this.#end();
    }
  };

  readonly #end = (): void => {
    this.#over = true;
    this.#give(undefined);
  };

  #give(line: string | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(line);
  }

  #size(): number {
    return this.#parts.reduce((size, part) => size + part.length, 0);
  }

  #cut(): string | undefined {
    const all = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    if (!all) return undefined;
    const at = all.subarray(0, limits.handshakeBytes).indexOf(NEWLINE);
    if (at === -1) return undefined;
    const rest = all.subarray(at + 1);
    this.#parts.length = 0;
    if (rest.length > 0) this.#parts.push(rest);
    return all.toString('utf8', 0, at);
  }

  [Symbol.dispose](): void {
    this.#socket.off('data', this.#take);
    this.#socket.off('end', this.#end);
    this.#socket.off('close', this.#end);
    this.#socket.pause();
    if (this.#parts.length > 0 && !this.#socket.readableEnded)
      this.#socket.unshift(Buffer.concat(this.#parts));
  }
}
