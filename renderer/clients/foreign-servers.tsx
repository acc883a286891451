import { useRef, useState } from 'react';
import type { ClientView, ForeignEntry } from '#contract/clients.ts';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import type { ControlClient } from '../connection.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { useIsMac } from '../platform.ts';
import { texts } from '../texts/texts.ts';
import { BringDialog } from './bring-dialog.tsx';

const words = texts.foreign;

type Found = Awaited<ReturnType<ControlClient['clients']['foreign']>>;

/** Servers that apps reach without Gangway. The apps' files are opened only when the person asks. */
export function ForeignServers() {
  const control = useControl();
  const { knownClients } = useSnapshot();
  const isMac = useIsMac();
  const [found, setFound] = useState<Found>();
  const [bringing, bring] = useState<ForeignEntry>();
  const list = useRef<HTMLDivElement>(null);
  const isBrought = useRef(false);
  const look = useAction(async () => setFound(await control.clients.foreign()), 'inline');
  return (
    <Section
      title={found && found.entries.length > 0 ? words.found(found.entries.length) : words.title}
      lead={found ? undefined : words.text}
      actions={
        <Button busy={look.isRunning} onClick={() => void look.run()}>
          {found ? words.again : words.look}
        </Button>
      }
    >
      <div ref={list} tabIndex={-1} className="stack-tight token-list">
        <p className="muted small" role="status">
          {look.isRunning ? words.looking : !found && words.privacy}
          {!found && !look.isRunning && isMac && ` ${words.macOnce}`}
          {found?.entries.length === 0 && !look.isRunning && words.none}
        </p>
        {look.failure && <Notice tone="bad">{look.failure.message}</Notice>}
        {found && found.entries.length > 0 && (
          <ul className="list">
            {found.entries.map((entry) => (
              <ForeignRow
                key={entry.id}
                entry={entry}
                app={nameOf(entry.client, knownClients)}
                onBring={() => bring(entry)}
              />
            ))}
          </ul>
        )}
        {found && found.unread.length > 0 && (
          <Notice tone="warn" title={words.unread(found.unread.length)}>
            <ul className="stack-tight">
              {found.unread.map(({ client, path, text }) => (
                <li key={path}>
                  {nameOf(client, knownClients)}: {text} <code className="small">{path}</code>
                </li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
      {bringing && (
        <BringDialog
          entry={bringing}
          app={nameOf(bringing.client, knownClients)}
          onWritten={() => {
            isBrought.current = true;
            void look.run();
          }}
          onClose={() => bring(undefined)}
          // The line that it was opened from is gone then.
          finalFocus={() => (isBrought.current ? list.current : true)}
        />
      )}
    </Section>
  );
}

function ForeignRow({ entry, app, onBring }: { entry: ForeignEntry; app: string; onBring: () => void }) {
  const { accounts } = useSnapshot();
  const account = accounts.find(({ slug }) => slug === entry.account);
  const facts = [
    words.by[entry.by],
    ...(entry.headers.length > 0 ? [words.headers(entry.headers)] : []),
    ...(entry.oauth ? [words.oauth] : []),
    ...(account ? [words.known(account.label)] : []),
  ];
  return (
    <li className="list-row">
      <div className="grow">
        <div className="row">
          <span className="account-name">{entry.entry}</span>
          <span className="muted small">{words.in(app)}</span>
        </div>
        <div className="account-who">{entry.host}</div>
        <div className="account-who muted small">{facts.join(' · ')}</div>
      </div>
      <Button
        size="small"
        aria-label={words.bringOf(entry.entry, app)}
        aria-haspopup="dialog"
        onClick={onBring}
      >
        {words.bring}
      </Button>
    </li>
  );
}

function nameOf(client: ClientView['id'], known: readonly ClientView[]): string {
  return known.find(({ id }) => id === client)?.name ?? client;
}
