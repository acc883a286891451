import { bitOf } from './accounts.ts';
import { type Ledger, outcomes, TWICE } from './ledger.ts';

export interface Ledgers {
  /** How many calls each client sent. */
  readonly sent: readonly (readonly [client: number, calls: number])[];
  /** What became of each, as its client saw it. */
  readonly outcomes: Ledger;
  /** The accounts it may have gone to, as bits. */
  readonly allowed: Ledger;
  /** The account it was carried out for, as the workspace saw it. */
  readonly executions: Ledger;
}

/** What is wrong with a run; every number has to be 0. */
export interface Verdict {
  /** Sent, and never answered. */
  readonly lost: number;
  /** Carried out more than once. */
  readonly doubled: number;
  /** Answered by, or carried out for, an account that was not the client's. */
  readonly misrouted: number;
  /** Answered though nothing was carried out, or carried out though the client was told that nothing was. */
  readonly falsehoods: number;
  /** The first few, by their nonces. */
  readonly examples: readonly string[];
}

/** Compares what clients and workspaces wrote down of every call. */
export function judge({ sent, outcomes: seen, allowed, executions }: Ledgers): Verdict {
  const found = { lost: 0, doubled: 0, misrouted: 0, falsehoods: 0 };
  const examples: string[] = [];
  const note = (
    what: keyof typeof found,
    client: number,
    call: number,
    outcome: number,
    ran: number,
  ): void => {
    found[what] += 1;
    if (examples.length < 20)
      examples.push(`${what}: ${client}.${call} (outcome ${outcome}, carried out for ${ran})`);
  };
  for (const [client, calls] of sent) {
    for (let call = 0; call < calls; call += 1) {
      const outcome = seen.get(client, call);
      const ran = executions.get(client, call);
      const bits = allowed.get(client, call);
      const say = (what: keyof typeof found): void => note(what, client, call, outcome, ran);
      if (outcome === outcomes.none) say('lost');
      if (ran === TWICE) say('doubled');
      else if (ran !== 0 && outcome !== outcomes.none && (bitOf(ran) & bits) === 0) say('misrouted');
      if (isAccount(outcome)) {
        if ((bitOf(outcome) & bits) === 0) say('misrouted');
        if (ran !== outcome && ran !== TWICE) say('falsehoods');
      } else if (outcome === outcomes.notRun && ran !== 0) say('falsehoods');
    }
  }
  return { ...found, examples };
}

function isAccount(outcome: number): boolean {
  return outcome > 0 && outcome < outcomes.notRun;
}
