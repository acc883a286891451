import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { ConnectorId } from '#contract/connector.ts';
import { readPaste } from '#contract/read-paste.ts';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { TextArea } from '../../components/field.tsx';
import { Card } from '../../components/page.tsx';
import { texts } from '../../texts/texts.ts';
import { draftFrom, suggestedWay } from './draft.ts';
import { useLook } from './look.ts';
import { LookResult } from './look-result.tsx';
import { usePrefill } from './prefill.tsx';

/** Takes an address, a config snippet, a command line or an invitation, and shows what it is while the person types. */
export function PasteBox({ onChosen }: { onChosen: (connector: ConnectorId) => void }) {
  const [text, setText] = useState('');
  const [, setPrefill] = usePrefill();
  const pasted = readPaste(text);
  const form = pasted.kind === 'form' ? pasted.form : undefined;
  const isPlace = form?.url !== undefined || form?.workspace !== undefined;
  const look = useLook(
    isPlace ? { url: form.url, workspace: form.workspace, connector: form.connector } : undefined,
  );
  const goOn = useAction(async () => {
    if (pasted.kind !== 'form') return;
    const draft = draftFrom(pasted);
    // Only the bridge knows whose address it is, so a click that comes early waits for it.
    const found = look.result ?? (await look.now());
    const connector = found?.connector ?? draft.connector;
    // The usual way of the kind that was found, not of the one it was taken for before.
    const filled = draftFrom({ ...pasted, form: { ...pasted.form, connector } });
    const signIn = found ? suggestedWay(filled, found) : filled.signIn;
    setPrefill({ draft: { ...filled, signIn }, notes: pasted.form.notes, isLink: false });
    setText('');
    onChosen(connector);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void goOn.run();
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    // An address is one line; in a snippet a new line is a new line.
    if (event.key !== 'Enter' || event.shiftKey || text.includes('\n') || pasted.kind !== 'form') return;
    event.preventDefault();
    void goOn.run();
  };
  return (
    <Card>
      <form className="stack" onSubmit={submit}>
        <TextArea
          label={texts.add.paste}
          help={texts.add.pasteHelp}
          placeholder={texts.add.pastePlaceholder}
          rows={3}
          value={text}
          onChange={setText}
          onKeyDown={press}
          error={pasted.kind === 'refused' ? pasted.because : undefined}
        />
        {pasted.kind === 'form' && (
          <>
            {pasted.command && <p className="code pasted-command">{pasted.command.join(' ')}</p>}
            {isPlace && <LookResult look={look} />}
            {pasted.form.notes.length > 0 && (
              <ul className="stack-tight small muted">
                {pasted.form.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
            <div className="row-end">
              <Button type="submit" kind="primary" busy={goOn.isRunning}>
                {texts.words.next}
              </Button>
            </div>
          </>
        )}
      </form>
    </Card>
  );
}
