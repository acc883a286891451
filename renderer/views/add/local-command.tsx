import { splitWords } from '#contract/paste-command.ts';
import { TextArea, TextField } from '../../components/field.tsx';
import { texts } from '../../texts/texts.ts';
import { type FieldFaults, wordsOf } from './draft.ts';
import type { FieldsProps } from './fields.tsx';

interface Shown extends Pick<FieldsProps, 'draft' | 'change'> {
  readonly faults: FieldFaults;
  readonly takesUser?: boolean;
}

/** A program on this computer in place of an address. */
export function LocalCommand({ draft, change, faults, takesUser = false }: Shown) {
  const words = texts.add.command;
  const [only = '', ...more] = wordsOf(draft.command);
  const split = more.length === 0 && /\s/.test(only) ? splitWords(only) : undefined;
  return (
    <>
      <TextArea
        label={words.command}
        help={words.commandHelp}
        value={draft.command}
        onChange={(command) => change({ command })}
        placeholder={words.commandPlaceholder}
        error={faults.command}
      />
      {split && split.length > 1 && (
        <button type="button" className="text-button" onClick={() => change({ command: split.join('\n') })}>
          {words.split}
        </button>
      )}
      <TextField
        label={words.cwd}
        help={words.cwdHelp}
        optional
        value={draft.cwd}
        onChange={(cwd) => change({ cwd })}
      />
      {takesUser && (
        <TextField
          label={words.user}
          help={words.userHelp}
          optional
          value={draft.user}
          onChange={(user) => change({ user })}
        />
      )}
      <button type="button" className="text-button" onClick={() => change({ isCommand: false })}>
        {words.useAddress}
      </button>
    </>
  );
}
