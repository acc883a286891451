import { Button } from '../../components/button.tsx';
import { Card } from '../../components/page.tsx';
import { ConnectByHand } from '../../connect/connect-by-hand.tsx';
import { texts } from '../../texts/texts.ts';

/** The third step: what goes into the settings of an app. */
export function WizardApps({ onBack, onNext }: { onBack: () => void; onNext: () => void }) {
  return (
    <div className="stack">
      <Card>
        <ConnectByHand address="current" />
      </Card>
      <div className="row add-buttons">
        <Button onClick={onBack}>{texts.words.back}</Button>
        <Button kind="primary" onClick={onNext}>
          {texts.words.next}
        </Button>
      </div>
    </div>
  );
}
