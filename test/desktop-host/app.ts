import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventsOf, type Preventable, preventable } from '../electron/announcer.ts';
import { notMapped, Telling } from './loud.ts';
import { type InstanceLock, takeLock } from './single-instance.ts';

type AppEvents = {
  activate: [event: Preventable, hasVisibleWindows: boolean];
  'before-quit': [event: Preventable];
  'open-url': [event: Preventable, url: string];
  quit: [event: Preventable, exitCode: number];
  ready: [event: Preventable, launchInfo: unknown];
  'second-instance': [event: Preventable, argv: string[], workingDirectory: string, additionalData: unknown];
  'will-quit': [event: Preventable];
  'window-all-closed': [];
};

type Members =
  | (
      | 'dock'
      | 'enableSandbox'
      | 'exit'
      | 'getAppPath'
      | 'getPath'
      | 'isPackaged'
      | 'quit'
      | 'setAppUserModelId'
    )
  | ('isReady' | 'requestSingleInstanceLock' | 'setPath' | 'whenReady');

export interface AppParts {
  readonly windows: () => readonly { close(): void; destroy(): void; isDestroyed(): boolean }[];
  /** Opens what everything else needs. */
  readonly begin: () => Promise<void>;
  /** Ends everything that is open. */
  readonly end: () => Promise<void>;
}

/** Ending what is open may hang; the process ends nevertheless. */
const END_MS = 8_000;

/** Electron's `app` on Linux, not installed: nothing opens at login, and no link is handed over by the system. */
export class HostApp
  extends Telling<EventsOf<Electron.App, AppEvents>>
  implements Pick<Electron.App, Members>
{
  readonly isPackaged = false;
  readonly dock: Electron.Dock | undefined = undefined;
  readonly #parts: AppParts;
  readonly #ready = Promise.withResolvers<void>();
  readonly #paths = new Map<string, string>();
  #lock: InstanceLock | undefined;
  #isReady = false;
  #isQuitting = false;
  #isLeaving = false;

  constructor(parts: AppParts) {
    super(
      'app',
      ['before-quit', 'quit', 'ready', 'second-instance', 'will-quit', 'window-all-closed'],
      // macOS tells these.
      ['activate', 'open-url'],
    );
    this.#parts = parts;
    // The app's first file runs to its end before that.
    setImmediate(() => void this.#begin());
  }

  async #begin(): Promise<void> {
    if (this.#isLeaving) return;
    await this.#parts.begin();
    this.#isReady = true;
    this.announce('ready', preventable(), {});
    this.#ready.resolve();
    this.#lock?.hear(({ argv, folder, data }) => {
      this.announce('second-instance', preventable(), [...argv], folder, data);
    });
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const told = { argv: process.argv, folder: process.cwd(), data: additionalData ?? {} };
    this.#lock ??= takeLock(this.getPath('userData'), told);
    return this.#lock !== undefined;
  }

  quit(): void {
    if (this.#isLeaving || this.#isQuitting) return;
    this.#isQuitting = true;
    const asked = preventable();
    this.announce('before-quit', asked);
    if (!asked.defaultPrevented) for (const window of this.#parts.windows()) window.close();
    if (asked.defaultPrevented || this.#parts.windows().some((window) => !window.isDestroyed())) {
      this.#isQuitting = false;
      return;
    }
    const leaving = preventable();
    this.announce('will-quit', leaving);
    this.#isQuitting = false;
    if (!leaving.defaultPrevented) this.exit(0);
  }

  exit(exitCode = 0): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    for (const window of this.#parts.windows()) window.destroy();
    this.announce('quit', preventable(), exitCode);
    const ended = this.#parts.end().catch((error: unknown) => {
      process.stderr.write(`desktop host: something did not end: ${String(error)}\n`);
    });
    void Promise.race([ended, delay(END_MS)]).finally(() => {
      this.#lock?.[Symbol.dispose]();
      process.exit(exitCode);
    });
  }

  /** The last window is gone. Without a listener that is the end of the app. */
  allClosed(): void {
    if (!this.#isLeaving && !this.announce('window-all-closed')) this.quit();
  }

  /** Pages here always have walls. @throws Error once the app is ready, as Electron does. */
  enableSandbox(): void {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
  }

  getPath(name: Parameters<Electron.App['getPath']>[0]): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw notMapped(`app.getPath('${name}') before app.setPath`);
    return path;
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  /** The folder above `out/main/index.js`. */
  getAppPath(): string {
    return dirname(dirname(dirname(process.argv[1] ?? '')));
  }

  /** Only Windows asks for it. */
  setAppUserModelId(_id: string): void {}
}
