import { expect, test } from 'vitest';
import { OpenQuestions } from '#bridge/relay/modern/open-questions.ts';
import { readRequest } from './messages.ts';

const HOUR_MS = 60 * 60_000;

const call = (name: string, method = 'tools/call') =>
  readRequest(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { name } }));

test('a question is open for everybody else until it is answered', () => {
  const questions = new OpenQuestions(() => 0);
  questions.asked(call('pay'), 'a');
  expect(questions.isOpenElsewhere(call('pay'), 'a')).toBe(false);
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(true);
  expect(questions.isOpenElsewhere(call('pay'), undefined)).toBe(true);
  expect(questions.isOpenElsewhere(call('repay'), 'b')).toBe(false);
  expect(questions.isOpenElsewhere(call('pay', 'prompts/get'), 'b')).toBe(false);
  questions.answered(call('pay'), 'a');
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(false);
});

test('of two questions to the same call one is open when the other was answered', () => {
  const questions = new OpenQuestions(() => 0);
  for (let nth = 0; nth < 2; nth += 1) questions.asked(call('pay'), 'a');
  questions.answered(call('pay'), 'a');
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(true);
  questions.answered(call('pay'), 'a');
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(false);
});

test('after an hour nobody waits for the answer any more', () => {
  let now = 0;
  const questions = new OpenQuestions(() => now);
  questions.asked(call('pay'), 'a');
  now = HOUR_MS;
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(true);
  now += 1;
  expect(questions.isOpenElsewhere(call('pay'), 'b')).toBe(false);
});

test('of very many questions the oldest are forgotten', () => {
  const questions = new OpenQuestions(() => 0);
  for (let index = 0; index <= 1000; index += 1) questions.asked(call(`tool-${index}`), 'a');
  expect(questions.isOpenElsewhere(call('tool-0'), 'b')).toBe(false);
  expect(questions.isOpenElsewhere(call('tool-1'), 'b')).toBe(true);
});
