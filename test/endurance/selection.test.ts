import { expect, test } from 'vitest';
import { bitOf } from './accounts.ts';
import { flatnessOf, type Sample } from './memory.ts';
import { Outages } from './outages.ts';
import { Records } from './records.ts';
import { Selection } from './selection.ts';

test('only accounts that may have been selected while a call ran are acceptable', () => {
  const selection = new Selection();
  selection.settle(1);
  const before = selection.now;
  expect(selection.since(before)).toBe(bitOf(1));
  selection.begin(2);
  expect(selection.since(before)).toBe(bitOf(1) | bitOf(2));
  const during = selection.now;
  selection.settle(2);
  expect(selection.since(before)).toBe(bitOf(1) | bitOf(2));
  expect(selection.since(during)).toBe(bitOf(1) | bitOf(2));
  expect(selection.since(selection.now)).toBe(bitOf(2));
});

test('a switch that failed leaves the account that was selected', () => {
  const selection = new Selection();
  selection.settle(1);
  selection.begin(2);
  selection.settle(1);
  expect(selection.since(selection.now)).toBe(bitOf(1));
});

test('an outage explains what went on while it lasted, of the workspace that it concerns only', () => {
  const outages = new Outages();
  const before = performance.now();
  expect(outages.explains(before, ['owner', 'allv'])).toBe(false);
  outages.begin('allv');
  expect(outages.explains(before, ['owner', 'allv'])).toBe(true);
  expect(outages.explains(before, ['owner', 'pelcro'])).toBe(false);
  outages.end('allv');
  expect(outages.explains(before, ['allv'])).toBe(true);
  expect(outages.explains(performance.now() + 60_000, ['allv'])).toBe(false);
});

test('of lines that differ in digits only, one is searched for secrets; every other one too', () => {
  const records = new Records();
  for (const line of ['{"id":1}', '{"id":22}', '{"id":3,"key":"a1"}', '{"id":4,"key":"b1"}'])
    records.see(line);
  expect(records.shapes).toEqual(['{"id":1}', '{"id":3,"key":"a1"}', '{"id":4,"key":"b1"}']);
});

test('memory is judged within the last life, from its second minute on', () => {
  const life = (number: number, seconds: number, at: (second: number) => number): Sample[] =>
    Array.from({ length: seconds }, (_, second) => ({
      life: number,
      seconds: second,
      residentMB: at(second),
      files: 100,
    }));
  const flat = flatnessOf([
    ...life(0, 60, () => 90),
    ...life(1, 200, (second) => (second < 40 ? 80 + second / 2 : 100)),
  ]);
  expect(flat).toMatchObject({
    isJudged: true,
    warmMB: 100,
    endMB: 100,
    ratio: 1,
    sameMoment: { firstMB: 90 },
  });
  const leaking = flatnessOf(life(0, 200, (second) => 100 + second));
  expect(leaking.ratio).toBeGreaterThan(1.5);
  expect(flatnessOf(life(0, 60, () => 90)).isJudged).toBe(false);
});
