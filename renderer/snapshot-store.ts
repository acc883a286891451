import { ORPCError } from '@orpc/client';
import type { Snapshot } from '#contract/control.ts';
import type { ControlClient } from './connection.ts';

/**
 * How the window stands with the bridge. `lost`: what is shown may be old; it goes on trying. `locked`: the same, and
 * only a new link of the panel lets it in again.
 */
export type Link = 'connecting' | 'live' | 'lost' | 'locked';

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;

/** The latest snapshot of the bridge, kept current by `watch`. */
export class SnapshotStore implements Disposable {
  readonly #control: ControlClient;
  readonly #leaving = new AbortController();
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot | undefined;
  #link: Link = 'connecting';

  constructor(control: ControlClient) {
    this.#control = control;
    void this.#follow();
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  get link(): Link {
    return this.#link;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #follow(): Promise<void> {
    const { signal } = this.#leaving;
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      let link: Link = 'lost';
      try {
        for await (const changed of await this.#control.watch(undefined, { signal })) {
          waitMs = FIRST_WAIT_MS;
          // The first change is the whole snapshot.
          this.#show({ ...this.#snapshot, ...changed } as Snapshot, 'live');
        }
      } catch (error) {
        // Whatever it was: the bridge is not there, and comes back or not.
        if (error instanceof ORPCError && error.code === 'UNAUTHORIZED') link = 'locked';
      }
      if (signal.aborted) return;
      this.#show(this.#snapshot, link);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  #show(snapshot: Snapshot | undefined, link: Link): void {
    this.#snapshot = snapshot;
    this.#link = link;
    for (const listener of this.#listeners) listener();
  }

  [Symbol.dispose](): void {
    this.#leaving.abort();
  }
}
