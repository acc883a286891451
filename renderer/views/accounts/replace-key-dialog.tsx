import { type FormEvent, useId, useState } from 'react';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SecretField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { keyRefused } from '../add/draft.ts';

/** Takes a new key, which is tried before it replaces the old one. */
export function ReplaceKeyDialog({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const control = useControl();
  const toasts = useToasts();
  const form = useId();
  const [key, setKey] = useState('');
  const [tried, setTried] = useState<string>();
  const replace = useAction(async () => {
    const { notes } = await control.accounts.rotateKey({ account: account.id, key });
    toasts.said(texts.accounts.keyReplaced(account.label), notes.join(' '));
    onClose();
  }, 'inline');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(key);
    if (key.trim() !== '') void replace.run();
  };
  const { failure } = replace;
  // What is wrong with a key goes when the key is changed.
  const isKey = failure?.code === 'sign-in-needed' || failure?.code === 'invalid-input';
  const isMissing = tried !== undefined && key.trim() === '';
  const keyFault = failure && isKey && tried === key ? keyRefused(failure.message) : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={texts.accounts.replaceKeyTitle(account.label)}
      text={texts.accounts.replaceKeyText}
      footer={
        <>
          <Button onClick={onClose}>{texts.words.cancel}</Button>
          <Button type="submit" form={form} kind="primary" busy={replace.isRunning}>
            {texts.accounts.replaceKey}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <SecretField
          label={texts.accounts.newKey}
          value={key}
          onChange={setKey}
          error={isMissing ? texts.add.missing.key : keyFault}
        />
        {failure && !isKey && <Notice tone="bad">{failure.message}</Notice>}
      </form>
    </Dialog>
  );
}
