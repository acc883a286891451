import { useMemo, useState } from 'react';
import type { ToolView } from '#contract/control.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { NameField } from '../../components/name-field.tsx';
import { texts } from '../../texts/texts.ts';

const words = texts.rules;
const tones: Readonly<Record<ToolView['effect'], Tone>> = { reads: 'plain', writes: 'warn', destroys: 'bad' };

/** One tool of many, found by typing a part of its name. */
export function ToolChoice({
  placeholder,
  tools,
  onChange,
}: {
  placeholder: string;
  /** Undefined until they are known. */
  tools: readonly ToolView[] | undefined;
  /** The name as it was typed or chosen so far. */
  onChange: (name: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const names = useMemo(
    () =>
      tools?.map(({ name, effect }) => ({
        name,
        sign: <Badge tone={tones[effect]}>{texts.words.effect[effect]}</Badge>,
      })),
    [tools],
  );
  const type = (text: string): void => {
    setTyped(text);
    onChange(text.trim());
  };
  return (
    <NameField
      label={words.tool}
      placeholder={placeholder}
      names={names ?? []}
      none={words.toolNone}
      value={typed}
      onType={type}
      disabled={!names}
      side="above"
    />
  );
}
