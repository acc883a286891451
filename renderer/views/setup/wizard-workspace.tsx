import { useState } from 'react';
import type { ConnectorId } from '#contract/connector.ts';
import { Button } from '../../components/button.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { AddForm } from '../add/add-form.tsx';
import { ChooseWorkspace } from '../add/choose-workspace.tsx';
import { usePrefill, useTakenPrefill } from '../add/prefill.tsx';

/** The second step: the first workspace, or a further one. */
export function WizardWorkspace({ onBack, onNext }: { onBack: () => void; onNext: () => void }) {
  const { accounts } = useSnapshot();
  const [chosen, choose] = useState<ConnectorId>();
  const [, setPrefill] = usePrefill();
  const { prefill, turn, forget, renew } = useTakenPrefill(chosen);
  const leave = (): void => choose(undefined);
  if (chosen === undefined) {
    const hasSome = accounts.length > 0;
    return (
      <div className="stack">
        <ChooseWorkspace onChosen={choose} />
        <div className="row add-buttons">
          <Button onClick={onBack}>{texts.words.back}</Button>
          <span className="row">
            {hasSome && <span className="muted">{texts.setup.have(accounts.length)}</span>}
            <Button kind={hasSome ? 'primary' : 'quiet'} onClick={onNext}>
              {hasSome ? texts.words.next : texts.setup.skip}
            </Button>
          </span>
        </div>
      </div>
    );
  }
  return (
    <AddForm
      key={`${chosen} ${turn}`}
      prefill={prefill}
      onAdded={forget}
      onBack={leave}
      onKind={(kind, draft) => {
        setPrefill({ draft, notes: [], isLink: false });
        choose(kind);
      }}
      onAnother={renew}
      onLater={leave}
      onDone={() => {
        leave();
        onNext();
      }}
      doneLabel={texts.words.next}
    />
  );
}
