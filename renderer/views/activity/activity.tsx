import { Activity as ActivityIcon, ArrowUp, Download, X } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ActivityEntry } from '#contract/activity.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Empty, Loading, Page } from '../../components/page.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { CallPanel } from './call-panel.tsx';
import { CallTable } from './call-table.tsx';
import { type Calls, useCalls } from './calls.ts';
import { ExportDialog } from './export-dialog.tsx';
import { addressOf, type CallFilter, conditionsOf, filterOf, isFiltered } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { HoursChart } from './hours-chart.tsx';
import { useIsAbove } from './is-above.ts';

const words = texts.activity;

/** Every request of every app, as far as the log goes back. */
export function Activity() {
  const query = useSearch();
  const [, go] = useLocation();
  const { recent, settings } = useSnapshot();
  const [isExporting, showExport] = useState(false);
  const filter = useMemo(() => filterOf(query), [query]);
  const bar = useRef<HTMLElement>(null);
  const isEmpty = recent.length === 0;
  const show = (wanted: CallFilter): void => go(addressOf(wanted), { replace: true });
  const clear = (): void => {
    show({ span: 'all' });
    // The button is gone then.
    bar.current?.querySelector('button')?.focus();
  };
  return (
    <Page
      wide
      title={words.title}
      lead={words.lead}
      actions={
        !isEmpty && (
          <Button icon={<Download aria-hidden="true" size={16} />} onClick={() => showExport(true)}>
            {words.export}
          </Button>
        )
      }
    >
      {settings.activityDays === 0 && (
        <Notice
          tone="info"
          title={words.offTitle}
          action={
            <ButtonLink size="small" to="/settings/storage">
              {words.offAction}
            </ButtonLink>
          }
        >
          {words.offText}
        </Notice>
      )}
      {isEmpty ? (
        <Empty
          picture={<ActivityIcon size={48} strokeWidth={1.25} />}
          title={words.emptyTitle}
          text={words.emptyText}
          action={<ButtonLink to="/apps">{words.emptyAction}</ButtonLink>}
        />
      ) : (
        <>
          <HoursChart account={filter.account} client={filter.client} />
          <div className="stack">
            <FilterBar bar={bar} filter={filter} onChange={show} />
            <CallList key={query} filter={filter} onClear={clear} />
          </div>
        </>
      )}
      {isExporting && <ExportDialog filter={filter} onClose={() => showExport(false)} />}
    </Page>
  );
}

/** What fits the filters. While it is filtered or scrolled, new calls wait above instead of moving it. */
function CallList({ filter, onClear }: { filter: CallFilter; onClear: () => void }) {
  const [opened, open] = useState<ActivityEntry>();
  const top = useRef<HTMLParagraphElement>(null);
  const isScrolled = useIsAbove(top);
  const isNarrowed = isFiltered(filter);
  const conditions = useMemo(() => conditionsOf(filter, new Date()), [filter]);
  const calls = useCalls(conditions, isScrolled || isNarrowed || opened !== undefined);
  const count = calls.entries && words.shown(calls.entries.length, calls.showOlder !== undefined);
  const showWaiting = (): void => {
    calls.showWaiting();
    // The button is gone then.
    top.current?.focus();
  };
  return (
    <div className="call-list">
      <div className="call-waiting-line">
        {calls.waiting > 0 && (
          <Button
            size="small"
            className="call-waiting"
            icon={<ArrowUp aria-hidden="true" size={14} />}
            onClick={showWaiting}
          >
            {words.newer(calls.waiting)}
          </Button>
        )}
        <span role="status" className="visually-hidden">
          {calls.waiting > 0 ? words.newer(calls.waiting) : isNarrowed && count}
        </span>
      </div>
      <div className="call-count">
        <p ref={top} tabIndex={-1} className="muted small">
          {count}
        </p>
        {isNarrowed && (
          <Button kind="quiet" size="small" icon={<X aria-hidden="true" size={14} />} onClick={onClear}>
            {words.clear}
          </Button>
        )}
      </div>
      <Shown calls={calls} onOpen={open} />
      <CallPanel entry={opened} onClose={() => open(undefined)} />
    </div>
  );
}

function Shown({ calls, onOpen }: { calls: Calls; onOpen: (entry: ActivityEntry) => void }) {
  const { entries, failure, retry, showOlder, isReadingOlder } = calls;
  return (
    <>
      {failure && (
        <Notice
          tone="bad"
          action={
            <Button size="small" onClick={retry}>
              {texts.words.retry}
            </Button>
          }
        >
          {failure.message}
        </Notice>
      )}
      {!entries && !failure && <Loading lines={6} label={words.loading} />}
      {entries?.length === 0 && <Empty title={words.nothingTitle} text={words.nothingText} />}
      {entries && entries.length > 0 && <CallTable entries={entries} onOpen={onOpen} />}
      {showOlder && (
        <div className="call-more">
          <Button busy={isReadingOlder} onClick={showOlder}>
            {words.older}
          </Button>
        </div>
      )}
    </>
  );
}
