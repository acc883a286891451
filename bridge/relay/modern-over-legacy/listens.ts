import { isRecord } from '../../base/record.ts';
import { KeyedQueue } from '../../base/tasks.ts';
import type { BridgeError } from '../../contract/errors.ts';
import type { NotificationMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { edited } from '../../jsonrpc/object-text.ts';
import { locate, replaceSpans } from '../../jsonrpc/text.ts';
import { meta } from '../../upstream/modern/envelope.ts';
import { GROUPS, type Welcome } from '../greeting.ts';
import type { Down } from './down.ts';

/** Resources that one session may follow. */
const MOST_RESOURCES = 1000;
/** Notices kept until the acknowledgement has been handed over. */
const MOST_EARLY = 64;

export interface ListensParts {
  /** One request in the workspace session. */
  ask(method: string, params: object, signal: AbortSignal): Promise<ResponseMessage | undefined>;
  welcome(): Welcome | undefined;
}

interface Listen {
  readonly down: Down;
  /** Methods of notices it asked for. */
  readonly kinds: ReadonlySet<string>;
  readonly resources: Set<string>;
  /** What came before the acknowledgement was out. */
  early: NotificationMessage[] | undefined;
}

/**
 * The listens of one session (MCP 2026-07-28, subscriptions): each hears what it asked for of what the workspace says
 * on its own account. The workspace is asked to watch every resource that at least one listen follows.
 */
export class Listens {
  readonly #parts: ListensParts;
  readonly #open = new Set<Listen>();
  /** How many listens follow each resource. */
  readonly #followers = new Map<string, number>();
  /** What the workspace was asked to watch. */
  readonly #watched = new Set<string>();
  readonly #turns = new KeyedQueue<string>();
  readonly #closing = new AbortController();

  constructor(parts: ListensParts) {
    this.#parts = parts;
  }

  /** The resources that the workspace must be asked to watch again in a new session. */
  subscribed(): Iterable<string> {
    return this.#watched;
  }

  /** Serves one `subscriptions/listen`. @throws the reason why it ended: its client left, or the session was closed. */
  async serve(down: Down): Promise<never> {
    const signal = AbortSignal.any([down.signal, this.#closing.signal]);
    const asked = isRecord(down.message.params.notifications) ? down.message.params.notifications : {};
    const capabilities = this.#parts.welcome()?.capabilities ?? {};
    const honoured: Record<string, unknown> = {};
    const kinds = new Set<string>();
    for (const group of GROUPS) {
      const offered = capabilities[group];
      if (asked[`${group}ListChanged`] !== true || !isRecord(offered) || offered.listChanged !== true)
        continue;
      honoured[`${group}ListChanged`] = true;
      kinds.add(`notifications/${group}/list_changed`);
    }
    const listen: Listen = { down, kinds, resources: new Set(), early: [] };
    this.#open.add(listen);
    try {
      const { resources } = capabilities;
      if (isRecord(resources) && resources.subscribe === true && Array.isArray(asked.resourceSubscriptions)) {
        await Promise.race([this.#follow(listen, asked.resourceSubscriptions), ended(signal)]);
        honoured.resourceSubscriptions = [...listen.resources];
      }
      await down.event(tagged(acknowledgement(honoured), down.message.id));
      const { early } = listen;
      listen.early = undefined;
      for (const message of early ?? []) await this.#tell(listen, message);
      return await ended(signal);
    } finally {
      this.#open.delete(listen);
      for (const uri of listen.resources) this.#leave(uri);
      listen.resources.clear();
    }
  }

  async #follow(listen: Listen, uris: readonly unknown[]): Promise<void> {
    for (const uri of new Set(uris)) {
      if (typeof uri !== 'string' || !this.#open.has(listen)) continue;
      const followers = this.#followers.get(uri) ?? 0;
      if (followers === 0 && this.#followers.size >= MOST_RESOURCES) continue;
      listen.resources.add(uri);
      this.#followers.set(uri, followers + 1);
      if (await this.#settle(uri)) continue;
      // What the workspace does not watch, the acknowledgement leaves out.
      if (listen.resources.delete(uri)) this.#leave(uri);
    }
  }

  #leave(uri: string): void {
    const followers = (this.#followers.get(uri) ?? 1) - 1;
    if (followers > 0) this.#followers.set(uri, followers);
    else this.#followers.delete(uri);
    void this.#settle(uri);
  }

  /** Has the workspace watch the resource, or not any more, as it is wanted by now. @returns whether it does. */
  #settle(uri: string): Promise<boolean> {
    return this.#turns.run(uri, async () => {
      const isWanted = this.#followers.has(uri);
      const { signal } = this.#closing;
      if (isWanted === this.#watched.has(uri) || signal.aborted) return isWanted;
      const method = isWanted ? 'resources/subscribe' : 'resources/unsubscribe';
      const answer = await this.#parts.ask(method, { uri }, signal).catch(() => undefined);
      if (!isWanted) this.#watched.delete(uri);
      else if (answer && !answer.error) this.#watched.add(uri);
      return this.#watched.has(uri);
    });
  }

  /** A notice about lists or resources, for every listen that asked for it. */
  async tell(message: NotificationMessage): Promise<void> {
    await Promise.all([...this.#open].map((listen) => this.#tell(listen, message)));
  }

  async #tell(listen: Listen, message: NotificationMessage): Promise<void> {
    const { uri } = message.params;
    const isAsked =
      message.method === 'notifications/resources/updated'
        ? typeof uri === 'string' && follows(listen.resources, uri)
        : listen.kinds.has(message.method);
    if (!isAsked) return;
    if (listen.early) {
      if (listen.early.length < MOST_EARLY) listen.early.push(message);
      return;
    }
    const { down } = listen;
    // A client that has gone is noticed by its signal.
    await down.event(tagged(message.text, down.message.id)).catch(() => undefined);
  }

  close(reason: BridgeError): void {
    this.#closing.abort(reason);
  }
}

/** The resource itself, or a part of it (MCP 2025-11-25, resources, subscriptions). */
function follows(resources: ReadonlySet<string>, uri: string): boolean {
  if (resources.has(uri)) return true;
  return [...resources].some((whole) => uri.startsWith(whole.endsWith('/') ? whole : `${whole}/`));
}

function acknowledgement(notifications: object): string {
  const method = 'notifications/subscriptions/acknowledged';
  return JSON.stringify({ jsonrpc: '2.0', method, params: { notifications } });
}

/** A notice that belongs to the listen with this raw id. */
function tagged(text: string, id: string): string {
  const span = locate(text, ['params']);
  const params = span ? text.slice(span.start, span.end) : '{}';
  const about = locate(params, ['_meta']);
  const before = about ? params.slice(about.start, about.end) : '{}';
  const by = edited(params, { _meta: edited(before, { [meta.subscriptionId]: id }) });
  return span ? replaceSpans(text, [{ ...span, by }]) : edited(text, { params: by });
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
