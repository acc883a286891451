import fc from 'fast-check';
import { FAULTS, type Fault } from './schedule.ts';

export interface Opening {
  readonly door: 'stdio' | 'http';
  readonly era: 'legacy' | 'modern';
  /** Which of the addresses it is set up for: the current account, the connector, or one account for good. */
  readonly address: number;
}

export type Step = (
  | { readonly do: 'open'; readonly client: Opening }
  | { readonly do: 'close'; readonly client: number }
  | {
      readonly do: 'call';
      readonly client: number;
      readonly method: string;
      readonly how: string;
      readonly id: number;
      readonly wantsProgress: boolean;
    }
  | { readonly do: 'cancel'; readonly client: number; readonly pick: number }
  | { readonly do: 'answer'; readonly client: number; readonly pick: number; readonly isRefused: boolean }
  | { readonly do: 'listen'; readonly client: number }
  | { readonly do: 'use'; readonly account: number }
  | { readonly do: 'act'; readonly account: number; readonly user: number }
  | { readonly do: 'remove'; readonly account: number }
  | { readonly do: 'add'; readonly place: number; readonly user: number }
  | { readonly do: 'rotate'; readonly account: number; readonly check: boolean }
  | { readonly do: 'happen'; readonly pick: number; readonly fault: Fault }
  | { readonly do: 'notice'; readonly place: number; readonly pick: number }
  | { readonly do: 'forget'; readonly place: number }
  | { readonly do: 'restart'; readonly isKilled: boolean }
) & {
  /** How much of what is under way happens before the next step: so many hops of promises, or all of it. */
  readonly rest: number | 'all';
};

export interface Program {
  readonly clients: readonly Opening[];
  readonly steps: readonly Step[];
}

const METHODS = [
  'tools/call',
  'tools/call',
  'tools/call',
  'tools/list',
  'resources/list',
  'resources/read',
  'prompts/list',
  'ping',
];
const HOWS = ['', '', 'stream', 'stream', 'ask', 'ask-standing', 'ask-sampling', 'ask-roots'];

const opening: fc.Arbitrary<Opening> = fc.record({
  door: fc.constantFrom('stdio', 'http'),
  era: fc.constantFrom('legacy', 'modern'),
  address: fc.nat(7),
});
const rest = fc.constantFrom<number | 'all'>('all', 'all', 'all', 0, 1, 2, 3, 5, 8, 13, 30);
const small = fc.nat(3);
const pick = fc.nat(11);
const said = <K extends Step['do']>(what: K): fc.Arbitrary<K> => fc.constant(what);

/** Nothing goes wrong: clients come, go and ask, and a person switches. */
const calm: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 24,
    arbitrary: fc.record({
      do: said('call'),
      client: small,
      method: fc.constantFrom(...METHODS),
      how: fc.constantFrom(...HOWS),
      id: small,
      wantsProgress: fc.boolean(),
      rest,
    }),
  },
  { weight: 30, arbitrary: fc.record({ do: said('happen'), pick, fault: fc.constant<Fault>('none'), rest }) },
  { weight: 8, arbitrary: fc.record({ do: said('use'), account: small, rest }) },
  { weight: 4, arbitrary: fc.record({ do: said('act'), account: small, user: small, rest }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: said('answer'), client: small, pick, isRefused: fc.boolean(), rest }),
  },
  { weight: 2, arbitrary: fc.record({ do: said('cancel'), client: small, pick, rest }) },
  { weight: 2, arbitrary: fc.record({ do: said('listen'), client: small, rest }) },
  { weight: 2, arbitrary: fc.record({ do: said('notice'), place: small, pick, rest }) },
  { weight: 2, arbitrary: fc.record({ do: said('open'), client: opening, rest }) },
  { weight: 1, arbitrary: fc.record({ do: said('close'), client: small, rest }) },
];

const wild: fc.WeightedArbitrary<Step>[] = [
  ...calm,
  { weight: 14, arbitrary: fc.record({ do: said('happen'), pick, fault: fc.constantFrom(...FAULTS), rest }) },
  { weight: 3, arbitrary: fc.record({ do: said('rotate'), account: small, check: fc.boolean(), rest }) },
  { weight: 1, arbitrary: fc.record({ do: said('remove'), account: small, rest }) },
  { weight: 1, arbitrary: fc.record({ do: said('add'), place: small, user: small, rest }) },
  { weight: 2, arbitrary: fc.record({ do: said('forget'), place: small, rest }) },
  { weight: 1, arbitrary: fc.record({ do: said('restart'), isKilled: fc.boolean(), rest }) },
];

function programOf(steps: fc.WeightedArbitrary<Step>[]): fc.Arbitrary<Program> {
  return fc.record({
    clients: fc.array(opening, { minLength: 1, maxLength: 4 }),
    steps: fc.array(fc.oneof(...steps), { minLength: 5, maxLength: 45, size: 'max' }),
  });
}

/** Any life of a bridge; in every third nothing goes wrong, so that nothing may fail. */
export const program: fc.Arbitrary<Program> = fc.oneof(
  { weight: 1, arbitrary: programOf(calm) },
  { weight: 2, arbitrary: programOf(wild) },
);
