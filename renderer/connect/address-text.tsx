import { ColorDot } from '../components/badge.tsx';
import { useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { reachOf } from './addresses.ts';

/** What an address means, in a few words. */
export function AddressText({ address }: { address: string }) {
  const { accounts } = useSnapshot();
  const reach = reachOf(address, accounts);
  const words = texts.apps.reach;
  switch (reach.kind) {
    case 'current':
      return words.current;
    case 'connector':
      return words.connector(texts.words.connector[reach.connector]);
    case 'account':
      if (!reach.account) return words.gone;
      return (
        <span className="address-text">
          {words.account} <ColorDot color={reach.account.color} /> {reach.account.label}
        </span>
      );
    default:
      return reach satisfies never;
  }
}
