import { performance } from 'node:perf_hooks';
import { limits } from '../../base/limits.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';

const MOST_QUESTIONS = 1000;

interface Open {
  /** A client may have made the same call several times. */
  readonly count: number;
  /** When the latest was asked, on the monotonic clock. */
  readonly atMs: number;
}

/**
 * Who asked this client something that it has not answered yet. A question is answered with its sealed state, which says
 * who asked. Answers that come without one are a client's own doing; they are passed on (MCP 2026-07-28, multi
 * round-trip requests: a server ignores what it did not ask for), unless another account has asked for the same thing,
 * whose answers they may be.
 */
export class OpenQuestions {
  /** The oldest first. */
  readonly #open = new Map<string, Open>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param mark `identityMark` of the identity that asked. */
  asked(request: RequestMessage, mark: string): void {
    const key = keyOf(request, mark);
    const count = (this.#open.get(key)?.count ?? 0) + 1;
    this.#open.delete(key);
    this.#open.set(key, { count, atMs: this.#now() });
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size > MOST_QUESTIONS) this.#open.delete(oldest);
  }

  /** The workspace has taken the answers. */
  answered(request: RequestMessage, mark: string): void {
    const key = keyOf(request, mark);
    const open = this.#open.get(key);
    if (open && open.count > 1) this.#open.set(key, { ...open, count: open.count - 1 });
    else this.#open.delete(key);
  }

  /** Somebody else than this identity waits for answers to the same method and name. */
  isOpenElsewhere(request: RequestMessage, mark: string | undefined): boolean {
    const about = aboutOf(request);
    const own = mark === undefined ? undefined : keyOf(request, mark);
    for (const [key, { atMs }] of this.#open) {
      const isLate = this.#now() - atMs > limits.requestStateMs;
      if (isLate) this.#open.delete(key);
      else if (key !== own && key.endsWith(about)) return true;
    }
    return false;
  }
}

function keyOf(request: RequestMessage, mark: string): string {
  return mark + aboutOf(request);
}

function aboutOf({ method, params }: RequestMessage): string {
  return ` ${JSON.stringify([method, params.name ?? params.uri])}`;
}
