import { EventEmitter } from 'node:events';
import type { Post } from './web-contents.ts';

type Listener = (event: Electron.IpcMainEvent, ...values: unknown[]) => void;
type Answering = (event: Electron.IpcMainInvokeEvent, ...values: unknown[]) => unknown;
type Members = 'handle' | 'removeHandler';

/** Electron's `ipcMain`: what pages send arrives here. */
export class DoubleIpcMain implements Pick<Electron.IpcMain, Members>, Post {
  /** Channels that answer. */
  readonly answering = new Map<string, Answering>();
  readonly #emitter = new EventEmitter();

  on(channel: string, listener: Listener): this {
    this.#emitter.on(channel, listener);
    return this;
  }

  off(channel: string, listener: Listener): this {
    this.#emitter.off(channel, listener);
    return this;
  }

  removeListener(channel: string, listener: Listener): this {
    return this.off(channel, listener);
  }

  handle(channel: string, answering: Answering): void {
    if (this.answering.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    this.answering.set(channel, answering);
  }

  removeHandler(channel: string): void {
    this.answering.delete(channel);
  }

  /** Channels that somebody listens on. */
  get channels(): string[] {
    return this.#emitter.eventNames().map(String);
  }

  post(event: Electron.IpcMainEvent, channel: string, values: readonly unknown[]): void {
    this.#emitter.emit(channel, event, ...values);
  }
}
