import type { ClientDoor, ClientView } from '#contract/clients.ts';
import { Details } from '../components/details.tsx';
import { RadioField, SelectField } from '../components/field.tsx';
import { ChooseAddress } from '../connect/choose-address.tsx';
import { texts } from '../texts/texts.ts';

const words = texts.appSetup;

/** How a client is connected; what is absent, the bridge chooses. */
export interface Way {
  readonly kind: 'bundle' | 'file';
  readonly door?: ClientDoor;
  readonly path?: string;
}

/** What a client is to reach, and how. Most people only read the first question. */
export function ChooseConnection({
  client,
  address,
  onAddress,
  way,
  onWay,
}: {
  client: ClientView;
  address: string;
  onAddress: (address: string) => void;
  way: Way;
  onWay: (way: Way) => void;
}) {
  const { places, doors, bundle, note } = client;
  const hasChoice = way.kind === 'file' && (doors.length > 1 || places.length > 1);
  return (
    <div className="stack">
      <ChooseAddress address={address} onChange={onAddress} />
      {bundle && (
        <div className="address-kinds">
          <RadioField
            label={words.way}
            value={way.kind}
            onChange={(kind) => onWay({ kind })}
            choices={(['bundle', 'file'] as const).map((value) => {
              return { value, label: words.ways[value], help: words.wayHelp[value] };
            })}
          />
        </div>
      )}
      {note !== null && <p className="muted small">{note}</p>}
      {hasChoice && (
        <Details summary={words.advanced}>
          {doors.length > 1 && (
            <div className="address-kinds">
              <RadioField
                label={words.door}
                value={way.door ?? doors[0] ?? 'stdio'}
                onChange={(door) => onWay({ ...way, door })}
                choices={doors.map((value) => {
                  return { value, label: words.doors[value], help: words.doorHelp[value] };
                })}
              />
            </div>
          )}
          {places.length > 1 && (
            <SelectField
              label={words.place}
              value={way.path ?? places[0]?.path ?? ''}
              onChange={(path) => onWay({ ...way, path })}
              choices={places.map(({ path, exists }) => {
                return { value: path, label: exists ? path : words.placeNew(path) };
              })}
            />
          )}
        </Details>
      )}
    </div>
  );
}
