import { performance } from 'node:perf_hooks';
import type { Account, AccountId } from '../contract/account.ts';
import { ToolSchemas } from './modern/tool-schemas.ts';
import { Probe } from './probe.ts';

/** Legacy: MCP 2025-11-25 and older, with a handshake. Modern: MCP 2026-07-28 and newer, without one. */
export type Era = 'legacy' | 'modern';

/** A workspace that does not speak an era may learn it any day, so it is asked again from time to time. */
const NO_COUNTS_MS = 15 * 60_000;
/** That it does is taken back as soon as it proves wrong; this is only so that nothing is believed for ever. */
const YES_COUNTS_MS = 24 * 60 * 60_000;

interface Verdict {
  readonly speaks: boolean;
  /** On the monotonic clock. */
  readonly atMs: number;
}

interface Known {
  /** As it was when this was found out. */
  upstream: Account['upstream'];
  readonly key: string;
  readonly verdicts: Map<Era, Verdict>;
  readonly probes: Map<Era, Probe>;
  readonly schemas: ToolSchemas;
}

/**
 * What was found out about how each workspace speaks: its eras, with the time of each verdict, and the parts of its
 * tools' schemas that a request's headers are made from. Kept per account and address for the life of the process,
 * because what a workspace offers may depend on who asks.
 */
export class Eras {
  readonly #known = new Map<AccountId, Known>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the workspace speaks this era; undefined when that has to be found out. */
  speaks(account: Account, era: Era): boolean | undefined {
    const verdict = this.#of(account).verdicts.get(era);
    if (!verdict) return undefined;
    const age = this.#now() - verdict.atMs;
    return age < (verdict.speaks ? YES_COUNTS_MS : NO_COUNTS_MS) ? verdict.speaks : undefined;
  }

  /** A workspace's own answer proved it. A refused credential, a fault or silence proves nothing, so it is not learnt here. */
  learn(account: Account, era: Era, speaks: boolean): void {
    this.#of(account).verdicts.set(era, { speaks, atMs: this.#now() });
  }

  /**
   * Whether the workspace speaks this era. When that is not known, `ask` finds it out, once for all who want to know
   * meanwhile; it is given up when nobody does any more.
   */
  async findOut(
    account: Account,
    era: Era,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<boolean>,
  ): Promise<boolean> {
    const known = this.speaks(account, era);
    if (known !== undefined) return known;
    const { probes } = this.#of(account);
    let probe = probes.get(era);
    if (!probe || probe.isOver) {
      probe = new Probe(async (either) => {
        const speaks = await ask(either);
        this.learn(account, era, speaks);
        return speaks;
      });
      probes.set(era, probe);
    }
    return probe.join(signal);
  }

  /** What was believed proved wrong; the next request asks again. */
  doubt(account: Account): void {
    this.#of(account).verdicts.clear();
  }

  schemas(account: Account): ToolSchemas {
    return this.#of(account).schemas;
  }

  forget(account: AccountId): void {
    this.#known.delete(account);
  }

  #of({ id, upstream }: Account): Known {
    const before = this.#known.get(id);
    // Accounts are frozen, so the same object says the same; another one may.
    if (before?.upstream === upstream) return before;
    const key = JSON.stringify(upstream);
    if (before?.key === key) {
      before.upstream = upstream;
      return before;
    }
    const fresh: Known = {
      upstream,
      key,
      verdicts: new Map(),
      probes: new Map(),
      schemas: new ToolSchemas(),
    };
    this.#known.set(id, fresh);
    return fresh;
  }
}
