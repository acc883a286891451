import { useEffect, useRef } from 'react';
import type { ClientView } from '#contract/clients.ts';
import { ChangeView, StaleNotice } from '../../clients/change-view.tsx';
import { Health } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Loading } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import { type ManyChange, useChanges } from './changes.ts';

const words = texts.setup;

/** The exact changes of the apps that were chosen, and the one button that makes them. */
export function WizardReview({
  clients,
  onBack,
  onNext,
}: {
  clients: readonly ClientView[];
  onBack: () => void;
  onNext: () => void;
}) {
  const changes = useChanges(clients.map(({ id }) => id));
  const title = useRef<HTMLHeadingElement>(null);
  // The button that had the focus is gone.
  useEffect(() => title.current?.focus(), []);
  const states = clients.map(({ id }) => changes.of(id));
  const ready = states.filter(({ preview, isWritten }) => preview && !isWritten).length;
  const write = async (): Promise<void> => {
    if (await changes.writeAll()) onNext();
  };
  return (
    <div className="stack">
      <div>
        <h2 ref={title} tabIndex={-1} className="review-title">
          {words.reviewTitle}
        </h2>
        <p className="muted">{texts.appSetup.reviewText}</p>
      </div>
      {clients.map((client) => (
        <ClientChange
          key={client.id}
          client={client}
          change={changes.of(client.id)}
          onLook={() => void changes.look(client.id)}
        />
      ))}
      <div className="row add-buttons">
        <Button onClick={onBack}>{texts.words.back}</Button>
        <span className="row">
          {!changes.isLooking && (
            <Button kind={ready === 0 ? 'primary' : 'quiet'} onClick={onNext}>
              {states.some(({ isWritten }) => isWritten) ? texts.words.next : words.skip}
            </Button>
          )}
          {ready > 0 && !changes.isLooking && (
            <Button kind="primary" busy={changes.isWriting} onClick={() => void write()}>
              {words.writeChanges(ready)}
            </Button>
          )}
        </span>
      </div>
    </div>
  );
}

function ClientChange({
  client: { name },
  change: { preview, failure, stale, isWritten },
  onLook,
}: {
  client: ClientView;
  change: ManyChange;
  onLook: () => void;
}) {
  return (
    <Card className="stack-tight">
      <h3>{name}</h3>
      {isWritten ? (
        <Health tone="good">{texts.appSetup.written(name)}</Health>
      ) : (
        <>
          <StaleNotice text={stale} />
          {!preview && !failure && <Loading lines={2} label={texts.appSetup.looking} />}
          {preview && <ChangeView preview={preview} />}
          {failure && (
            <Notice
              tone="bad"
              action={
                <Button size="small" onClick={onLook}>
                  {texts.words.retry}
                </Button>
              }
            >
              {failure.message} {words.byHandToo}
            </Notice>
          )}
        </>
      )}
    </Card>
  );
}
