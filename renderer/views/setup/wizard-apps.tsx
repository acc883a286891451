import { useState } from 'react';
import type { ClientId, ClientView } from '#contract/clients.ts';
import { useLook } from '../../clients/look.ts';
import { toneOf } from '../../clients/standing.ts';
import { Health } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Details } from '../../components/details.tsx';
import { RowSwitch } from '../../components/row-switch.tsx';
import { ConnectByHand } from '../../connect/connect-by-hand.tsx';
import { useSnapshot } from '../../gangway.tsx';
import { useIsMac } from '../../platform.ts';
import { texts } from '../../texts/texts.ts';
import { WizardReview } from './wizard-review.tsx';

const words = texts.setup;

/** The third step: which apps are connected, exactly what that changes, and how it is done by hand. */
export function WizardApps({ onBack, onNext }: { onBack: () => void; onNext: () => void }) {
  const { knownClients } = useSnapshot();
  const [chosen, choose] = useState<readonly ClientId[]>([]);
  const [isReviewing, review] = useState(false);
  useLook();
  const here = knownClients.filter(({ found, way }) => found && way === 'file');
  const wanted = here.filter(({ id }) => chosen.includes(id));
  if (isReviewing && wanted.length > 0) {
    return <WizardReview clients={wanted} onBack={() => review(false)} onNext={onNext} />;
  }
  const isAnySetUp = here.some(({ connections }) => connections.length > 0);
  return (
    <div className="stack">
      {here.length === 0 ? (
        <p>{words.noApps}</p>
      ) : (
        <FoundApps
          clients={here}
          chosen={chosen}
          onChoose={(id, isOn) => choose(isOn ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
      )}
      <Details summary={words.byHand} open={here.length === 0}>
        <p className="muted">{words.byHandText}</p>
        <ConnectByHand address="current" />
      </Details>
      <div className="row add-buttons">
        <Button onClick={onBack}>{texts.words.back}</Button>
        <span className="row">
          {here.length > 0 && (
            <Button kind={wanted.length === 0 ? 'plain' : 'quiet'} onClick={onNext}>
              {isAnySetUp ? texts.words.next : words.skip}
            </Button>
          )}
          {here.length === 0 ? (
            <Button kind="primary" onClick={onNext}>
              {texts.words.next}
            </Button>
          ) : (
            <Button kind="primary" disabled={wanted.length === 0} onClick={() => review(true)}>
              {words.reviewChanges}
            </Button>
          )}
        </span>
      </div>
    </div>
  );
}

function FoundApps({
  clients,
  chosen,
  onChoose,
}: {
  clients: readonly ClientView[];
  chosen: readonly ClientId[];
  onChoose: (id: ClientId, isOn: boolean) => void;
}) {
  const isMac = useIsMac();
  return (
    <div className="stack-tight">
      <ul className="list" aria-label={words.foundApps}>
        {clients.map((client) => (
          <FoundApp
            key={client.id}
            client={client}
            isChosen={chosen.includes(client.id)}
            onChoose={(isOn) => onChoose(client.id, isOn)}
          />
        ))}
      </ul>
      <p className="muted small">
        {words.foundOnly}
        {isMac && ` ${words.macOnce}`}
      </p>
    </div>
  );
}

/** One that follows the account in use already has nothing to be switched. */
function FoundApp({
  client: { name, connections, places },
  isChosen,
  onChoose,
}: {
  client: ClientView;
  isChosen: boolean;
  onChoose: (isOn: boolean) => void;
}) {
  const own = connections.find(({ address }) => address === 'current');
  return (
    <li className="list-row">
      <div className="grow">
        <span className="account-name">{name}</span>
        <div className="account-who muted small">
          {own ? <Health tone={toneOf(own)}>{own.text}</Health> : (places[0]?.path ?? texts.apps.found)}
        </div>
      </div>
      {own ? (
        <span className="muted small">{words.alreadySetUp}</span>
      ) : (
        <RowSwitch label={words.connectApp(name)} checked={isChosen} onChange={onChoose} />
      )}
    </li>
  );
}
