import { useState } from 'react';
import type { ChangePreview, ClientView } from '#contract/clients.ts';
import type { AccountView } from '#contract/control.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useAddress } from '../connect/choose-address.tsx';
import { ConnectByHand } from '../connect/connect-by-hand.tsx';
import { useControl, useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { useChange } from './change.ts';
import { Review } from './change-dialog.tsx';
import { ChooseConnection, type Way } from './choose-connection.tsx';
import { InstallButton, Installed, type MadeBundle } from './install-extension.tsx';
import { Step } from './step.tsx';
import { canTakeBack, useSayWritten, useTakeBack } from './written.ts';
import { Written } from './written-step.tsx';

const words = texts.appSetup;

type Stage =
  | { readonly at: 'choose' | 'review' | 'by-hand' }
  | { readonly at: 'installed'; readonly made: MadeBundle }
  | { readonly at: 'written'; readonly written: ChangePreview; readonly said: readonly string[] };

/** Connects a client: what it is to reach, the exact change, and what is to be done then. */
export function SetUpDialog({
  client,
  onWritten,
  onClose,
  finalFocus,
}: {
  client: ClientView;
  onWritten: () => void;
  onClose: () => void;
  finalFocus: () => HTMLElement | true | null;
}) {
  const { accounts } = useSnapshot();
  const [before] = useState(client);
  const [stage, go] = useState<Stage>({ at: 'choose' });
  const [address, chooseAddress] = useAddress(firstFree(client, accounts));
  const [way, chooseWay] = useState<Way>(() => ({ kind: client.bundle ? 'bundle' : 'file' }));
  const say = useSayWritten();
  const takeBack = useTakeBack();
  const close = (): void => {
    if (stage.at === 'written' && canTakeBack(before, stage.written))
      say(words.written(client.name), before, stage.written);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={titleOf(stage, before)}
      wide
      finalFocus={finalFocus}
    >
      {stage.at === 'choose' && (
        <Step
          label={titleOf(stage, before)}
          buttons={
            <>
              <Button onClick={onClose}>{texts.words.cancel}</Button>
              {way.kind === 'bundle' ? (
                <InstallButton address={address} onMade={(made) => go({ at: 'installed', made })} />
              ) : (
                <Button kind="primary" onClick={() => go({ at: 'review' })}>
                  {words.look}
                </Button>
              )}
            </>
          }
        >
          <ChooseConnection
            client={client}
            address={address}
            onAddress={chooseAddress}
            way={way}
            onWay={chooseWay}
          />
        </Step>
      )}
      {stage.at === 'review' && (
        <ReviewStep
          client={client}
          address={address}
          way={way}
          onBack={() => go({ at: 'choose' })}
          onByHand={() => go({ at: 'by-hand' })}
          onWritten={(written, said) => {
            onWritten();
            go({ at: 'written', written, said });
          }}
        />
      )}
      {stage.at === 'by-hand' && (
        <Step
          label={words.byHandTitle(client.name)}
          buttons={
            <>
              <Button onClick={() => go({ at: 'choose' })}>{texts.words.back}</Button>
              <Button kind="primary" onClick={onClose}>
                {texts.words.done}
              </Button>
            </>
          }
        >
          <ConnectByHand key={address} address={address} app={client.name} />
          <p className="muted small">{client.effect}</p>
        </Step>
      )}
      {stage.at === 'installed' && (
        <Step label={words.installFile} buttons={<DoneButton onClick={onClose} />}>
          <Installed made={stage.made} />
        </Step>
      )}
      {stage.at === 'written' && (
        <Step
          label={words.doneText}
          buttons={
            <>
              {canTakeBack(before, stage.written) && (
                <Button
                  onClick={() => {
                    onClose();
                    void takeBack(stage.written, client.name);
                  }}
                >
                  {texts.words.undo}
                </Button>
              )}
              <DoneButton onClick={close} />
            </>
          }
        >
          <Written written={stage.written} said={stage.said} />
        </Step>
      )}
    </Dialog>
  );
}

/** It opens the client's file only now, because the person asked for it. */
function ReviewStep({
  client,
  address,
  way,
  onBack,
  onByHand,
  onWritten,
}: {
  client: ClientView;
  address: string;
  way: Way;
  onBack: () => void;
  onByHand: () => void;
  onWritten: (written: ChangePreview, said: readonly string[]) => void;
}) {
  const control = useControl();
  const change = useChange(() =>
    control.clients.preview({ client: client.id, address, door: way.door, path: way.path }),
  );
  const { preview } = change;
  const write = async (): Promise<void> => {
    const changed = await change.write();
    if (changed && preview) onWritten(preview, changed.said);
  };
  return (
    <Step
      label={words.look}
      buttons={
        <>
          <Button kind="quiet" className="foot-begin" onClick={onByHand}>
            {words.byHand}
          </Button>
          <Button onClick={onBack}>{texts.words.back}</Button>
          {preview && (
            <Button kind="primary" busy={change.isWriting} onClick={() => void write()}>
              {words.write}
            </Button>
          )}
        </>
      }
    >
      {preview && <p className="muted">{words.reviewText}</p>}
      <Review change={change} />
    </Step>
  );
}

function DoneButton({ onClick }: { onClick: () => void }) {
  return (
    <Button kind="primary" onClick={onClick}>
      {texts.words.done}
    </Button>
  );
}

function titleOf({ at }: Stage, { name, connections }: ClientView): string {
  if (at === 'by-hand') return words.byHandTitle(name);
  if (at === 'written') return words.written(name);
  return connections.length > 0 ? texts.apps.anotherOf(name) : words.title(name);
}

/** What this client does not reach yet, if there is such a thing. */
function firstFree({ connections }: ClientView, accounts: readonly AccountView[]): string {
  const taken = new Set(connections.map(({ address }) => address));
  const all = ['current', ...accounts.map(({ slug }) => slug as string)];
  return all.find((address) => !taken.has(address)) ?? 'current';
}
