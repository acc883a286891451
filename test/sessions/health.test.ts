import { expect, test } from 'vitest';
import { AccountHealth } from '#bridge/sessions/health.ts';
import { Account, type AccountId, SignInReason } from '#contract/account.ts';
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

test('UP-403c after five pages of a firewall in a row the account rests for a minute, and shows why', () => {
  const { health: known, needing } = health();
  const announced: number[] = [];
  known.changed.on(() => announced.push(1));
  for (let page = 1; page <= 4; page += 1) known.observe(account.id, 403, undefined, at(page), true);
  known.observe(account.id, 403, undefined, at(4), false);
  expect([known.obstacle(account, at(5)), known.condition(account)]).toEqual([undefined, undefined]);
  known.observe(account.id, 403, undefined, at(5), true);
  const obstacle = known.obstacle(account, at(64));
  expect(obstacle?.code).toBe('refused');
  expect(obstacle?.message).toContain('one.example refuses with web pages');
  expect(obstacle?.message.length).toBeLessThanOrEqual(300);
  expect(known.condition(account)).toMatchObject({ state: 'blocked', action: 'wait' });
  expect(known.obstacle(other, at(6))).toBeUndefined();
  expect(known.obstacle(account, at(66))).toBeUndefined();
  known.observe(account.id, 403, undefined, at(66), true);
  expect(known.obstacle(account, at(67))?.code).toBe('refused');
  known.observe(account.id, 200, undefined, at(130));
  expect([known.obstacle(account, at(131)), known.condition(account)]).toEqual([undefined, undefined]);
  expect([needing, announced]).toEqual([[], [1, 1]]);
});

test('a refused key after a row of pages is told as what it is', () => {
  const { health: known } = health();
  for (let page = 1; page <= 5; page += 1) known.observe(account.id, 403, undefined, at(page), true);
  known.observe(account.id, 401, undefined, at(66));
  expect(known.obstacle(account, at(67))?.code).toBe('sign-in-needed');
  expect(known.condition(account)).toBeUndefined();
});

test('UP-410 a workspace that is gone for good is shown as set up wrongly until it answers again', () => {
  const { health: known } = health();
  known.observe(account.id, 410, undefined, at(0));
  expect(known.condition(account)).toEqual({
    state: 'misconfigured',
    text: 'one.example says that its MCP server is gone for good. Check the address of the account.',
    action: 'ask-support',
  });
  expect([known.condition(other), known.obstacle(account, at(1))]).toEqual([undefined, undefined]);
  known.observe(account.id, 200, undefined, at(2));
  expect(known.condition(account)).toBeUndefined();
});

test('UP-429b the wait a workspace asked for counts down', () => {
  const { health: known } = health();
  known.observe(account.id, 429, 600, at(0));
  expect(known.obstacle(account, at(100))?.details.retryAfterSeconds).toBe(500);
  expect(known.obstacle(account, at(601))).toBeUndefined();
});

test('AC-10 an account that needs a sign-in is told so at once', () => {
  const { health: known } = health();
  const keyed = { ...account, signIn: { kind: 'key', header: 'authorization' } } as const;
  const obstacle = known.obstacle({ ...keyed, state: 'sign-in-needed' }, at(0));
  expect(obstacle?.code).toBe('sign-in-needed');
  expect(obstacle?.message).toContain('Replace the key');
});

test.each([
  ['a refusal', 401, undefined],
  ['a wait', 429, 3600],
])('a clock that is set back after %s does not make it last for hours', (_, status, waitSeconds) => {
  const { health: known } = health();
  known.observe(account.id, status, waitSeconds, at(0));
  expect(known.obstacle(account, at(1))).toBeDefined();
  expect(known.obstacle(account, at(-2 * 60 * 60))).toBeUndefined();
});

test('a new key makes the past not count', () => {
  const { health: known } = health();
  known.observe(account.id, 401, undefined, at(0));
  known.forget(account.id);
  expect(known.obstacle(account, at(1))).toBeUndefined();
});

test.each(SignInReason.options)(
  'the command that helps stays whole beside long names (%s)',
  (signInReason) => {
    const { health: known } = health();
    const slug = 's'.repeat(63);
    const host = `${'h'.repeat(63)}.`.repeat(3).concat('example');
    const long = accountFor(`https://${host}/mcp`, 'long', {
      label: 'L'.repeat(80),
      signIn: { kind: 'oauth', legacy: false },
      state: 'sign-in-needed',
      signInReason,
    });
    const { message = '' } = known.obstacle({ ...long, slug: Account.shape.slug.parse(slug) }, at(0)) ?? {};
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message).toMatch(
      /^L+: sign-in needed\. [^.].+\. Sign in: open Gangway, or run: gangway login s{63}$/,
    );
  },
);

test('an account without a credential is told that a sign-in is wanted', () => {
  const { health: known } = health();
  expect(known.obstacle({ ...account, state: 'sign-in-needed' }, at(0))?.message).toBe(
    'one: sign-in needed. one.example asks for a sign-in. Add it again, with a key or with a sign-in in the browser.',
  );
});
