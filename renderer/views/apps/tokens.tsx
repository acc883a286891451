import { type RefObject, useRef, useState } from 'react';
import type { ClientToken } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/page.tsx';
import { Ago } from '../../components/time.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { AddressText } from '../../connect/address-text.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

const words = texts.apps;

/** The access tokens that apps hold. What a token is, nobody can read here any more. */
export function Tokens() {
  const { clients } = useSnapshot();
  const [revoking, revoke] = useState<ClientToken>();
  const list = useRef<HTMLDivElement>(null);
  const newest = clients.toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
  const { tokenColumns: columns } = words;
  return (
    <Section title={words.tokens} lead={words.tokensLead}>
      <div ref={list} tabIndex={-1} className="token-list">
        {newest.length === 0 ? (
          <p>{words.tokensNone}</p>
        ) : (
          <div className="app-card">
            <table className="table app-table token-table">
              <caption className="visually-hidden">{words.tokens}</caption>
              <thead>
                <tr>
                  <th scope="col">{columns.label}</th>
                  <th scope="col">{columns.address}</th>
                  <th scope="col" className="token-created">
                    {columns.created}
                  </th>
                  <th scope="col" className="app-since">
                    {columns.used}
                  </th>
                  <th scope="col" className="token-revoke">
                    <span className="visually-hidden">{columns.revoke}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {newest.map((client) => (
                  <tr key={client.id}>
                    <td className="token-label">{client.label}</td>
                    <td>
                      <AddressText address={client.address} />
                    </td>
                    <td className="token-created">
                      <Ago at={client.createdAt} />
                    </td>
                    <td className="app-since">
                      {client.lastUsedAt === null ? words.never : <Ago at={client.lastUsedAt} />}
                    </td>
                    <td className="token-revoke">
                      <Button
                        size="small"
                        aria-label={words.revokeOf(client.label)}
                        aria-haspopup="dialog"
                        onClick={() => revoke(client)}
                      >
                        {words.revoke}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {revoking && <Revoke client={revoking} list={list} onClose={() => revoke(undefined)} />}
    </Section>
  );
}

function Revoke({
  client,
  list,
  onClose,
}: {
  client: ClientToken;
  list: RefObject<HTMLElement | null>;
  onClose: () => void;
}) {
  const isRevoked = useRef(false);
  const control = useControl();
  const toasts = useToasts();
  const revoke = useAction(async () => {
    const { revoked } = await control.endpoint.revoke({ id: client.id });
    isRevoked.current = true;
    toasts.said(words.revoked(client.label), revoked ? undefined : words.alreadyGone);
    onClose();
  }, 'inline');
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.revokeTitle(client.label)}
      text={words.revokeText}
      confirm={words.revoke}
      danger
      busy={revoke.isRunning}
      onConfirm={() => void revoke.run()}
      // The line that it was opened from is gone then.
      finalFocus={() => (isRevoked.current ? list.current : true)}
    >
      {revoke.failure && <Notice tone="bad">{revoke.failure.message}</Notice>}
    </Confirm>
  );
}
