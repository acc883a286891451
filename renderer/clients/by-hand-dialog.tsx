import type { ClientView } from '#contract/clients.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ChooseAddress, useAddress } from '../connect/choose-address.tsx';
import { ConnectByHand } from '../connect/connect-by-hand.tsx';
import { texts } from '../texts/texts.ts';
import { Step } from './step.tsx';

/** What a person enters into a client themselves, and where. */
export function ByHandDialog({
  client: { name, note, effect },
  onClose,
  finalFocus,
}: {
  client: ClientView;
  onClose: () => void;
  finalFocus: () => HTMLElement | true;
}) {
  const [address, choose] = useAddress('current');
  const title = texts.appSetup.byHandTitle(name);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      text={note}
      wide
      finalFocus={finalFocus}
    >
      <Step
        label={title}
        buttons={
          <Button kind="primary" onClick={onClose}>
            {texts.words.done}
          </Button>
        }
      >
        <ChooseAddress address={address} onChange={choose} />
        <ConnectByHand key={address} address={address} app={name} />
        <p className="muted small">{effect}</p>
      </Step>
    </Dialog>
  );
}
