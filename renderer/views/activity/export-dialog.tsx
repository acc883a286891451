import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useAction } from '../../action.ts';
import { Button, Spinner } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { RadioField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { sizeText } from './amounts.ts';
import { type CallFilter, conditionsOf, isFiltered } from './filter.ts';
import { offerFile } from './offer-file.ts';

const words = texts.activity;
const types = { csv: 'text/csv;charset=utf-8', jsonl: 'application/jsonl' } as const;
const encoder = new TextEncoder();

/** Asks for the format and makes the file of what the filters show. Closing it stops the export. */
export function ExportDialog({ filter, onClose }: { filter: CallFilter; onClose: () => void }) {
  const control = useControl();
  const toasts = useToasts();
  const leaving = useRef<AbortController>(undefined);
  const [format, setFormat] = useState<keyof typeof types>('csv');
  const [size, setSize] = useState(0);
  useEffect(() => () => leaving.current?.abort(), []);
  const save = useAction(async () => {
    const stop = new AbortController();
    leaving.current = stop;
    const now = new Date();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    setSize(0);
    const input = { format, filter: conditionsOf(filter, now) };
    for await (const piece of await control.activity.export(input, { signal: stop.signal })) {
      if (stop.signal.aborted) return;
      const encoded = encoder.encode(piece);
      pieces.push(encoded);
      bytes += encoded.length;
      setSize(bytes);
    }
    if (stop.signal.aborted) return;
    const name = fileName(format, now);
    offerFile(name, new Blob(pieces, { type: types[format] }));
    toasts.said(words.exported, `${name}, ${sizeText(bytes)}`);
    onClose();
  }, 'inline');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.exportTitle}
      text={words.exportText(isFiltered(filter))}
    >
      <form className="stack" onSubmit={submit}>
        <RadioField
          label={words.format}
          value={format}
          onChange={setFormat}
          choices={(['csv', 'jsonl'] as const).map((value) => ({ value, label: words.formats[value] }))}
        />
        {save.failure && <Notice tone="bad">{save.failure.message}</Notice>}
        <div className="dialog-foot">
          <p className="grow row small muted numbers" role="status">
            {save.isRunning && (
              <>
                <Spinner />
                {words.exporting(sizeText(size))}
              </>
            )}
          </p>
          <Button onClick={onClose}>{texts.words.cancel}</Button>
          <Button kind="primary" type="submit" busy={save.isRunning}>
            {words.exportDo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** `gangway-activity-2026-11-21-1405.csv`, in the person's own time. */
function fileName(format: keyof typeof types, now: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `gangway-activity-${date}-${two(now.getHours())}${two(now.getMinutes())}.${format}`;
}
