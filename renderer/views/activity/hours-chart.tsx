import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Loading } from '../../components/page.tsx';
import { clockText, useNow } from '../../components/time.tsx';
import { failureOf } from '../../failure.ts';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { useGrowth } from './growth.ts';
import { type Bar, barsOf, beginOf, type ChartSpan, ceilingOf } from './hours.ts';

const words = texts.activity;
const HEIGHT = 96;
const BOTTOM = 20;
const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' });
const dayAndHour = new Intl.DateTimeFormat('en', { weekday: 'short', hour: '2-digit', hourCycle: 'h23' });

/** How many calls there were when, as bars or as a table. */
export function HoursChart({ account, client }: { account: string | undefined; client: string | undefined }) {
  const control = useControl();
  const [span, setSpan] = useState<ChartSpan>('day');
  const [isTable, showTable] = useState(false);
  const now = useNow();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['call-hours', span, account, client],
    queryFn: ({ signal }) => {
      const since = beginOf(span, new Date()).toISOString();
      const of = { ...(account !== undefined && { account }), ...(client !== undefined && { client }) };
      return control.activity.hours({ ...of, since }, { signal });
    },
    placeholderData: (before) => before,
  });
  useGrowth(isFetching, () => void refetch());
  const bars = data && barsOf(data, span, now);
  return (
    <Card className="chart-card">
      <header className="chart-head">
        <h2>{span === 'day' ? words.perHour : words.perSixHours}</h2>
        <ul className="chart-legend small muted" aria-hidden="true">
          <li>
            <span className="chart-swatch chart-swatch-done" /> {words.done}
          </li>
          <li>
            <span className="chart-swatch chart-swatch-failed" /> {words.notDone}
          </li>
        </ul>
        <div className="row">
          <fieldset className="segments">
            <legend className="visually-hidden">{words.chartSpan}</legend>
            {(['day', 'week'] as const).map((choice) => (
              <button
                key={choice}
                type="button"
                className="segment"
                aria-pressed={span === choice}
                onClick={() => setSpan(choice)}
              >
                {words.chartSpans[choice]}
              </button>
            ))}
          </fieldset>
          <Button kind="quiet" size="small" onClick={() => showTable(!isTable)}>
            {isTable ? words.asChart : words.asTable}
          </Button>
        </div>
      </header>
      {!bars && error ? (
        <Notice
          tone="bad"
          action={
            <Button size="small" onClick={() => void refetch()}>
              {texts.words.retry}
            </Button>
          }
        >
          {failureOf(error).message}
        </Notice>
      ) : !bars ? (
        <Loading lines={2} label={words.loading} />
      ) : isTable ? (
        <ChartTable bars={bars} span={span} />
      ) : (
        <Bars bars={bars} span={span} />
      )}
    </Card>
  );
}

function Bars({ bars, span }: { bars: readonly Bar[]; span: ChartSpan }) {
  const stripes = useId();
  const ceiling = ceilingOf(bars);
  const step = 100 / bars.length;
  const heightOf = (calls: number): number => (calls === 0 ? 0 : Math.max(2, (calls / ceiling) * HEIGHT));
  return (
    <div className="chart">
      <div className="chart-axis small muted numbers" aria-hidden="true">
        <span>{ceiling.toLocaleString('en')}</span>
        <span>0</span>
      </div>
      <svg
        className="chart-bars"
        role="img"
        aria-label={summaryOf(bars, span)}
        width="100%"
        height={HEIGHT + BOTTOM}
      >
        <defs>
          <pattern
            id={stripes}
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="5" height="5" className="chart-stripe-ground" />
            <rect width="2" height="5" className="chart-stripe" />
          </pattern>
        </defs>
        <line x1="0" x2="100%" y1={0.5} y2={0.5} className="chart-line" />
        <line x1="0" x2="100%" y1={HEIGHT / 2} y2={HEIGHT / 2} className="chart-line" />
        <line x1="0" x2="100%" y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} className="chart-line chart-floor" />
        {bars.map(({ from, calls, failed }, index) => {
          const whole = heightOf(calls);
          const bad = failed === 0 ? 0 : Math.max(Math.min(4, whole), (failed / calls) * whole);
          const x = `${index * step + step * 0.14}%`;
          const width = `${step * 0.72}%`;
          return (
            <g key={from.getTime()}>
              <title>{words.bar(whenOf(from, span), calls, failed)}</title>
              {/* The whole column answers to the pointer. */}
              <rect
                x={`${index * step}%`}
                y="0"
                width={`${step}%`}
                height={HEIGHT}
                className="chart-column"
              />
              <rect x={x} y={HEIGHT - whole} width={width} height={whole - bad} className="chart-done" />
              {bad > 0 && (
                <rect
                  x={x}
                  y={HEIGHT - bad}
                  width={width}
                  height={bad}
                  fill={`url(#${stripes})`}
                  className="chart-failed"
                />
              )}
            </g>
          );
        })}
        {bars.map(({ from }, index) =>
          isLabelled(from, span) ? (
            <text key={from.getTime()} x={`${index * step}%`} y={HEIGHT + 15} className="chart-label">
              {span === 'day' ? clockText(from.toISOString()) : `${weekday.format(from)} ${from.getDate()}`}
            </text>
          ) : null,
        )}
      </svg>
    </div>
  );
}

function ChartTable({ bars, span }: { bars: readonly Bar[]; span: ChartSpan }) {
  const some = bars.filter(({ calls }) => calls > 0).reverse();
  if (some.length === 0) return <p className="muted">{words.chartNone(words.chartLast[span])}</p>;
  return (
    <div className="chart-table">
      <table className="table numbers">
        <thead>
          <tr>
            <th scope="col">{words.chartWhen}</th>
            <th scope="col">{words.chartCalls}</th>
            <th scope="col">{words.notDone}</th>
          </tr>
        </thead>
        <tbody>
          {some.map(({ from, calls, failed }) => (
            <tr key={from.getTime()}>
              <td>{whenOf(from, span)}</td>
              <td>{calls.toLocaleString('en')}</td>
              <td>{failed.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function summaryOf(bars: readonly Bar[], span: ChartSpan): string {
  const calls = bars.reduce((sum, bar) => sum + bar.calls, 0);
  const failed = bars.reduce((sum, bar) => sum + bar.failed, 0);
  const last = words.chartLast[span];
  const busiest = bars.reduce<Bar | undefined>(
    (most, bar) => (most && most.calls >= bar.calls ? most : bar),
    undefined,
  );
  if (calls === 0 || !busiest) return words.chartNone(last);
  return words.chartSummary(last, calls, failed, whenOf(busiest.from, span), busiest.calls);
}

function whenOf(from: Date, span: ChartSpan): string {
  return span === 'day' ? clockText(from.toISOString()) : dayAndHour.format(from);
}

/** Every fourth hour, or every midnight. */
function isLabelled(from: Date, span: ChartSpan): boolean {
  return from.getHours() % (span === 'day' ? 4 : 24) === 0;
}
