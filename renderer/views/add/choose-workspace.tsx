import { Globe, Landmark, Newspaper, Sparkles, Store } from 'lucide-react';
import type { ConnectorId } from '#contract/connector.ts';
import { texts } from '../../texts/texts.ts';
import { PasteBox } from './paste-box.tsx';

export const connectors = [
  'allegro',
  'pelcro',
  'allv',
  'aly',
  'custom',
] as const satisfies readonly ConnectorId[];

const icons = { allegro: Landmark, pelcro: Newspaper, allv: Sparkles, aly: Store, custom: Globe };

/** The kinds of workspace as tiles, and one box for everything that can be pasted. */
export function ChooseWorkspace({ onChosen }: { onChosen: (connector: ConnectorId) => void }) {
  return (
    <div className="stack">
      <ul className="tiles">
        {connectors.map((connector) => {
          const Icon = icons[connector];
          return (
            <li key={connector}>
              <button type="button" className="tile" onClick={() => onChosen(connector)}>
                <Icon aria-hidden="true" size={24} strokeWidth={1.5} />
                <span className="tile-name">{texts.words.connector[connector]}</span>
                <span className="tile-text">{texts.add.tile[connector]}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <PasteBox onChosen={onChosen} />
    </div>
  );
}
