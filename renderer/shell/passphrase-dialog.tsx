import { type FormEvent, useId, useState } from 'react';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SecretField } from '../components/field.tsx';
import { useControl } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';

/** Asks for the passphrase of the saved keys. It is gone from here as soon as it was sent. */
export function PassphraseDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const control = useControl();
  const form = useId();
  const [entered, enter] = useState('');
  const [isMissing, setMissing] = useState(false);
  const unlock = useAction((passphrase: string) => control.vault.open({ passphrase }), 'inline');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setMissing(entered === '');
    if (entered === '') return;
    enter('');
    if (await unlock.run(entered)) onOpenChange(false);
  };
  const change = (next: boolean): void => {
    enter('');
    setMissing(false);
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={texts.shell.passphraseTitle}
      text={texts.shell.passphraseText}
      footer={
        <>
          <Button onClick={() => change(false)}>{texts.words.cancel}</Button>
          <Button type="submit" form={form} kind="primary" busy={unlock.isRunning}>
            {texts.shell.unlock}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)}>
        <SecretField
          label={texts.shell.passphrase}
          value={entered}
          onChange={enter}
          error={isMissing ? texts.shell.passphraseMissing : unlock.failure?.message}
        />
      </form>
    </Dialog>
  );
}
