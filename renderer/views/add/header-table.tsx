import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { CheckField, SecretField, TextField } from '../../components/field.tsx';
import { texts } from '../../texts/texts.ts';
import type { HeaderRow } from './draft.ts';

/** Headers that every request carries besides the sign-in. Secret ones go to the keychain. */
export function HeaderTable({
  rows,
  onChange,
}: {
  rows: readonly HeaderRow[];
  onChange: (rows: readonly HeaderRow[]) => void;
}) {
  const words = texts.add.headers;
  const whole = useRef<HTMLFieldSetElement>(null);
  useFocusOnChange(whole, rows.length);
  const set = (id: number, changed: Partial<HeaderRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  const nextId = rows.reduce((most, { id }) => Math.max(most, id), 0) + 1;
  return (
    <fieldset ref={whole} className="headers">
      <legend className="label">{words.title}</legend>
      {rows.map((row, index) => {
        const Value = row.secret ? SecretField : TextField;
        return (
          <div key={row.id} className="header-row">
            <TextField
              label={words.name(index + 1)}
              value={row.name}
              onChange={(name) => set(row.id, { name })}
            />
            <Value
              label={words.value(index + 1)}
              value={row.value}
              onChange={(value) => set(row.id, { value })}
            />
            <CheckField
              label={words.secret}
              checked={row.secret}
              onChange={(secret) => set(row.id, { secret })}
            />
            <IconButton
              name={words.remove(index + 1)}
              onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
            >
              <Trash2 aria-hidden="true" size={16} />
            </IconButton>
          </div>
        );
      })}
      <div>
        <Button
          size="small"
          className="add-header"
          icon={<Plus aria-hidden="true" size={14} />}
          onClick={() => onChange([...rows, { id: nextId, name: '', value: '', secret: true }])}
        >
          {words.add}
        </Button>
      </div>
    </fieldset>
  );
}

/** A new row begins with the focus in its name; after a removal the focus is where the next one is added. */
function useFocusOnChange(whole: React.RefObject<HTMLElement | null>, count: number): void {
  const before = useRef(count);
  useEffect(() => {
    if (count === before.current) return;
    const isMore = count > before.current;
    before.current = count;
    const wanted = isMore ? '.header-row:nth-last-of-type(2) input' : '.add-header';
    whole.current?.querySelector<HTMLElement>(wanted)?.focus();
  }, [whole, count]);
}
