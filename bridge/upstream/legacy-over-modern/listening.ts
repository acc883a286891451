import { performance } from 'node:perf_hooks';
import { isRecord } from '../../base/record.ts';
import { KeyedQueue, within } from '../../base/tasks.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { notificationOf } from '../../jsonrpc/write.ts';
import type { OnUpMessage } from '../channel.ts';
import type { ModernChannel } from '../modern/channel.ts';
import { troubleOf, type Workspace } from '../workspace.ts';
import { type ListenEnd, ListenStream, type Wanted } from './listen-stream.ts';

const GROUPS = ['tools', 'prompts', 'resources'] as const;
const MOST_URIS = 1000;
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A listen that lasted as long was a good one. */
const GOOD_MS = 10_000;
/** A repetition cannot help: the person has to do something first. */
const LASTING: ReadonlySet<string> = new Set(['sign-in-needed', 'refused', 'paused', 'blocked', 'too-large']);

export interface ListeningParts {
  readonly workspace: Workspace;
  readonly channel: Pick<ModernChannel, 'request'>;
  /** The listen as it goes up, under a fresh id. */
  request(wanted: Wanted): RequestMessage;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

interface Listener {
  readonly hear: OnUpMessage;
  readonly signal: AbortSignal;
}

/**
 * The changes of one workspace, heard through one `subscriptions/listen` at a time. When the set of resources changes,
 * another listen is opened before the old one is closed; one that ended is opened again, and everything is then
 * announced as changed, because nothing is repeated (MCP 2026-07-28, subscriptions).
 */
export class Listening {
  readonly #parts: ListeningParts;
  readonly #uris = new Set<string>();
  readonly #turns = new KeyedQueue<'listen'>();
  #offered: Readonly<Record<string, unknown>> = {};
  #listener: Listener | undefined;
  #stream: ListenStream | undefined;
  #isUnknown = false;
  /** For a time nothing was listened to, so there may be changes that nobody heard of. */
  #hasMissed = false;
  #stir = Promise.withResolvers<void>();

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** @param capabilities of the workspace. */
  offered(capabilities: Readonly<Record<string, unknown>>): void {
    this.#offered = capabilities;
  }

  /** Hears of changes until `signal` aborts; resolves early when the workspace tells of none. */
  async run(hear: OnUpMessage, signal: AbortSignal): Promise<void> {
    this.#listener = { hear, signal };
    signal.addEventListener('abort', () => this.#stir.resolve(), { once: true });
    let failures = 0;
    let wasOpen = false;
    while (!signal.aborted && !this.#isUnknown && (this.#groups().length > 0 || this.#tellsOfResources)) {
      const opened = performance.now();
      const end = await this.#once(signal);
      if (signal.aborted || end === undefined) continue;
      const isLasting = end.kind === 'over' && !this.#mayReturn(end.because, wasOpen || end.acknowledged);
      this.#isUnknown = end.kind === 'unknown' || isLasting;
      wasOpen ||= end.acknowledged;
      failures = performance.now() - opened > GOOD_MS ? 0 : failures + 1;
      const waitMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), LONGEST_PAUSE_MS);
      if (!this.#isUnknown) await this.#parts.pause(waitMs, signal).catch(() => undefined);
    }
    this.#listener = undefined;
  }

  /** One listen from its opening to its end; undefined when another has replaced it, or there is nothing to ask for. */
  async #once(signal: AbortSignal): Promise<(ListenEnd & { acknowledged: boolean }) | undefined> {
    if (!this.#stream && !this.#hasWishes) {
      await this.#stir.promise;
      return undefined;
    }
    let stream: ListenStream | undefined;
    try {
      stream = await this.#turns.run('listen', async () => {
        if (!this.#stream) await this.#replace(signal);
        return this.#stream;
      });
    } catch (error) {
      const isUnknown = error instanceof ListenUnknown;
      this.#hasMissed = true;
      return { ...(isUnknown ? { kind: 'unknown' } : { kind: 'over', because: error }), acknowledged: false };
    }
    const end = await stream?.ended;
    if (end === undefined || this.#stream !== stream) return undefined;
    this.#stream = undefined;
    return { ...end, acknowledged: true };
  }

  /**
   * Asks to be told of changes of one more resource.
   * @returns whether the workspace will tell.
   */
  async subscribe(uri: string, signal: AbortSignal): Promise<boolean> {
    if (!this.#tellsOfResources || this.#isUnknown || this.#uris.size >= MOST_URIS) return false;
    return this.#turns.run('listen', async () => {
      if (this.#uris.has(uri)) return true;
      this.#uris.add(uri);
      // The first listen, which is still to come, asks for it as well.
      if (!this.#listener) return true;
      let isHonoured = false;
      try {
        isHonoured = (await this.#replace(signal)).has(uri);
      } catch (error) {
        if (!(error instanceof ListenUnknown)) throw error;
      } finally {
        if (!isHonoured) this.#uris.delete(uri);
      }
      return isHonoured;
    });
  }

  async unsubscribe(uri: string, signal: AbortSignal): Promise<void> {
    await this.#turns.run('listen', async () => {
      if (!this.#uris.delete(uri) || !this.#stream) return;
      if (this.#hasWishes) {
        await this.#replace(signal).catch((error: unknown) => {
          if (!(error instanceof ListenUnknown)) throw error;
        });
      } else {
        this.#stream.close();
        this.#stream = undefined;
      }
    });
  }

  get #tellsOfResources(): boolean {
    const { resources } = this.#offered;
    return isRecord(resources) && resources.subscribe === true;
  }

  #groups(): (typeof GROUPS)[number][] {
    return GROUPS.filter((group) => {
      const offered = this.#offered[group];
      return isRecord(offered) && offered.listChanged === true;
    });
  }

  get #hasWishes(): boolean {
    return this.#groups().length > 0 || this.#uris.size > 0;
  }

  #wanted(): Wanted {
    const groups = Object.fromEntries(this.#groups().map((group) => [`${group}ListChanged`, true as const]));
    return this.#uris.size === 0 ? groups : { ...groups, resourceSubscriptions: [...this.#uris] };
  }

  /** Opens a listen for what is wanted now, then closes the one before. @returns the resources it will tell of. */
  async #replace(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const listener = this.#listener;
    if (!listener) return new Set();
    const { workspace, channel } = this.#parts;
    signal.throwIfAborted();
    const message = this.#parts.request(this.#wanted());
    const stream = new ListenStream(channel, message, listener.hear, listener.signal);
    const late = 'The workspace did not say in time that it will tell of changes.';
    let honoured: ReadonlySet<string>;
    try {
      honoured = await within(
        ACKNOWLEDGED_WITHIN_MS,
        signal,
        () => stream.acknowledged,
        () => troubleOf(workspace.account, 'timeout', late),
      );
    } catch (error) {
      stream.close();
      if ((await stream.ended).kind === 'unknown') throw new ListenUnknown();
      throw error;
    }
    this.#stream?.close();
    this.#stream = stream;
    void stream.ended.then(() => {
      this.#hasMissed ||= this.#stream === stream;
    });
    this.#stir.resolve();
    this.#stir = Promise.withResolvers<void>();
    await this.#announceMissed();
    return honoured;
  }

  #mayReturn(error: unknown, wasOpen: boolean): boolean {
    if (!(error instanceof BridgeError)) return true;
    return !LASTING.has(error.code) && (wasOpen || error.code !== 'bad-answer');
  }

  async #announceMissed(): Promise<void> {
    if (!this.#hasMissed) return;
    this.#hasMissed = false;
    for (const group of this.#groups()) await this.#tell(`notifications/${group}/list_changed`);
    for (const uri of this.#uris) await this.#tell('notifications/resources/updated', { uri });
  }

  async #tell(method: string, params?: object): Promise<void> {
    const message = readMessage(notificationOf(method, params));
    if (message.kind === 'notification') await this.#listener?.hear({ message, streamed: true });
  }
}

/** The workspace knows no listen. */
class ListenUnknown extends Error {}
