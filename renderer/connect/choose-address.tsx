import { useState } from 'react';
import { RadioField, SelectField } from '../components/field.tsx';
import { useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { accountAt, connectorsOf, reachOf } from './addresses.ts';
import { ConnectByHand } from './connect-by-hand.tsx';

type Kind = 'current' | 'connector' | 'account';

/** Which account an app is to reach, and what to copy into the app for that. */
export function ChooseAndConnect({ app = '' }: { app?: string }) {
  const [address, choose] = useAddress('current');
  return (
    <div className="stack">
      <ChooseAddress address={address} onChange={choose} />
      <ConnectByHand key={address} address={address} app={app} />
    </div>
  );
}

/** The address a person chose. An account that was removed meanwhile is no choice any more. */
export function useAddress(first: string): [address: string, choose: (address: string) => void] {
  const { accounts } = useSnapshot();
  const [chosen, choose] = useState(first);
  const reach = reachOf(chosen, accounts);
  return [reach.kind === 'account' && !reach.account ? 'current' : chosen, choose];
}

/** Which account an app is to reach. */
export function ChooseAddress({
  address,
  onChange: choose,
}: {
  address: string;
  onChange: (address: string) => void;
}) {
  const words = texts.apps;
  const { accounts } = useSnapshot();
  const connectors = connectorsOf(accounts);
  const { kind } = reachOf(address, accounts);
  const now = accountAt(address, accounts);
  const kinds: readonly Kind[] = accounts.length === 0 ? ['current'] : ['current', 'connector', 'account'];
  const chooseKind = (wanted: Kind): void => {
    const first = { current: 'current', connector: connectors[0], account: accounts[0]?.slug }[wanted];
    if (first !== undefined && wanted !== kind) choose(first);
  };
  return (
    <div className="stack">
      <div className="address-kinds">
        <RadioField
          label={words.address}
          value={kind}
          onChange={chooseKind}
          choices={kinds.map((value) => ({
            value,
            label: words.addressKinds[value],
            help: words.addressHelp[value],
          }))}
        />
      </div>
      {kind === 'connector' && (
        <div className="address-which">
          <SelectField
            label={words.whichConnector}
            value={address}
            onChange={choose}
            choices={connectors.map((value) => ({ value, label: texts.words.connector[value] }))}
          />
        </div>
      )}
      {kind === 'account' && (
        <div className="address-which">
          <SelectField
            label={words.whichAccount}
            value={address}
            onChange={choose}
            choices={accounts.map(({ slug, label }) => ({ value: slug as string, label }))}
          />
        </div>
      )}
      <p className="address-now muted small" role="status">
        {kind !== 'account' && (now ? words.leadsTo(now.label) : words.leadsNowhere)}
      </p>
    </div>
  );
}
