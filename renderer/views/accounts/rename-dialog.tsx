import { type FormEvent, useId, useState } from 'react';
import type { Environment } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { ColorField } from '../../components/color-field.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl, useSnapshot } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

const { environment: environmentNames } = texts.words;
const environments = (Object.keys(environmentNames) as Environment[]).map((value) => ({
  value,
  label: environmentNames[value],
}));

/** Name, colour and environment: how a person tells accounts apart. Addresses stay as they are. */
export function RenameDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const words = texts.accounts;
  const control = useControl();
  const toasts = useToasts();
  const { accounts } = useSnapshot();
  const form = useId();
  const [label, setLabel] = useState(account.label);
  const [color, setColor] = useState(account.color);
  const [environment, setEnvironment] = useState(account.environment);
  const save = useAction(async () => {
    const saved = await control.accounts.update({ account: account.id, label, color, environment });
    // A name that is taken gets a number.
    const isTaken = accounts.some((other) => other.id !== account.id && other.label === label.trim());
    if (isTaken && saved.label !== label.trim()) toasts.said(words.renamedAs(saved.label));
    onClose();
  }, 'inline');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  const isName = save.failure?.code === 'invalid-input';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.renameTitle}
      text={words.renameText}
      footer={
        <>
          <Button onClick={onClose}>{texts.words.cancel}</Button>
          <Button type="submit" form={form} kind="primary" busy={save.isRunning}>
            {texts.words.save}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextField
          label={words.label}
          value={label}
          onChange={setLabel}
          error={isName ? save.failure?.message : undefined}
          input={{ maxLength: 80 }}
        />
        <ColorField label={words.color} value={color} onChange={setColor} />
        <SelectField
          label={words.environment}
          value={environment}
          onChange={setEnvironment}
          choices={environments}
        />
        {save.failure && !isName && <Notice tone="bad">{save.failure.message}</Notice>}
      </form>
    </Dialog>
  );
}
