import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import {
  CirclePause,
  CirclePlay,
  CornerDownRight,
  KeyRound,
  Lock,
  LockOpen,
  Palette as PaletteIcon,
  Search,
} from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useSwitch } from '../accounts/switching.ts';
import { ColorDot } from '../components/badge.tsx';
import { useToasts } from '../components/toasts.tsx';
import { failureOf } from '../failure.ts';
import { useControl, useSnapshot } from '../gangway.tsx';
import { useSignIn } from '../sign-in/sign-in.tsx';
import { texts } from '../texts/texts.ts';
import { chooseTheme, useTheme } from '../theme.ts';
import { type Command, type CommandGroup, commandsOf, type Deed } from './commands.ts';
import { matching } from './matching.ts';

const words = texts.shell.palette;

/** Search and do: every account, page and switch of the window by a few letters. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const input = useRef<HTMLInputElement>(null);
  /** Where the focus belongs once it is closed; set by what was done. */
  const next = useRef<'back' | 'heading' | 'elsewhere'>('back');
  const run = useDeeds();
  const close = (deed: Deed): void => {
    next.current = deed.kind === 'go' ? 'heading' : deed.kind === 'sign-in' ? 'elsewhere' : 'back';
    onOpenChange(false);
    run(deed);
  };
  const finalFocus = (): boolean | HTMLElement => {
    const to = next.current;
    next.current = 'back';
    if (to === 'heading') return document.querySelector('h1') ?? true;
    return to === 'back';
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className="palette"
          aria-label={words.title}
          initialFocus={input}
          finalFocus={finalFocus}
        >
          <Finder input={input} onChoose={close} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Opens empty every time, because it lives as long as the dialog does. */
function Finder({
  input,
  onChoose,
}: {
  input: React.RefObject<HTMLInputElement | null>;
  onChoose: (deed: Deed) => void;
}) {
  const snapshot = useSnapshot();
  const theme = useTheme();
  const [typed, type] = useState('');
  const groups = useMemo(() => matching(commandsOf(snapshot, theme), typed), [snapshot, theme, typed]);
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  return (
    <Autocomplete.Root
      open
      inline
      items={[...groups]}
      filter={null}
      value={typed}
      onValueChange={(value, { reason }) => {
        if (reason === 'input-change' || reason === 'input-clear') type(value);
      }}
      itemToStringValue={({ label }: Command) => label}
      autoHighlight="always"
      keepHighlight
    >
      <div className="palette-head">
        <Search aria-hidden="true" size={18} />
        <Autocomplete.Input
          ref={input}
          className="palette-input"
          aria-label={words.input}
          placeholder={words.placeholder}
          spellCheck={false}
        />
      </div>
      <div className="palette-results">
        <Autocomplete.Empty className="palette-empty">{words.empty}</Autocomplete.Empty>
        <Autocomplete.List className="palette-list" aria-label={words.title}>
          {(group: CommandGroup) => (
            <Autocomplete.Group key={group.value} items={[...group.items]} className="palette-group">
              <Autocomplete.GroupLabel className="palette-group-name">{group.value}</Autocomplete.GroupLabel>
              <Autocomplete.Collection>
                {(command: Command) => (
                  <Autocomplete.Item
                    key={command.key}
                    value={command}
                    className="palette-item"
                    onClick={() => onChoose(command.deed)}
                  >
                    <span className="palette-sign">
                      <Sign deed={command.deed} />
                    </span>
                    <span className="palette-label">{command.label}</span>
                    {command.detail && <span className="palette-detail">{command.detail}</span>}
                  </Autocomplete.Item>
                )}
              </Autocomplete.Collection>
            </Autocomplete.Group>
          )}
        </Autocomplete.List>
      </div>
      <div className="palette-foot">
        <Autocomplete.Status className="palette-count">{words.found(count)}</Autocomplete.Status>
        <span aria-hidden="true">
          <kbd>↑</kbd> <kbd>↓</kbd> {words.move}
        </span>
        <span aria-hidden="true">
          <kbd>Enter</kbd> {words.run}
        </span>
        <span aria-hidden="true">
          <kbd>Esc</kbd> {words.leave}
        </span>
      </div>
    </Autocomplete.Root>
  );
}

function Sign({ deed }: { deed: Deed }) {
  const props = { 'aria-hidden': true, size: 16 } as const;
  switch (deed.kind) {
    case 'use':
      return <ColorDot color={deed.account.color} />;
    case 'sign-in':
      return <KeyRound {...props} />;
    case 'go':
      return <CornerDownRight {...props} />;
    case 'pause':
      return <CirclePause {...props} />;
    case 'resume':
      return <CirclePlay {...props} />;
    case 'read-only':
      return deed.on ? <Lock {...props} /> : <LockOpen {...props} />;
    case 'theme':
      return <PaletteIcon {...props} />;
    default:
      return deed satisfies never;
  }
}

/** Does what a command says; what cannot be undone by the same palette offers Undo. */
function useDeeds(): (deed: Deed) => void {
  const control = useControl();
  const toasts = useToasts();
  const change = useSwitch();
  const signIn = useSignIn();
  const [, go] = useLocation();
  const told = (title: string, task: () => Promise<unknown>, undo?: () => Promise<unknown>): void => {
    const trouble = (error: unknown): void => toasts.trouble(failureOf(error).message);
    const action = undo && { label: texts.words.undo, onClick: () => void undo().catch(trouble) };
    task().then(() => toasts.said(title, undefined, action), trouble);
  };
  return (deed) => {
    switch (deed.kind) {
      case 'go':
        go(deed.to);
        return;
      case 'use':
        void change(deed.account);
        return;
      case 'sign-in':
        signIn({ account: deed.account });
        return;
      case 'pause': {
        const { minutes } = deed;
        told(
          words.done.paused,
          () => control.pause(minutes === undefined ? {} : { minutes }),
          () => control.resume(),
        );
        return;
      }
      case 'resume':
        told(words.done.resumed, () => control.resume());
        return;
      case 'read-only':
        told(
          deed.on ? words.done.readOnlyOn : words.done.readOnlyOff,
          () => control.settings.set({ readOnly: deed.on }),
          () => control.settings.set({ readOnly: !deed.on }),
        );
        return;
      case 'theme':
        chooseTheme(deed.theme);
        return;
      default:
        deed satisfies never;
    }
  };
}
