import { describe, expect, test } from 'vitest';
import { type Aim, aims } from './aims.ts';
import { Conversation } from './conversation.ts';
import { type CpuProfile, selfTimes } from './cpu-profile.ts';
import { type Era, eras, question } from './door.ts';
import { erasTable, ratioOf } from './eras.ts';
import { type Figure, median, missedBy, ratios, verdict } from './figures.ts';
import { readAnswer } from './http-wire.ts';
import { cutLines } from './lines.ts';
import { loads, smallCall } from './loads.ts';
import { rows } from './rows.ts';
import { doors, SetUp } from './set-up.ts';
import { comparison, lineName, linesOf, table } from './table.ts';

const atMost: Aim = { is: 'at most', value: 1.5, of: 'reference' };
const atLeast: Aim = { is: 'at least', value: 0.8, of: 'reference' };

const figure = (way: string, era: Era, values: number[]): Figure => ({
  door: 'http',
  row: 'echo 100 B, 1 in flight',
  unit: 'ms',
  era,
  way,
  values,
});

test('the median is the middle one, or lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a ratio is taken round by round, so that a slow round does not count', () => {
  const one = figure('Gangway', 'legacy', [2, 20, 3]);
  const other = figure('reference', 'legacy', [1, 10, 2]);
  expect(ratios(one, other)).toEqual({ median: 2, least: 1.5, greatest: 2 });
});

test('an aim is missed by a part of itself, in the direction that it has', () => {
  expect(missedBy(atMost, 1.5)).toBe(0);
  expect(missedBy(atMost, 1.8)).toBeCloseTo(0.2);
  expect(missedBy(atLeast, 0.9)).toBe(0);
  expect(missedBy(atLeast, 0.6)).toBeCloseTo(0.25);
  expect(verdict(atMost, { legacy: 1.2, modern: 1.5 })).toBe('met');
  expect(verdict(atMost, { legacy: 1.2, modern: 1.8 })).toBe('missed: modern by 20 %');
  expect(verdict(atLeast, { legacy: 0.6, modern: 0.4 })).toBe('missed: legacy by 25 %, modern by 50 %');
});

test('a value that is no number meets no aim', () => {
  expect(verdict(atMost, { legacy: Number.NaN })).toContain('missed');
});

test('every aim belongs to a line of the table', () => {
  for (const door of doors) {
    const names = rows
      .filter((row) => row.door === door)
      .flatMap(({ name, cpu, ways }) => [...ways.map((way) => lineName(name, way)), cpu]);
    expect(names).toEqual(expect.arrayContaining(Object.keys(aims[door])));
  }
});

test('the table shows both eras, what they are compared with, the aim and the verdict', () => {
  const lines = linesOf([
    figure('direct', 'legacy', [0.1, 0.1]),
    figure('reference', 'legacy', [0.2, 0.4]),
    figure('Gangway', 'legacy', [0.24, 0.48]),
    figure('reference', 'modern', [0.2, 0.2]),
    figure('Gangway', 'modern', [0.35, 0.35]),
  ]);
  expect(
    table(lines)
      .split('\n')
      .map((line) => line.split(/ {3,}/)),
  ).toEqual([
    ['', 'direct', 'reference', 'legacy', 'modern', 'legacy / ref', 'modern / ref', 'aim'],
    [
      'http  echo 100 B, 1 in flight, ms',
      '0.10 ± 0%',
      '0.30 ±33%',
      '0.36 ±33%',
      '0.35 ± 0%',
      '1.20 (1.20–1.20)',
      '1.75 (1.75–1.75)',
      '≤ 1.4×',
      'missed: modern by 25 %',
    ],
    [''],
  ]);
  expect(comparison(lines)).toMatch(/1\.09 \(0\.73–1\.46\)\n$/);
});

test('two eras are compared slice by slice, as multiples, with what chance may have added', () => {
  expect(ratioOf({ legacy: [1, 10, 4], modern: [2, 5, 4] })).toEqual({
    ratio: 1,
    error: expect.closeTo(0.8),
  });
  expect(ratioOf({ legacy: [1, 7], modern: [1.5, 10.5] })).toEqual({
    ratio: expect.closeTo(1.5),
    error: expect.closeTo(0),
  });
  const pair = { door: 'http', row: 'echo', legacy: 2, modern: 2.1, ratio: 1.05, error: 0.01 } as const;
  const said = erasTable([
    { ...pair, way: 'reference', ratio: 1.02 },
    { ...pair, way: 'Gangway' },
  ]);
  expect(said.split('\n').map((line) => line.split(/ {3,}/))).toEqual([
    ['', 'legacy, ms', 'modern, ms', 'modern takes', 'in the reference'],
    ['http  echo', '2.00', '2.10', '1.050 ± 0.010', '1.020 ± 0.010'],
    ['all rows', '1.050 ± 0.010', '1.020 ± 0.010'],
    [''],
  ]);
});

test('lines are the same however their bytes are divided', () => {
  const bytes = Buffer.from('one\n\ntwo and three\nrest');
  for (let size = 1; size <= bytes.length; size += 1) {
    const lines: string[] = [];
    const take = cutLines((line) => void lines.push(line.toString()));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(lines).toEqual(['one', '', 'two and three']);
  }
});

describe('an answer over HTTP', () => {
  test.each([
    ['of a known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'],
  ])('%s is whole with its last byte, and never asks for more than that', (_, text) => {
    const bytes = Buffer.from(text);
    for (let size = 0; size < bytes.length; size += 1) {
      expect(readAnswer(bytes.subarray(0, size))).toSatisfy((wanted) => Number(wanted) <= bytes.length);
    }
    expect(readAnswer(bytes)).toMatchObject({ status: 200, body: Buffer.from('hello') });
  });
});

test('a profile counts what ran itself between two moments, and idling apart', () => {
  const callFrame = { functionName: 'work', url: 'file:///a.ts', lineNumber: 6 };
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame },
      { id: 2, callFrame: { functionName: '(idle)', url: '', lineNumber: -1 } },
      { id: 3, callFrame },
    ],
    startTime: 0,
    samples: [1, 1, 2, 3, 1],
    timeDeltas: [1000, 1000, 1000, 1000, 1000],
  };
  expect(selfTimes(profile, 2000, 4000, (url) => url.slice(8))).toEqual({
    functions: [{ name: 'work  a.ts:7', ms: 2 }],
    files: [{ name: 'a.ts', ms: 2 }],
    busyMs: 2,
    idleMs: 1,
  });
});

describe('a client of the bench', () => {
  class Canned extends Conversation {
    readonly pid = undefined;
    answer = '';
    protected async send(): Promise<string> {
      return this.answer;
    }
    async [Symbol.asyncDispose](): Promise<void> {}
  }

  test.each([
    ['the answer to another request', '{"id":2,"result":{"content":[{"text":"hello"}]}}'],
    ['another text', '{"id":1,"result":{"content":[{"text":"hullo"}]}}'],
    ['an error', '{"id":1,"error":{"code":-32603,"message":"hello"}}'],
  ])('refuses %s', async (_, answer) => {
    await using client = new Canned('legacy');
    client.answer = answer;
    const echo = question('tools/call', {}, ({ content }) => content?.[0]?.text === 'hello');
    await expect(client.ask(echo)).rejects.toThrow('Another answer');
  });
});

test('the reference does all that is asked of Gangway, in both eras', async () => {
  const nowhere = { 'TS shim from source': [], 'TS shim as one file': [], 'native shim': [] };
  await using setUp = await SetUp.start({ shims: nowhere, bridge: 'reference' });
  for (const door of doors) {
    for (const era of eras) {
      for (const place of new Set(loads[door].map((load) => load.place))) {
        await using client = setUp.open('reference', door, era, place);
        await client.begin();
        const questions = loads[door].filter((load) => load.place === place).map((load) => load.question);
        for (const asked of new Set(questions)) await client.ask(asked);
      }
    }
  }
  await using far = setUp.open('reference', 'stdio', 'legacy', 'far');
  await far.begin();
  await far.ask(smallCall);
});
