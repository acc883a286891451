import type { ActivityHour } from '#contract/control.ts';

export type ChartSpan = 'day' | 'week';

/** One bar of the chart. */
export interface Bar {
  readonly from: Date;
  readonly calls: number;
  /** Of those, what did not end as `ok`. */
  readonly failed: number;
}

const HOUR_MS = 60 * 60_000;
/** Hours of the person's own day that one bar stands for, and how many bars there are. */
const shapes: Readonly<Record<ChartSpan, { hours: number; bars: number }>> = {
  day: { hours: 1, bars: 24 },
  week: { hours: 6, bars: 28 },
};

/** The bars of the chart, oldest first, with the hours of UTC put where they belong in the person's own time. */
export function barsOf(hours: readonly ActivityHour[], span: ChartSpan, now: Date): Bar[] {
  const starts = startsOf(span, now);
  const bars = starts.map((from) => ({ from, calls: 0, failed: 0 }));
  for (const { at, calls, failed } of hours) {
    const time = Date.parse(at);
    // An hour of UTC may begin before the first bar where clocks differ by half an hour.
    const index = Math.max(
      0,
      starts.findLastIndex((from) => from.getTime() <= time),
    );
    const bar = bars[index];
    if (!bar || time + HOUR_MS <= bar.from.getTime()) continue;
    bar.calls += calls;
    bar.failed += failed;
  }
  return bars;
}

/** From when on calls are counted. */
export function beginOf(span: ChartSpan, now: Date): Date {
  return startsOf(span, now)[0] ?? now;
}

/** The tallest number of the axis: 4, 10, 20, 40, 100 … */
export function ceilingOf(bars: readonly Bar[]): number {
  const most = Math.max(4, ...bars.map(({ calls }) => calls));
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

function startsOf(span: ChartSpan, now: Date): Date[] {
  const { hours, bars } = shapes[span];
  const last = new Date(now);
  last.setHours(Math.floor(now.getHours() / hours) * hours, 0, 0, 0);
  return Array.from({ length: bars }, (_, index) => {
    const from = new Date(last);
    const back = (bars - 1 - index) * hours;
    // Hours pass evenly; days begin at midnight even where one of them is shorter.
    if (hours === 1) from.setTime(last.getTime() - back * HOUR_MS);
    else from.setHours(last.getHours() - back);
    return from;
  });
}
