import type { ChangePreview } from '#contract/clients.ts';
import { Checklist } from '../components/checklist.tsx';
import { useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { lineOf } from './standing.ts';

/** What was written, what the person does now, and whether the client has noticed. */
export function Written({ written, said }: { written: ChangePreview; said: readonly string[] }) {
  const { knownClients } = useSnapshot();
  const client = knownClients.find(({ id }) => id === written.client);
  const connection = client?.connections.find(({ address }) => address === written.address);
  const lines = client && connection ? [lineOf(client, connection)] : [];
  const more = said.filter((line) => !connection?.text.includes(line));
  return (
    <>
      {more.length > 0 && (
        <ul className="change-said">
          {more.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Checklist label={texts.appSetup.doneText} lines={lines} said={lines[0]?.text ?? ''} />
    </>
  );
}
