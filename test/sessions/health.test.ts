import { expect, test } from 'vitest';
import { AccountHealth } from '#bridge/sessions/health.ts';
import type { AccountId } from '#contract/account.ts';
import { accountFor } from '../relay/seat.ts';

const account = accountFor('https://one.example/mcp', 'one');
const other = accountFor('https://two.example/mcp', 'two');
const at = (seconds: number): Date => new Date(1_800_000_000_000 + seconds * 1000);

function health(): { health: AccountHealth; needing: AccountId[] } {
  const needing: AccountId[] = [];
  return { health: new AccountHealth((id) => void needing.push(id)), needing };
}

test('UP-401c one refusal lets the account rest, two in a row need a person', () => {
  const { health: known, needing } = health();
  known.observe(account.id, 401, undefined, at(0));
  expect(known.obstacle(account, at(1))?.code).toBe('sign-in-needed');
  expect(known.obstacle(account, at(61))).toBeUndefined();
  expect(needing).toEqual([]);
  known.observe(account.id, 401, undefined, at(62));
  expect(needing).toEqual([account.id]);
});

test('UP-401e refusals of requests that were sent at once count as one', () => {
  const { health: known, needing } = health();
  for (let request = 0; request < 20; request += 1) known.observe(account.id, 401, undefined, at(0));
  expect(known.obstacle(account, at(1))?.code).toBe('sign-in-needed');
  expect(known.obstacle(account, at(61))).toBeUndefined();
  expect(needing).toEqual([]);
});

test('a success in between starts the count anew', () => {
  const { health: known, needing } = health();
  known.observe(account.id, 401, undefined, at(0));
  known.observe(account.id, 200, undefined, at(61));
  known.observe(account.id, 401, undefined, at(62));
  expect(needing).toEqual([]);
});

test('UP-401f the refusal of one account does not touch another', () => {
  const { health: known } = health();
  known.observe(account.id, 401, undefined, at(0));
  expect(known.obstacle(other, at(1))).toBeUndefined();
});

test('UP-429b the wait a workspace asked for counts down', () => {
  const { health: known } = health();
  known.observe(account.id, 429, 600, at(0));
  expect(known.obstacle(account, at(100))?.details.retryAfterSeconds).toBe(500);
  expect(known.obstacle(account, at(601))).toBeUndefined();
});

test('AC-10 an account that needs a sign-in is told so at once', () => {
  const { health: known } = health();
  const obstacle = known.obstacle({ ...account, state: 'sign-in-needed' }, at(0));
  expect(obstacle?.code).toBe('sign-in-needed');
  expect(obstacle?.message).toContain('Replace the key');
});

test('a new key makes the past not count', () => {
  const { health: known } = health();
  known.observe(account.id, 401, undefined, at(0));
  known.forget(account.id);
  expect(known.obstacle(account, at(1))).toBeUndefined();
});
