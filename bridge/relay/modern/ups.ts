import { limits } from '../../base/limits.ts';
import { within } from '../../base/tasks.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { ModernChannel } from '../../upstream/modern/channel.ts';
import { troubleOf, type Workspace } from '../../upstream/workspace.ts';
import { ModernOverLegacy } from '../modern-over-legacy/channel.ts';
import type { RelayParts, Route } from '../parts.ts';
import { identityMark } from './request-state.ts';

type Bound = Extract<Route, { kind: 'bound' }>;

/** The way to one workspace as one identity. */
export interface ModernUp {
  readonly identity: string;
  /** `identityMark` of it. */
  readonly mark: string;
  readonly workspace: Workspace;
  readonly channel: ModernChannel;
}

interface Entry {
  readonly identity: string;
  readonly opening: Promise<ModernUp>;
  /** Set as soon as it is open. */
  up: ModernUp | undefined;
  readonly stop: AbortController;
  /** Holds of `get` that were not released. */
  running: number;
  retired: boolean;
  /** Ends it although requests still run on it, some time after a switch. */
  draining: NodeJS.Timeout | undefined;
}

type UpsParts = Pick<RelayParts, 'route' | 'openWorkspace' | 'connect' | 'bridgeVersion' | 'log'>;

/** The ways of one client to its workspaces: at most one per identity, old ones drained after a switch. */
export class ModernUps {
  readonly #parts: UpsParts;
  readonly #onClosed: (up: ModernUp) => void;
  /** By identity: where new requests go. */
  readonly #entries = new Map<string, Entry>();
  /** Those too that were taken out of service while requests ran on them. */
  readonly #all = new Set<Entry>();

  /** @param onClosed hears of each that ends, be it that requests still run on it. */
  constructor(parts: UpsParts, onClosed: (up: ModernUp) => void) {
    this.#parts = parts;
    this.#onClosed = onClosed;
  }

  /**
   * The identity's way; opened once, however many ask at the same time. It is held open for the caller, who lets it go
   * with `release`: a switch in between must not close what a request was bound to. What is open already is there at once.
   * @throws BridgeError when it cannot be opened; the next call tries again.
   */
  get(route: Bound): ModernUp | Promise<ModernUp> {
    const entry = this.#entries.get(route.identity) ?? this.#begin(route);
    entry.running += 1;
    return entry.up ?? this.#opened(entry);
  }

  async #opened(entry: Entry): Promise<ModernUp> {
    try {
      entry.up = await entry.opening;
      return entry.up;
    } catch (error) {
      entry.running -= 1;
      throw error;
    }
  }

  #begin(route: Bound): Entry {
    const { identity } = route;
    const stop = new AbortController();
    const opening = this.#open(route, stop.signal);
    const entry: Entry = {
      identity,
      opening,
      up: undefined,
      stop,
      running: 0,
      retired: false,
      draining: undefined,
    };
    this.#entries.set(identity, entry);
    this.#all.add(entry);
    opening.catch(() => this.#forget(entry));
    // Bound before a switch, or led back to where it began: the account is needed for that request only.
    if (this.#parts.route().identity !== identity) this.#drain(entry);
    return entry;
  }

  async #open({ identity, workspace }: Bound, stop: AbortSignal): Promise<ModernUp> {
    const late = (): BridgeError =>
      troubleOf(workspace.account, 'timeout', 'The workspace did not answer in time. Try again.');
    const opened = await within(
      limits.greetingMs,
      stop,
      (signal) => this.#parts.openWorkspace(workspace, signal),
      late,
    );
    const mark = identityMark(identity);
    if (opened.era === 'modern') return { identity, mark, workspace, channel: opened.channel };
    const { connect, bridgeVersion, log } = this.#parts;
    const channel = new ModernOverLegacy({ workspace, first: opened.channel, connect, bridgeVersion, log });
    return { identity, mark, workspace, channel };
  }

  /** A call waits for answers of its client. */
  get isWaiting(): boolean {
    return [...this.#all].some(({ up }) => (up?.channel.waiting ?? 0) > 0);
  }

  /** Ends one hold of `get`; the last one closes what is retired. */
  release(up: ModernUp): void {
    for (const entry of this.#all) {
      if (entry.up !== up) continue;
      entry.running -= 1;
      if (entry.retired && isIdle(entry)) this.#drop(entry);
    }
  }

  /** The workspace speaks another era by now: the next request opens a new way, what still runs ends on this one. */
  discard(up: ModernUp): void {
    const entry = this.#entries.get(up.identity);
    if (entry?.up !== up) return;
    this.#entries.delete(up.identity);
    this.#drain(entry);
  }

  /** The one who holds it will hardly need it again, as a client that goes on in the other era: it ends, if nobody else uses it. */
  spare(up: ModernUp): void {
    const entry = this.#entries.get(up.identity);
    if (entry?.running === 1 && (up.channel.waiting ?? 0) === 0) this.discard(up);
  }

  /** After a switch: every other way ends as soon as its last request has. */
  retireExcept(identity: string | undefined): void {
    for (const entry of this.#entries.values()) {
      if (entry.identity !== identity) {
        this.#drain(entry);
        if (isIdle(entry)) this.#drop(entry);
        continue;
      }
      entry.retired = false;
      clearTimeout(entry.draining);
      entry.draining = undefined;
    }
  }

  #drain(entry: Entry): void {
    entry.retired = true;
    entry.draining ??= setTimeout(() => this.#drop(entry), limits.drainMs).unref();
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    void this.#end(entry);
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.identity) === entry) this.#entries.delete(entry.identity);
    this.#all.delete(entry);
    clearTimeout(entry.draining);
  }

  async #end(entry: Entry): Promise<void> {
    entry.stop.abort(new BridgeError('stopping', 'The connection to the workspace was ended.'));
    const up = await entry.opening.catch(() => undefined);
    if (!up) return;
    this.#onClosed(up);
    await up.channel[Symbol.asyncDispose]();
  }

  /** Ends every way; resolves when the workspaces have been told. */
  async close(): Promise<void> {
    const entries = [...this.#all];
    for (const entry of entries) this.#forget(entry);
    await Promise.all(entries.map((entry) => this.#end(entry)));
  }
}

/** Nothing runs on it, and nothing that it asked waits for an answer. */
function isIdle({ running, up }: Entry): boolean {
  return running <= 0 && (up?.channel.waiting ?? 0) === 0;
}
