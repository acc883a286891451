import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ActivityEntry } from '#contract/activity.ts';
import { ColorDot } from '../../components/badge.tsx';
import { CopyBox, CopyButton } from '../../components/copy-box.tsx';
import { Facts } from '../../components/page.tsx';
import { exactText } from '../../components/time.tsx';
import { useAccount, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { durationText, sizeText } from './amounts.ts';
import { callAsText, callName, laidOut, meaningOf, receivedText } from './call-text.ts';
import { OutcomeSign } from './outcome.tsx';

const words = texts.activity;

/** Everything about one call, at the side of the window. Escape closes it, and the focus goes back to where it was. */
export function CallPanel({ entry, onClose }: { entry: ActivityEntry | undefined; onClose: () => void }) {
  const [last, setLast] = useState(entry);
  // While it closes it goes on showing what it showed.
  if (entry && entry !== last) setLast(entry);
  return (
    <Dialog.Root open={entry !== undefined} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="side-panel">
          {last && <Details entry={last} onClose={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Details({ entry, onClose }: { entry: ActivityEntry; onClose: () => void }) {
  return (
    <>
      <header className="side-panel-head">
        <div className="grow">
          <Dialog.Title className="dialog-title side-panel-title">{callName(entry)}</Dialog.Title>
          <Dialog.Description render={<div />}>
            <OutcomeSign outcome={entry.outcome} />
          </Dialog.Description>
        </div>
        <CopyButton label={words.copyAsText} text={callAsText(entry)} />
        <Dialog.Close className="icon-button" aria-label={texts.words.close}>
          <X aria-hidden="true" size={18} />
        </Dialog.Close>
      </header>
      {entry.code !== null && (
        <section className="call-code stack-tight">
          <h3>
            {words.code} <span className="code">{entry.code}</span>
          </h3>
          <p>{meaningOf(entry.code)}</p>
        </section>
      )}
      <Facts
        items={[
          [
            words.time,
            <time key="time" dateTime={entry.at}>
              {exactText(entry.at)}
            </time>,
          ],
          [words.client, entry.client],
          [words.door, words.doors[entry.door]],
          [words.account, <Account key="account" entry={entry} onLeave={onClose} />],
          entry.user === null ? null : [words.columns.user, entry.user],
          [
            words.method,
            <span key="method" className="code">
              {entry.method}
            </span>,
          ],
          entry.target === null
            ? null
            : [
                words.target,
                <span key="target" className="code">
                  {entry.target}
                </span>,
              ],
          [words.duration, durationText(entry.durationMs)],
          [words.sent, sizeText(entry.sentBytes)],
          [words.received, receivedText(entry)],
        ]}
      />
      <Bodies entry={entry} onLeave={onClose} />
    </>
  );
}

function Account({ entry, onLeave }: { entry: ActivityEntry; onLeave: () => void }) {
  const account = useAccount(entry.account ?? '');
  if (!account) return entry.accountLabel ?? words.noAccount;
  return (
    <span className="row">
      <ColorDot color={account.color} />
      <Link to={`/accounts/${account.id}`} onClick={onLeave}>
        {account.label}
      </Link>
    </span>
  );
}

/** What was asked and answered, where it was kept; why not, where it was not. */
function Bodies({ entry, onLeave }: { entry: ActivityEntry; onLeave: () => void }) {
  const { settings } = useSnapshot();
  if (entry.arguments === null && entry.result === null) {
    return (
      <section className="stack-tight">
        <h3>{`${words.arguments}, ${words.result.toLowerCase()}`}</h3>
        {settings.activityBodies ? (
          <p className="muted">{words.noneKept}</p>
        ) : (
          <p className="muted">
            {words.bodiesOff}{' '}
            <Link to="/settings/storage" onClick={onLeave}>
              {words.bodiesOffAction}
            </Link>
          </p>
        )}
      </section>
    );
  }
  return (
    <section className="stack">
      {entry.arguments !== null && <CopyBox label={words.arguments} text={laidOut(entry.arguments)} />}
      {entry.result !== null && <CopyBox label={words.result} text={laidOut(entry.result)} />}
      <p className="muted small">{words.redacted}</p>
    </section>
  );
}
