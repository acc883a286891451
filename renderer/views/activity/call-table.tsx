import { Scissors } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { ActivityEntry } from '#contract/activity.ts';
import type { AccountView } from '#contract/control.ts';
import { ColorDot } from '../../components/badge.tsx';
import { exactText, useNow } from '../../components/time.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { durationText, sizeText, whenText } from './amounts.ts';
import { callName } from './call-text.ts';
import { OutcomeSign } from './outcome.tsx';

const words = texts.activity;

/** One line per call; each opens its details. Arrow keys move between them. */
export function CallTable({
  entries,
  onOpen,
}: {
  entries: readonly ActivityEntry[];
  onOpen: (entry: ActivityEntry) => void;
}) {
  const { accounts } = useSnapshot();
  const now = useNow();
  const byId = new Map<string, AccountView>(accounts.map((account) => [account.id, account]));
  const { columns } = words;
  return (
    <div className="table-frame">
      <table className="table call-table">
        <caption className="visually-hidden">{words.list}</caption>
        <thead>
          <tr>
            <th scope="col" className="call-time">
              {columns.time}
            </th>
            <th scope="col" className="call-client">
              {columns.client}
            </th>
            <th scope="col" className="call-account">
              {columns.account}
            </th>
            <th scope="col" className="call-user">
              {columns.user}
            </th>
            <th scope="col">{columns.call}</th>
            <th scope="col" className="call-outcome">
              {columns.outcome}
            </th>
            <th scope="col" className="call-duration">
              {columns.duration}
            </th>
            <th scope="col" className="call-size">
              {columns.size}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row
              key={entry.id}
              entry={entry}
              account={entry.account === null ? undefined : byId.get(entry.account)}
              now={now}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  entry,
  account,
  now,
  onOpen,
}: {
  entry: ActivityEntry;
  account: AccountView | undefined;
  now: Date;
  onOpen: (entry: ActivityEntry) => void;
}) {
  const label = account?.label ?? entry.accountLabel;
  return (
    <tr className="call-row">
      <td className="call-time numbers">
        <time dateTime={entry.at} title={exactText(entry.at)}>
          {whenText(entry.at, now)}
        </time>
      </td>
      <td className="call-client truncate" title={entry.client}>
        {entry.client}
      </td>
      <td className="call-account truncate">
        {account && <ColorDot color={account.color} />}
        <span className={account ? undefined : 'muted'} title={label ?? undefined}>
          {label ?? words.noAccount}
        </span>
        {entry.user !== null && (
          <span className="call-also call-also-user muted small truncate">{words.asUser(entry.user)}</span>
        )}
      </td>
      <td className="call-user truncate" title={entry.user ?? undefined}>
        {entry.user}
      </td>
      <td className="truncate" title={entry.target ?? undefined}>
        <button type="button" className="call-open code" onClick={() => onOpen(entry)} onKeyDown={moveByKeys}>
          {callName(entry)}
        </button>
        <span className="call-also call-also-rest muted small truncate">
          {label ?? words.noAccount} · {entry.client}
        </span>
      </td>
      <td className="call-outcome">
        <OutcomeSign outcome={entry.outcome} />
      </td>
      <td className="call-duration numbers">{durationText(entry.durationMs)}</td>
      <td className="call-size numbers">
        {entry.truncated && (
          <>
            <Scissors aria-hidden="true" size={14} />
            <span className="visually-hidden">{words.cut}: </span>
          </>
        )}
        {sizeText(entry.receivedBytes)}
      </td>
    </tr>
  );
}

/** The arrow keys, Home and End go from line to line. */
function moveByKeys(event: KeyboardEvent<HTMLButtonElement>): void {
  const all = [...(event.currentTarget.closest('tbody')?.querySelectorAll('button') ?? [])];
  const at = all.indexOf(event.currentTarget);
  const next = { ArrowDown: all[at + 1], ArrowUp: all[at - 1], Home: all[0], End: all.at(-1) }[event.key];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
