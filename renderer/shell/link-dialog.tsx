import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { AddForm } from '#contract/link.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';
import { Facts } from '../components/page.tsx';
import { useDesktopState } from '../desktop-state.ts';
import { useDesktop } from '../gangway.tsx';
import { texts } from '../texts/texts.ts';
import { draftFrom } from '../views/add/draft.ts';
import { usePrefill } from '../views/add/prefill.tsx';

/** A link from outside wants to add an account: it says what, and does nothing before the person goes on. */
export function LinkDialog() {
  const words = texts.add.link;
  const desktop = useDesktop();
  const waiting = useDesktopState()?.form ?? undefined;
  const [form, setForm] = useState<AddForm>();
  const [, setPrefill] = usePrefill();
  const [, go] = useLocation();
  useEffect(() => {
    // The next link waits until this one is answered.
    if (!waiting || form) return;
    setForm(waiting);
    void desktop?.formTaken().catch(() => undefined);
  }, [desktop, waiting, form]);
  if (!form) return null;
  const draft = draftFrom(form);
  const review = (): void => {
    setPrefill({ draft, notes: form.notes, isLink: true });
    setForm(undefined);
    go(`/accounts/add/${draft.connector}`);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && setForm(undefined)}
      title={words.title}
      text={words.text}
      footer={
        <>
          <Button onClick={() => setForm(undefined)}>{texts.words.cancel}</Button>
          <Button kind="primary" onClick={review}>
            {words.review}
          </Button>
        </>
      }
    >
      <Facts
        items={[
          [words.kind, texts.words.connector[draft.connector]],
          form.url === undefined ? null : [texts.add.address, <code key="url">{form.url}</code>],
          form.workspace === undefined ? null : [texts.add.allv.workspace, form.workspace],
          form.label === undefined ? null : [texts.add.label, form.label],
          form.user === undefined ? null : [texts.add.allv.user, form.user],
          form.environment === undefined
            ? null
            : [texts.accounts.environment, texts.words.environment[form.environment]],
          form.signIn === undefined ? null : [texts.add.signIn, texts.add.way[form.signIn]],
        ]}
      />
      {form.notes.length > 0 && (
        <Notice tone="warn">
          <ul>
            {form.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Notice>
      )}
    </Dialog>
  );
}
