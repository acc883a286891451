import { closeSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { limits } from './limits.ts';

export interface LogFileOptions {
  readonly path: string;
  /** A file of this size is put aside and a new one begun; bytes. */
  readonly mostBytes?: number;
  /** Files in all: the one that is written to, and older ones as `<path>.1`, `<path>.2` and so on, the newest first. */
  readonly files?: number;
}

/**
 * Where the lines of a log go. Never throws, whatever is wrong with the disk, because a log must not break what it tells
 * of: what cannot be written waits for the next line, up to `limits.logWaitingBytes`. A file that was deleted or moved away
 * is begun anew; several processes may write to the same one. Disposing it closes the file; later lines are dropped.
 */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #mostBytes: number;
  readonly #files: number;
  #descriptor: number | undefined;
  #waiting = Buffer.alloc(0);
  #isClosed = false;

  constructor({ path, mostBytes = limits.logFileBytes, files = limits.logFiles }: LogFileOptions) {
    this.#path = path;
    this.#mostBytes = mostBytes;
    this.#files = files;
  }

  /** @param line with its line end. */
  write(line: string): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(line);
    const hasRoom = this.#waiting.length + bytes.length <= limits.logWaitingBytes;
    if (hasRoom) this.#waiting = Buffer.concat([this.#waiting, bytes]);
    try {
      const descriptor = this.#open(this.#waiting.length);
      // An almost full disk takes a part.
      while (this.#waiting.length > 0) {
        this.#waiting = this.#waiting.subarray(writeSync(descriptor, this.#waiting));
      }
    } catch {
      // There is nowhere to say it. The next line opens the file anew: one on a share that came back takes nothing else.
      this.#close();
    }
  }

  [Symbol.dispose](): void {
    this.write('');
    this.#isClosed = true;
    this.#close();
  }

  #close(): void {
    const known = this.#descriptor;
    this.#descriptor = undefined;
    try {
      if (known !== undefined) closeSync(known);
    } catch {
      // The disk says only now that it did not take something.
    }
  }

  #open(room: number): number {
    const known = this.#descriptor;
    if (known !== undefined) {
      const { dev, ino, size } = fstatSync(known);
      const there = statSync(this.#path, { throwIfNoEntry: false });
      const isStill = there?.dev === dev && there.ino === ino;
      if (isStill && (size === 0 || size + room <= this.#mostBytes)) return known;
      this.#close();
    }
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found?.isFile() && found.size > 0 && found.size + room > this.#mostBytes) this.#putAside();
    this.#descriptor = openSync(this.#path, 'a', 0o600);
    return this.#descriptor;
  }

  #putAside(): void {
    for (let number = this.#files - 1; number > 0; number -= 1) {
      const newer = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      try {
        renameSync(newer, `${this.#path}.${number}`);
      } catch {
        // There are not so many yet, or another process was faster.
      }
    }
  }
}

/** The same for stderr: what cannot be written there is lost. */
export const stderrLines: Disposable & Pick<LogFile, 'write'> = {
  write(line) {
    try {
      writeSync(2, line);
    } catch {
      // Nobody reads it, or the disk behind it is full.
    }
  },
  [Symbol.dispose]: () => undefined,
};
