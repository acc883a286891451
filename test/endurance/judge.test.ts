import { describe, expect, test } from 'vitest';
import { bitOf } from './accounts.ts';
import { judge } from './judge.ts';
import { Ledger, outcomes, TWICE } from './ledger.ts';

/** One call of one client: what came of it, where it might go, and where it was carried out. */
function judged(outcome: number, allowed: number, ran: number) {
  const ledgers = { outcomes: new Ledger(), allowed: new Ledger(), executions: new Ledger() };
  ledgers.outcomes.set(3, 0, outcome);
  ledgers.allowed.set(3, 0, allowed);
  ledgers.executions.set(3, 0, ran);
  const { examples, ...found } = judge({ sent: [[3, 1]], ...ledgers });
  expect(examples).toHaveLength(Object.values(found).reduce((sum, one) => sum + one, 0));
  return found;
}

const ALL_WELL = { lost: 0, doubled: 0, misrouted: 0, falsehoods: 0 };
const both = bitOf(1) | bitOf(2);

describe('what an endurance run is judged by', () => {
  test.each([
    { what: 'answered by the account that carried it out', outcome: 2, allowed: both, ran: 2 },
    { what: 'refused before it was carried out', outcome: outcomes.notRun, allowed: both, ran: 0 },
    { what: 'cut off, and carried out', outcome: outcomes.cut, allowed: both, ran: 1 },
    { what: 'cut off, and not carried out', outcome: outcomes.cut, allowed: both, ran: 0 },
    { what: 'with an unknown end, and carried out', outcome: outcomes.mayHaveRun, allowed: both, ran: 1 },
    { what: 'a list', outcome: outcomes.list, allowed: both, ran: 0 },
  ])('a call is well: $what', ({ outcome, allowed, ran }) => {
    expect(judged(outcome, allowed, ran)).toEqual(ALL_WELL);
  });

  test.each([
    { what: 'never answered', outcome: outcomes.none, ran: 1, found: { lost: 1 } },
    { what: 'carried out twice', outcome: 1, ran: TWICE, found: { doubled: 1 } },
    { what: 'carried out elsewhere, and cut off', outcome: outcomes.cut, ran: 3, found: { misrouted: 1 } },
    { what: 'carried out and answered elsewhere', outcome: 3, ran: 3, found: { misrouted: 2 } },
    { what: 'answered by another than carried it out', outcome: 2, ran: 1, found: { falsehoods: 1 } },
    { what: 'answered, but not carried out', outcome: 2, ran: 0, found: { falsehoods: 1 } },
    {
      what: 'refused as not carried out, but it was',
      outcome: outcomes.notRun,
      ran: 1,
      found: { falsehoods: 1 },
    },
  ])('a call is not well: $what', ({ outcome, ran, found }) => {
    expect(judged(outcome, both, ran)).toEqual({ ...ALL_WELL, ...found });
  });
});
