import { describe, expect, test } from 'vitest';
import type { ActivityEntry } from '#contract/activity.ts';
import { durationText, sizeText } from '#renderer/views/activity/amounts.ts';
import { addressOf, conditionsOf, filterOf } from '#renderer/views/activity/filter.ts';
import { barsOf, ceilingOf } from '#renderer/views/activity/hours.ts';
import { joined, olderThan, PAGE, upTo } from '#renderer/views/activity/pages.ts';

describe('the log as the screen asks for it', () => {
  const call = (id: number, at: number, durationMs = 0): ActivityEntry => ({
    id,
    at: new Date(at).toISOString(),
    durationMs,
    client: 'cursor',
    door: 'stdio',
    account: null,
    accountLabel: null,
    user: null,
    method: 'tools/call',
    target: 'list',
    outcome: 'ok',
    code: null,
    sentBytes: 0,
    receivedBytes: 0,
    truncated: false,
    arguments: null,
    result: null,
  });

  test('no call is lost between pages, although the log is in the order in which calls ended', () => {
    // Every seventh call ran for long, so that it began before many that stand below it.
    const log = Array.from({ length: 1000 }, (_, index) => {
      const ended = 10_000_000 + index * 700;
      const durationMs = index % 7 === 0 ? 400_000 : 30;
      return call(index + 1, ended - durationMs, durationMs);
    }).reverse();
    let seen = log.slice(0, PAGE);
    for (let reads = 0; seen.length < log.length; reads += 1) {
      expect(reads).toBeLessThan(20);
      const part = olderThan(seen);
      const page = log.filter(({ at }) => at <= (part?.until ?? '')).slice(0, part?.limit);
      seen = joined([seen, page]);
      expect(seen.map(({ id }) => id)).toEqual(log.slice(0, seen.length).map(({ id }) => id));
    }
  });

  test('what a person has seen stays until nothing of it is left', () => {
    const log = [call(5, 5), call(4, 4), call(3, 3)];
    expect(upTo(log, 4).map(({ id }) => id)).toEqual([4, 3]);
    expect(upTo(log, 2)).toBe(log);
  });

  test.each([
    ['', '/activity'],
    ['account=acc_1', '/activity?account=acc_1'],
    ['tool=a%20b&outcome=tool-error&span=week', '/activity?outcome=tool-error&tool=a+b&span=week'],
    ['outcome=nonsense&span=year&client=', '/activity'],
  ])('the address with the query "%s" shows %s', (query, address) => {
    expect(addressOf(filterOf(query))).toBe(address);
  });

  test('a span begins that long before now', () => {
    const now = new Date('2026-11-21T10:00:00Z');
    expect(conditionsOf({ span: 'day', client: 'cursor' }, now)).toEqual({
      client: 'cursor',
      since: '2026-11-20T10:00:00.000Z',
    });
    expect(conditionsOf({ span: 'all' }, now)).toEqual({});
  });

  test('hours of UTC stand in the hour of the person in which they began', () => {
    const now = new Date(2026, 10, 21, 17, 20);
    const at = (...[day, hour, minute = 0]: [number, number, number?]): string =>
      new Date(2026, 10, day, hour, minute).toISOString();
    const bars = barsOf(
      [
        { at: at(20, 16), calls: 100, failed: 0 },
        { at: at(20, 18, 30), calls: 3, failed: 1 },
        { at: at(21, 17), calls: 7, failed: 2 },
      ],
      'day',
      now,
    );
    expect(bars).toHaveLength(24);
    expect(bars[0]?.from).toEqual(new Date(2026, 10, 20, 18));
    expect(bars.filter(({ calls }) => calls > 0)).toEqual([
      { from: new Date(2026, 10, 20, 18), calls: 3, failed: 1 },
      { from: new Date(2026, 10, 21, 17), calls: 7, failed: 2 },
    ]);
    const week = barsOf([{ at: at(19, 7), calls: 4, failed: 0 }], 'week', now);
    expect(week).toHaveLength(28);
    expect(week.find(({ calls }) => calls > 0)?.from).toEqual(new Date(2026, 10, 19, 6));
    expect(week.at(-1)?.from).toEqual(new Date(2026, 10, 21, 12));
  });

  test('the axis ends at a round number', () => {
    const ceilings = [0, 4, 5, 11, 39, 41, 100, 101].map((calls) =>
      ceilingOf([{ from: new Date(), calls, failed: 0 }]),
    );
    expect(ceilings).toEqual([4, 4, 10, 20, 40, 100, 100, 200]);
  });

  test('durations and sizes are said in the unit that fits', () => {
    expect([0.2, 12.4, 999.4, 1234, 65_400].map(durationText)).toEqual([
      '1 ms',
      '12 ms',
      '999 ms',
      '1.23 s',
      '1 min 5 s',
    ]);
    expect([0, 999, 1234, 33_210, 4_200_000].map(sizeText)).toEqual([
      '0 B',
      '999 B',
      '1.23 kB',
      '33.2 kB',
      '4.2 MB',
    ]);
  });
});
