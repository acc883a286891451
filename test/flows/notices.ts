import type { Client } from '@modelcontextprotocol/client';

const LISTS = ['tools', 'prompts', 'resources'] as const;
type List = (typeof LISTS)[number];

/** Hears `notifications/<list>/list_changed` on behalf of one client; pass `listen` to `World.connect`. */
export class Notices {
  readonly #told: Record<List, number> = { tools: 0, prompts: 0, resources: 0 };
  #waiting: { list: List; times: number; reached: () => void }[] = [];

  /** How often the client was told so far that this list changed. */
  told(list: List): number {
    return this.#told[list];
  }

  readonly listen = (client: Client): void => {
    for (const list of LISTS) {
      client.setNotificationHandler(`notifications/${list}/list_changed`, () => this.#hear(list));
    }
  };

  /** Resolves once the client has been told this often, counted from its start. */
  async atLeast(list: List, times: number): Promise<void> {
    if (this.#told[list] >= times) return;
    await new Promise<void>((reached) => this.#waiting.push({ list, times, reached }));
  }

  #hear(list: List): void {
    this.#told[list] += 1;
    const ready = this.#waiting.filter((one) => this.#told[one.list] >= one.times);
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const one of ready) one.reached();
  }
}
