import { useLocation, useParams } from 'wouter';
import { Page } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import { AddForm } from './add-form.tsx';
import { ChooseWorkspace, connectors } from './choose-workspace.tsx';
import { usePrefill, useTakenPrefill } from './prefill.tsx';

/** Adding an account: first what, then the form for it. */
export function AddAccount() {
  const { connector: named } = useParams<{ connector?: string }>();
  const [, go] = useLocation();
  const connector = connectors.find((one) => one === named);
  const [, setPrefill] = usePrefill();
  const { prefill, turn, forget, renew } = useTakenPrefill(connector);
  if (!connector) {
    return (
      <Page title={texts.add.title} lead={texts.add.lead}>
        <ChooseWorkspace onChosen={(chosen) => go(`/accounts/add/${chosen}`)} />
      </Page>
    );
  }
  const leaveTo = (account: string): void => go(`/accounts/${account}`);
  return (
    <Page title={texts.add.titleOf[connector]} lead={texts.add.leadOf[connector]} wide>
      <AddForm
        key={`${connector} ${turn}`}
        prefill={prefill}
        onAdded={forget}
        onBack={() => go('/accounts/add')}
        onKind={(kind, draft) => {
          setPrefill({ draft, notes: [], isLink: false });
          go(`/accounts/add/${kind}`);
        }}
        onAnother={renew}
        onLater={leaveTo}
        onDone={leaveTo}
      />
    </Page>
  );
}
