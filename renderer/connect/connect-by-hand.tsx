import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Endpoint } from '#contract/control.ts';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { CopyBox } from '../components/copy-box.tsx';
import { TextField } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { Loading } from '../components/page.tsx';
import { failureOf } from '../failure.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { entryName, httpSnippet, stdioSnippet } from './snippets.ts';

const HIDDEN = '••••••••';

/** What a person copies into an app's own settings to connect it to this address. */
export function ConnectByHand({ address, app = '' }: { address: string; app?: string }) {
  return (
    <div className="stack">
      <ByCommand address={address} />
      <ByAddress key={address} address={address} app={app} />
    </div>
  );
}

function ByCommand({ address }: { address: string }) {
  const control = useControl();
  const { data, error, refetch } = useQuery({
    queryKey: ['stdio-command', address],
    queryFn: ({ signal }) => control.endpoint.command({ address }, { signal }),
  });
  if (error) {
    return (
      <Notice
        tone="bad"
        action={
          <Button size="small" onClick={() => void refetch()}>
            {texts.words.retry}
          </Button>
        }
      >
        {failureOf(error).message}
      </Notice>
    );
  }
  if (!data) return <Loading lines={2} label={texts.words.working} />;
  return (
    <div className="stack-tight">
      <CopyBox label={texts.apps.byCommand} text={stdioSnippet(entryName(address), data)} />
      <p className="muted small">{texts.apps.byCommandHelp}</p>
    </div>
  );
}

function ByAddress({ address, app }: { address: string; app: string }) {
  const control = useControl();
  const { status } = useSnapshot();
  const [client, setClient] = useState(app);
  const [minted, setMinted] = useState<Endpoint>();
  const field = useRef<HTMLInputElement>(null);
  const wasMinted = useRef(false);
  useEffect(() => {
    // The button that had the focus is gone.
    if (!minted && wasMinted.current) field.current?.focus();
    wasMinted.current = minted !== undefined;
  }, [minted]);
  const mint = useAction(async () => {
    setMinted(await control.endpoint.mint({ client: client.trim(), address }));
  }, 'inline');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (client.trim() !== '') void mint.run();
  };
  if (status.url === null) return <Notice tone="info">{texts.account.httpClosed}</Notice>;
  if (minted) {
    const forget = (): void => {
      setMinted(undefined);
      setClient(app);
    };
    return <Minted name={entryName(address)} endpoint={minted} onDone={forget} />;
  }
  return (
    <form className="stack-tight" onSubmit={submit}>
      <p className="label">{texts.apps.byAddress}</p>
      <div className="row-fields mint-row">
        <TextField
          label={texts.account.mintClient}
          help={texts.account.mintHelp}
          value={client}
          onChange={setClient}
          error={mint.failure?.message}
          input={{ maxLength: 60, ref: field }}
        />
        <Button type="submit" busy={mint.isRunning} disabled={client.trim() === ''}>
          {texts.account.mintDo}
        </Button>
      </div>
    </form>
  );
}

/** The entry with its token, until the person has copied it. */
function Minted({ name, endpoint, onDone }: { name: string; endpoint: Endpoint; onDone: () => void }) {
  const shown = useRef<HTMLDivElement>(null);
  // The form that had the focus is gone.
  useEffect(() => shown.current?.focus(), []);
  return (
    <div ref={shown} tabIndex={-1} className="stack-tight minted">
      <CopyBox
        label={texts.apps.byAddress}
        text={httpSnippet(name, endpoint)}
        masked={httpSnippet(name, endpoint, HIDDEN)}
        secret
      />
      <div className="row-end">
        <p className="small grow" role="status">
          {texts.account.minted}
        </p>
        <Button size="small" onClick={onDone}>
          {texts.words.done}
        </Button>
      </div>
    </div>
  );
}
