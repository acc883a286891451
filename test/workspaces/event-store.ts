import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

interface Kept {
  readonly id: string;
  readonly stream: string;
  readonly message: JSONRPCMessage;
}

/** Remembers the server-sent events of one session, so that a broken stream can be resumed with `Last-Event-ID`. */
export class MemoryEventStore implements EventStore {
  readonly #kept: Kept[] = [];

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = `${stream}_${this.#kept.length + 1}`;
    this.#kept.push({ id, stream, message });
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#kept.find((event) => event.id === id)?.stream;
  }

  async replayEventsAfter(
    lastId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const last = this.#kept.findIndex((event) => event.id === lastId);
    const stream = this.#kept[last]?.stream;
    if (stream === undefined) return '';
    for (const event of this.#kept.slice(last + 1)) {
      // A priming event is stored as an empty message and has nothing to say a second time.
      if (event.stream === stream && Object.keys(event.message).length > 0) {
        await send(event.id, event.message);
      }
    }
    return stream;
  }
}
