import { AppWindow, Globe, KeyRound, MonitorCheck } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Card, Facts } from '../../components/page.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

const { promiseKeychain: keychain, promisePassphrase: passphrase, promiseMemory: memory } = texts.setup;
const promises = { keychain, passphrase, memory };

/** What the app does, in one picture, and what it promises. */
export function Welcome({ onNext, onSkip }: { onNext: () => void; onSkip: () => void }) {
  const words = texts.setup;
  const { status } = useSnapshot();
  const [isExplaining, explain] = useState(false);
  return (
    <Card className="stack welcome">
      <div className="welcome-picture" role="img" aria-label={words.picture}>
        <span className="welcome-side">
          <AppWindow size={36} strokeWidth={1.25} />
          <AppWindow size={36} strokeWidth={1.25} />
          <span>{words.pictureApps}</span>
        </span>
        <span className="welcome-line" />
        <span className="welcome-middle">
          <img src="./icon.svg" alt="" width={64} height={64} />
          <span>{texts.shell.name}</span>
        </span>
        <span className="welcome-line" />
        <span className="welcome-side">
          <Globe size={36} strokeWidth={1.25} />
          <Globe size={36} strokeWidth={1.25} />
          <span>{words.pictureWorkspaces}</span>
        </span>
      </div>
      <ul className="stack-tight">
        <li className="promise">
          <KeyRound aria-hidden="true" size={18} />
          <span>{promises[status.vault.kind]}</span>
        </li>
        <li className="promise">
          <MonitorCheck aria-hidden="true" size={18} />
          <span>{words.promiseLocal}</span>
        </li>
      </ul>
      <div className="row">
        <Button kind="primary" onClick={onNext}>
          {words.start}
        </Button>
        <Button kind="quiet" onClick={() => explain(true)}>
          {words.whatIsStored}
        </Button>
        <span className="grow" />
        <Button kind="quiet" onClick={onSkip}>
          {words.later}
        </Button>
      </div>
      <Dialog open={isExplaining} onOpenChange={explain} title={words.whatIsStored}>
        <Facts items={words.stored(status.home, status.vault.kind)} />
      </Dialog>
    </Card>
  );
}
