import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { DoctorCheck, DoctorReport } from '#contract/doctor.ts';
import { Health, type Tone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-box.tsx';
import { Details } from '../../components/details.tsx';
import { Notice } from '../../components/notice.tsx';
import { Loading, Page } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { failureOf } from '../../failure.ts';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { FixButton } from './fix-button.tsx';
import { areasOf, type CheckedArea, reportText, summaryOf } from './report.ts';

const words = texts.doctor;

/** A look at everything that can be wrong, and what helps. It begins when the page opens. */
export function Doctor() {
  const control = useControl();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['doctor'],
    queryFn: ({ signal }) => control.doctor(undefined, { signal }),
    // Old findings are no findings.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  useAgainWhenPutRight(() => void refetch());
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          {data && <CopyButton text={reportText(data)} label={words.copy} size="normal" />}
          <Button
            busy={isFetching}
            icon={<RotateCw aria-hidden="true" size={16} />}
            onClick={() => void refetch()}
          >
            {words.again}
          </Button>
        </>
      }
    >
      <p className={isFetching && !data ? 'muted' : 'visually-hidden'} role="status">
        {isFetching ? words.running : data && summaryOf(data)}
      </p>
      {isFetching && !data && <Loading lines={5} label="" />}
      {error && !isFetching && (
        <Notice tone="bad" title={words.failed}>
          {failureOf(error).message}
        </Notice>
      )}
      {data && <Report report={data} isOld={isFetching} />}
    </Page>
  );
}

/** What was unlocked or resumed here, or anywhere, is no finding any more. */
function useAgainWhenPutRight(look: () => void): void {
  const { status } = useSnapshot();
  const now = `${status.paused} ${status.vault.state}`;
  const before = useRef(now);
  useEffect(() => {
    if (before.current === now) return;
    before.current = now;
    look();
  });
}

function Report({ report, isOld }: { report: DoctorReport; isOld: boolean }) {
  return (
    <div className="stack" aria-busy={isOld}>
      <Summary report={report} />
      <div className="doctor-areas">
        {areasOf(report).map((area) => (
          <Area key={area.area} area={area} />
        ))}
      </div>
      <p className="muted small">
        {words.checkedAt} <Ago at={report.at} />
      </p>
    </div>
  );
}

/** The outcome at a glance; the page says it aloud. */
function Summary({ report }: { report: DoctorReport }) {
  const has = (wanted: DoctorCheck['state']): boolean => report.checks.some(({ state }) => state === wanted);
  const tone = has('bad') ? 'bad' : has('notice') ? 'info' : 'good';
  return (
    <Notice tone={tone} live={false}>
      {summaryOf(report)}
    </Notice>
  );
}

const tones = { ok: 'good', notice: 'info', bad: 'bad', skipped: 'plain' } as const satisfies Record<
  DoctorCheck['state'],
  Tone
>;

/** One area: what was found in full, what is fine behind a line. */
function Area({ area: { area, found, fine } }: { area: CheckedArea }) {
  const id = `doctor-${area}`;
  const title = (
    <h2 id={id} className="grow">
      {words.areas[area]}
    </h2>
  );
  if (found.length === 0) {
    return (
      <section className="app-card doctor-quiet" aria-labelledby={id}>
        <Details
          summary={
            <span className="doctor-line">
              {title}
              <AllFine checks={fine} />
            </span>
          }
        >
          <FineChecks checks={fine} />
        </Details>
      </section>
    );
  }
  return (
    <section className="app-card" aria-labelledby={id}>
      <header className="app-head doctor-head">{title}</header>
      <ul className="doctor-list">
        {found.map((check) => (
          <Check key={keyOf(check)} check={check} />
        ))}
      </ul>
      {fine.length > 0 && (
        <div className="doctor-fine">
          <Details summary={words.fine(fine.length)}>
            <FineChecks checks={fine} />
          </Details>
        </div>
      )}
    </section>
  );
}

/** What was skipped is not known to be fine. */
function AllFine({ checks }: { checks: readonly DoctorCheck[] }) {
  const skipped = checks.filter(({ state }) => state === 'skipped').length;
  return (
    <span className="small doctor-verdict">
      {skipped > 0 ? (
        <Health tone="plain">{words.skipped(skipped)}</Health>
      ) : (
        <Health tone="good">{words.allFine}</Health>
      )}
    </span>
  );
}

function FineChecks({ checks }: { checks: readonly DoctorCheck[] }) {
  return (
    <ul className="stack-tight">
      {checks.map((check) => (
        <li key={keyOf(check)} className="small">
          <CheckText check={check} />
        </li>
      ))}
    </ul>
  );
}

function keyOf({ id, subject, text }: DoctorCheck): string {
  return `${id} ${subject ?? ''} ${text}`;
}

function Check({ check }: { check: DoctorCheck }) {
  return (
    <li className="doctor-check">
      <div className="grow">
        <CheckText check={check} />
        {check.fix !== null && <p className="doctor-fix">{check.fix}</p>}
      </div>
      <FixButton check={check} />
    </li>
  );
}

function CheckText({ check: { state, text } }: { check: DoctorCheck }) {
  return (
    <Health tone={tones[state]}>
      <span className="visually-hidden">{words.states[state]}: </span>
      <span className="account-who">{text}</span>
    </Health>
  );
}
