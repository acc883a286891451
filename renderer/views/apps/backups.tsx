import type { ClientView } from '#contract/clients.ts';
import type { ClientTask } from '../../clients/use-client-dialogs.tsx';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { Ago, exactText } from '../../components/time.tsx';
import { texts } from '../../texts/texts.ts';

const words = texts.appSetup.page;

/** The copies of an app's settings from before changes, and the way back to each. */
export function Backups({ client, show }: { client: ClientView; show: (task: ClientTask) => void }) {
  const { backups, connections } = client;
  const { columns } = words;
  // Of the only file there is nothing to tell apart.
  const hasPaths = new Set([...backups, ...client.places].map(({ path }) => path)).size > 1;
  return (
    <Section
      title={words.backups}
      lead={backups.length > 0 ? words.backupsLead : undefined}
      actions={
        connections.length > 0 && (
          <Button aria-haspopup="dialog" onClick={() => show({ kind: 'restore', client })}>
            {words.asBefore}
          </Button>
        )
      }
    >
      {backups.length === 0 ? (
        <p className="muted">{words.backupsNone}</p>
      ) : (
        <div className="app-card">
          <table className="table app-table backup-table">
            <caption className="visually-hidden">{words.backups}</caption>
            <thead>
              <tr>
                <th scope="col" className="backup-at">
                  {columns.at}
                </th>
                {hasPaths && (
                  <th scope="col" className="backup-path">
                    {columns.path}
                  </th>
                )}
                <th scope="col" className="backup-size">
                  {columns.size}
                </th>
                <th scope="col" className="token-revoke">
                  <span className="visually-hidden">{columns.put}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {backups.map(({ id, at, path, bytes }) => (
                <tr key={id}>
                  <td className="backup-at">
                    <Ago at={at} />
                  </td>
                  {hasPaths && (
                    <td>
                      <code>{path}</code>
                    </td>
                  )}
                  <td className="backup-size numbers">{words.bytes(bytes)}</td>
                  <td className="token-revoke">
                    <Button
                      size="small"
                      aria-label={words.putBackOf(exactText(at))}
                      aria-haspopup="dialog"
                      onClick={() => show({ kind: 'restore', client, backup: { id, at } })}
                    >
                      {words.putBack}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
