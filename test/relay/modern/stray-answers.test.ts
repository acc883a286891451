import { expect, test } from 'vitest';
import { startModern } from '../../workspaces/modern.ts';
import { accountFor, Room } from '../seat.ts';
import { ModernClient, textOf } from './client.ts';

const asks = { question: 'which?' };
const inputResponses = { answer: { action: 'accept', content: { answer: 'blue' } } };

test('answers without a state go to no other account as long as one question to that tool is open', async () => {
  await using a = await startModern({ name: 'a' });
  await using b = await startModern({ name: 'b' });
  const accountB = accountFor(b.url, 'account-b');
  await using room = new Room([accountFor(a.url, 'account-a'), accountB]);
  const client = new ModernClient(room);
  const stray = () => client.call('ask', asks, { inputResponses });
  const [first, second] = [await client.call('ask', asks), await client.call('ask', asks)].map(
    ({ result }) => ({ requestState: result?.requestState, inputResponses }),
  );
  room.use(accountB);
  expect(textOf(await client.call('ask', asks, first))).toBe('a: blue');
  expect((await stray()).error?.code).toBe(-32602);
  room.paused = true;
  expect((await client.call('ask', asks, second)).error?.code).toBe(-31013);
  room.paused = false;
  // Answers that the person's rules kept back are still to come.
  expect((await stray()).error?.code).toBe(-32602);
  expect(b.requests.calls('ask')).toHaveLength(0);
  expect(textOf(await client.call('ask', asks, second))).toBe('a: blue');
  expect(textOf(await stray())).toBe('b: blue');
});
