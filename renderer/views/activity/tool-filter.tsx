import { type FormEvent, useMemo, useState } from 'react';
import { NameField } from '../../components/name-field.tsx';
import { texts } from '../../texts/texts.ts';

/** The name of a tool, with those of the latest calls to choose from. It counts once it is chosen, entered or left. */
export function ToolFilter({
  value,
  names,
  onChange,
}: {
  value: string;
  names: readonly string[];
  onChange: (value: string) => void;
}) {
  const words = texts.activity;
  const [typed, type] = useState(value);
  const [applied, setApplied] = useState(value);
  if (applied !== value) {
    setApplied(value);
    type(value);
  }
  const proposed = useMemo(() => names.map((name) => ({ name })), [names]);
  const take = (name: string): void => {
    if (name.trim() !== value) onChange(name.trim());
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    take(typed);
  };
  return (
    <form onSubmit={submit}>
      <NameField
        hideLabel
        label={words.tool}
        placeholder={words.toolPlaceholder}
        names={proposed}
        none={words.toolNone}
        value={typed}
        onType={type}
        onChoose={take}
        onLeave={() => take(typed)}
      />
      {/* Without one, Enter would submit nothing. */}
      <button type="submit" hidden tabIndex={-1} />
    </form>
  );
}
