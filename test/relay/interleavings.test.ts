import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '#contract/account.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { accountFor, Room, type Seat } from './seat.ts';

const NAMES = ['a', 'b', 'c'] as const;

let workspaces: PlainWorkspace[];
let accounts: Account[];

beforeAll(async () => {
  workspaces = await Promise.all(NAMES.map((name) => startPlain({ name, resumable: true, retryMs: 500 })));
  accounts = workspaces.map((workspace, index) => accountFor(workspace.url, `account-${NAMES[index]}`));
});

afterAll(async () => {
  await Promise.all(workspaces.map((workspace) => workspace[Symbol.asyncDispose]()));
});

type Step =
  | { readonly kind: 'call'; readonly client: number }
  | { readonly kind: 'switch'; readonly to: number }
  | { readonly kind: 'forget'; readonly which: number }
  | { readonly kind: 'rest' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('call' as const), client: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('switch' as const), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), which: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'rest' as const }) },
);

/** Runs the steps without waiting for calls, so that they overlap switches and lost sessions. */
async function play(steps: readonly Step[]): Promise<void> {
  await using room = new Room(accounts);
  const seats: { seat: Seat; pinned: string | undefined }[] = [
    { seat: room.seat(), pinned: undefined },
    { seat: room.seat(), pinned: undefined },
    { seat: room.seat('account-b'), pinned: 'b' },
    { seat: room.seat('account-c'), pinned: 'c' },
  ];
  await Promise.all(seats.map(({ seat }) => seat.greet()));
  let current: string = NAMES[0];
  const running: Promise<{ got: string; expected: string }>[] = [];
  for (const [index, what] of steps.entries()) {
    if (what.kind === 'call') {
      const place = seats[what.client];
      if (!place) continue;
      const expected = `${place.pinned ?? current}: ${index}`;
      running.push(place.seat.call('echo', { text: String(index) }).then((got) => ({ got, expected })));
    } else if (what.kind === 'switch') {
      const account = accounts[what.to];
      if (!account) continue;
      current = NAMES[what.to] ?? current;
      room.use(account);
    } else if (what.kind === 'forget') {
      // A request survives a lost session, not one session lost after the other.
      await Promise.all(running);
      await workspaces[what.which]?.forgetSessions();
    } else {
      await running.at(-1);
    }
  }
  const outcomes = await Promise.all(running);
  expect(outcomes.filter(({ got, expected }) => got !== expected)).toEqual([]);
  expect(seats.reduce((sum, { seat }) => sum + seat.answers.length, 0)).toBe(running.length + seats.length);
}

test('every call is answered once, by the account that was chosen when it started', {
  timeout: 120_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), play), {
    numRuns: 100,
    endOnFailure: true,
  });
});
