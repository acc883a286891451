import { randomBytes } from 'node:crypto';
import { limits } from '../base/limits.ts';
import { BridgeError } from '../contract/errors.ts';

/** Changes that were shown, each to be made once at most, by whoever has its token. */
export class Plans<T> {
  readonly #plans = new Map<string, { readonly plan: T; readonly until: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Keeps a plan for a while; with too many, the oldest goes. @returns its token. */
  keep(plan: T): string {
    const now = this.#now().getTime();
    for (const [token, { until }] of this.#plans) if (until <= now) this.#plans.delete(token);
    for (const token of this.#plans.keys()) {
      if (this.#plans.size < limits.clientPlans) break;
      this.#plans.delete(token);
    }
    const token = randomBytes(16).toString('hex');
    this.#plans.set(token, { plan, until: now + limits.clientPlanMs });
    return token;
  }

  /** The plan, which is used up now. @throws BridgeError `conflict` for one that is unknown, used or too old. */
  use(token: string): T {
    const kept = this.#plans.get(token);
    this.#plans.delete(token);
    if (kept && kept.until > this.#now().getTime()) return kept.plan;
    throw new BridgeError(
      'conflict',
      'This change was shown too long ago, or was made already. Look at the change again.',
    );
  }
}
