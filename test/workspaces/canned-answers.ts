import type { ServerResponse } from 'node:http';
import type { Arrival } from './arrival.ts';

/** One canned HTTP answer instead of the real one. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function can put the id of the request into its answer. */
  readonly body?: string | ((arrival: Arrival) => string);
  /** Which requests get it; all when absent. */
  readonly when?: (arrival: Arrival) => boolean;
  /** How many requests get it; 1 when absent. */
  readonly times?: number;
}

/** What a workspace was told to answer instead of asking its server. */
export class CannedAnswers {
  readonly #answers: { readonly answer: CannedAnswer; left: number }[] = [];

  add(answer: CannedAnswer): void {
    this.#answers.push({ answer, left: answer.times ?? 1 });
  }

  /** Gives the first answer that is meant for this request; false when there is none. */
  give(arrival: Arrival, response: ServerResponse): boolean {
    const found = this.#answers.find(({ answer, left }) => left > 0 && (answer.when?.(arrival) ?? true));
    if (found === undefined) return false;
    found.left -= 1;
    const { status, headers, body } = found.answer;
    response.writeHead(status, { ...headers }).end(typeof body === 'function' ? body(arrival) : body);
    return true;
  }
}
