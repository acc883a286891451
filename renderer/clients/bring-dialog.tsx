import { type FormEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import type { ChangePreview, ForeignEntry } from '#contract/clients.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { RadioField, TextField } from '../components/field.tsx';
import { Facts } from '../components/page.tsx';
import { useControl, useSnapshot } from '../gangway.tsx';
import { useSignIn } from '../sign-in/sign-in.tsx';
import { texts } from '../texts/texts.ts';
import { useChange } from './change.ts';
import { Review } from './change-dialog.tsx';
import { Step } from './step.tsx';
import { Written } from './written-step.tsx';

const words = texts.foreign;

type Stage =
  | { readonly at: 'name' | 'review' }
  | { readonly at: 'written'; readonly written: ChangePreview; readonly said: readonly string[] };

/** Brings a server that an app reaches on its own here: what is known of it, the exact change, what is left to do. */
export function BringDialog({
  entry,
  app,
  onWritten,
  onClose,
  finalFocus,
}: {
  entry: ForeignEntry;
  app: string;
  onWritten: () => void;
  onClose: () => void;
  finalFocus: () => HTMLElement | true | null;
}) {
  const [stage, go] = useState<Stage>({ at: 'name' });
  const [label, setLabel] = useState(entry.entry);
  const [isSame, setSame] = useState(false);
  const account = isSame && entry.account !== null ? entry.account : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={stage.at === 'written' ? words.done(entry.entry) : texts.appSetup.moveTitle(entry.entry)}
      wide
      finalFocus={finalFocus}
    >
      {stage.at === 'name' && (
        <NameStep
          entry={entry}
          app={app}
          label={label}
          onLabel={setLabel}
          isSame={isSame}
          onSame={setSame}
          onCancel={onClose}
          onNext={() => go({ at: 'review' })}
        />
      )}
      {stage.at === 'review' && (
        <ReviewStep
          entry={entry}
          wanted={account === undefined ? { label: label.trim() } : { account }}
          onBack={() => go({ at: 'name' })}
          onWritten={(written, said) => {
            onWritten();
            go({ at: 'written', written, said });
          }}
        />
      )}
      {stage.at === 'written' && (
        <Step label={words.next} buttons={<Next entry={entry} written={stage.written} onClose={onClose} />}>
          <Written written={stage.written} said={stage.said} />
        </Step>
      )}
    </Dialog>
  );
}

function NameStep({
  entry,
  app,
  label,
  onLabel,
  isSame,
  onSame,
  onCancel,
  onNext,
}: {
  entry: ForeignEntry;
  app: string;
  label: string;
  onLabel: (label: string) => void;
  isSame: boolean;
  onSame: (isSame: boolean) => void;
  onCancel: () => void;
  onNext: () => void;
}) {
  const { accounts } = useSnapshot();
  const form = useId();
  const [isMissing, setMissing] = useState(false);
  const account = accounts.find(({ slug }) => slug === entry.account);
  const isNew = !account || !isSame;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const isEmpty = isNew && label.trim() === '';
    setMissing(isEmpty);
    if (!isEmpty) onNext();
  };
  return (
    <Step
      label={texts.appSetup.moveTitle(entry.entry)}
      buttons={
        <>
          <Button onClick={onCancel}>{texts.words.cancel}</Button>
          <Button kind="primary" type="submit" form={form}>
            {texts.appSetup.look}
          </Button>
        </>
      }
    >
      <Facts
        items={[
          [words.server, entry.url],
          [words.app, `${app}, ${words.by[entry.by]}`],
          [words.secret, secretText(entry, isNew)],
          entry.oauth && isNew ? [words.signIn, words.signInText] : null,
        ]}
      />
      <form id={form} className="stack" onSubmit={submit}>
        {account && (
          <RadioField
            label={words.account}
            value={isSame ? 'same' : 'own'}
            onChange={(value: 'own' | 'same') => onSame(value === 'same')}
            choices={[
              { value: 'own', label: words.ownAccount, help: words.ownAccountHelp },
              { value: 'same', label: words.sameAccount(account.label), help: words.sameAccountHelp },
            ]}
          />
        )}
        {isNew && (
          <TextField
            label={words.name}
            help={words.nameHelp}
            value={label}
            onChange={onLabel}
            error={isMissing ? words.nameMissing : undefined}
            input={{ maxLength: 80 }}
          />
        )}
      </form>
    </Step>
  );
}

function secretText({ headers }: ForeignEntry, isNew: boolean): string {
  if (headers.length === 0) return words.nothingSecret;
  return isNew ? words.secretText(headers) : words.secretGoes(headers);
}

function ReviewStep({
  entry,
  wanted,
  onBack,
  onWritten,
}: {
  entry: ForeignEntry;
  wanted: { readonly label: string } | { readonly account: string };
  onBack: () => void;
  onWritten: (written: ChangePreview, said: readonly string[]) => void;
}) {
  const control = useControl();
  const change = useChange(() => control.clients.previewMigration({ id: entry.id, ...wanted }));
  const { preview } = change;
  const write = async (): Promise<void> => {
    const changed = await change.write();
    if (changed && preview) onWritten(preview, changed.said);
  };
  return (
    <Step
      label={texts.appSetup.look}
      buttons={
        <>
          <Button onClick={onBack}>{texts.words.back}</Button>
          {preview && (
            <Button kind="primary" busy={change.isWriting} onClick={() => void write()}>
              {texts.appSetup.writeMove}
            </Button>
          )}
        </>
      }
    >
      {preview && <p className="muted">{texts.appSetup.reviewText}</p>}
      <Review change={change} />
    </Step>
  );
}

/** Done, or on to the sign-in that only the person can do. */
function Next({
  entry,
  written,
  onClose,
}: {
  entry: ForeignEntry;
  written: ChangePreview;
  onClose: () => void;
}) {
  const { accounts } = useSnapshot();
  const [, go] = useLocation();
  const signIn = useSignIn();
  const account = accounts.find(({ slug }) => slug === written.address);
  if (account && entry.oauth && account.condition.action === 'sign-in') {
    return (
      <>
        <Button onClick={onClose}>{texts.setup.doItLater}</Button>
        <Button
          kind="primary"
          onClick={() => {
            onClose();
            signIn({ account });
          }}
        >
          {words.signInNow(account.label)}
        </Button>
      </>
    );
  }
  return (
    <>
      {account && <Button onClick={() => go(`/accounts/${account.id}`)}>{words.openAccount}</Button>}
      <Button kind="primary" onClick={onClose}>
        {texts.words.done}
      </Button>
    </>
  );
}
