import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** One name that a field proposes. */
export interface ProposedName {
  readonly name: string;
  /** Beside the name in the list. */
  readonly sign?: ReactNode;
}

interface NameFieldProps {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly placeholder: string;
  readonly names: readonly ProposedName[];
  /** Said when no name fits what was typed. */
  readonly none: string;
  readonly value: string;
  readonly onType: (text: string) => void;
  /** A name of the list was taken; `onType` has told it already. */
  readonly onChoose?: (name: string) => void;
  readonly onLeave?: () => void;
  readonly disabled?: boolean;
  /** Where the list opens. */
  readonly side?: 'above' | 'below';
}

/**
 * A line of text that proposes names; anything else may be typed too. The combobox pattern of WAI-ARIA 1.2 with its list
 * in place: Base UI's hides the rest of the window, which can still be reached, from screen readers.
 */
export function NameField(props: NameFieldProps) {
  const { label, hideLabel = false, placeholder, none, value, disabled = false, side = 'below' } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const fitting = props.names.filter(({ name }) => fits(name, value));
  const hasList = isOpen && fitting.length > 0;
  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const show = (open: boolean, at = -1): void => {
    setOpen(open);
    setActive(at);
  };
  const choose = (name: string): void => {
    show(false);
    props.onType(name);
    props.onChoose?.(name);
  };
  const press = (event: KeyboardEvent): void => {
    const chosen = hasList ? fitting[active] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      show(true, moved(active, event.key === 'ArrowDown' ? 1 : -1, fitting.length));
    } else if (event.key === 'Enter') {
      if (chosen) {
        event.preventDefault();
        choose(chosen.name);
      } else show(false);
    } else if (event.key === 'Escape' && isOpen) {
      event.stopPropagation();
      show(false);
    }
  };
  const leave = (): void => {
    show(false);
    props.onLeave?.();
  };
  return (
    <div className="field name-field">
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'label'}>
        {label}
      </label>
      <input
        id={id}
        type="text"
        role="combobox"
        className="input"
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        placeholder={placeholder}
        disabled={disabled}
        value={value}
        aria-autocomplete="list"
        aria-expanded={hasList}
        aria-controls={hasList ? `${id}-list` : undefined}
        aria-activedescendant={hasList && active >= 0 ? `${id}-${active}` : undefined}
        onChange={(event) => {
          props.onType(event.target.value);
          show(true);
        }}
        onClick={() => show(true)}
        onKeyDown={press}
        onBlur={leave}
      />
      {hasList && (
        <div
          ref={list}
          id={`${id}-list`}
          role="listbox"
          aria-label={label}
          className={`popup name-list name-list-${side}`}
        >
          {fitting.map(({ name, sign }, index) => (
            <div
              key={name}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              tabIndex={-1}
              className="menu-item"
              data-highlighted={index === active ? '' : undefined}
              onMouseMove={() => setActive(index)}
              onMouseDown={(event) => {
                // The field keeps the focus.
                event.preventDefault();
                choose(name);
              }}
            >
              <span className="code grow name-text">{name}</span>
              {sign}
            </div>
          ))}
        </div>
      )}
      <p role="status" className="name-none help">
        {isOpen && value.trim() !== '' && fitting.length === 0 && none}
      </p>
    </div>
  );
}

function fits(name: string, typed: string): boolean {
  return name.toLowerCase().includes(typed.trim().toLowerCase());
}

/** The next line in that direction; from none or past the end to the other end. */
function moved(at: number, by: number, count: number): number {
  if (count === 0) return -1;
  if (at === -1) return by > 0 ? 0 : count - 1;
  return (at + by + count) % count;
}
