import { expect, test } from 'vitest';
import type { SessionView } from '#contract/session.ts';
import { quitQuestion } from '#main/quit-question.ts';

const session = (client: string, program: string | null, id = client): SessionView => ({
  ...{
    id,
    client,
    program,
    door: 'stdio',
    address: 'current',
    account: null,
    protocolVersion: null,
    calls: 0,
  },
  since: '2026-01-01T00:00:00.000Z',
});
const asks = { askBeforeQuit: true };
const two = { sessions: [session('cursor', 'Cursor 1.0'), session('claude', null)] };

test('quitting says what it costs while apps are connected', () => {
  expect(quitQuestion(two, asks, true)).toEqual({
    message: 'Two apps are connected.',
    detail: 'They will lose access until you start Gangway again.',
    buttons: ['Quit', 'Keep in background'],
    tick: 'Do not ask again',
  });
});

test.each<[number, string, string]>([
  [1, 'One app is connected.', 'It will'],
  [3, 'Three apps are connected.', 'They will'],
  [10, 'Ten apps are connected.', 'They will'],
  [12, '12 apps are connected.', 'They will'],
])('%d programs are counted in words', (count, message, detail) => {
  const sessions = Array.from({ length: count }, (_, number) => session(`c${number}`, null));
  const question = quitQuestion({ sessions }, asks, true);
  expect(question?.message).toBe(message);
  expect(question?.detail).toContain(detail);
});

test('an app with several conversations is one app', () => {
  const sessions = ['1', '2', '3'].map((id) => session('cursor', 'Cursor 1.0', id));
  expect(quitQuestion({ sessions }, asks, true)?.message).toBe('One app is connected.');
});

test.each([
  ['nobody is connected', { sessions: [] }, asks, true],
  ['nothing is known', undefined, asks, true],
  ['the person does not want to be asked', two, { askBeforeQuit: false }, true],
  ['the bridge runs elsewhere and stays', two, asks, false],
])('nothing is asked when %s', (_when, snapshot, choices, isHosted) => {
  expect(quitQuestion(snapshot, choices, isHosted)).toBeUndefined();
});
