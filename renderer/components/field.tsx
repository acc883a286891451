import { Checkbox } from '@base-ui/react/checkbox';
import { Field } from '@base-ui/react/field';
import { Fieldset } from '@base-ui/react/fieldset';
import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { Select } from '@base-ui/react/select';
import { Switch } from '@base-ui/react/switch';
import { Check, ChevronDown, Eye, EyeOff } from 'lucide-react';
import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { texts } from '../texts/texts.ts';
import { IconButton } from './button.tsx';

interface Labelled {
  readonly label: string;
  /** One line of help below it. */
  readonly help?: ReactNode;
  /** What is wrong with the value; red, and read aloud. */
  readonly error?: string | undefined;
}

interface TextFieldProps extends Labelled {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly optional?: boolean;
  readonly input?: Omit<ComponentProps<'input'>, 'value' | 'onChange'>;
}

/** One line of text. Nothing is corrected or completed by the browser. */
export function TextField({ label, help, error, value, onChange, optional = false, input }: TextFieldProps) {
  return (
    <Framed label={label} help={help} error={error} optional={optional}>
      <Field.Control {...plain} {...input} value={value} onValueChange={onChange} className="input" />
    </Framed>
  );
}

/**
 * A key or password: hidden unless the person looks at it, and never kept by the browser. React would write a controlled
 * value into the page as an attribute, so this one stays in the input alone.
 */
export function SecretField({
  label,
  help,
  error,
  value,
  onChange,
  optional = false,
  input,
}: TextFieldProps) {
  const [isShown, show] = useState(false);
  const control = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (control.current && control.current.value !== value) control.current.value = value;
  }, [value]);
  return (
    <Framed label={label} help={help} error={error} optional={optional}>
      <div className="input-row">
        <Field.Control
          {...plain}
          {...input}
          ref={control}
          type={isShown ? 'text' : 'password'}
          autoComplete="new-password"
          onValueChange={onChange}
          className="input input-code"
        />
        <IconButton
          name={isShown ? texts.words.hide : texts.words.show}
          aria-pressed={isShown}
          onClick={() => show(!isShown)}
        >
          {isShown ? <EyeOff aria-hidden="true" size={18} /> : <Eye aria-hidden="true" size={18} />}
        </IconButton>
      </div>
    </Framed>
  );
}

/** Several lines of text. Like a key it stays out of the page's markup: pasted texts may contain one. */
export function TextArea({
  label,
  help,
  error,
  value,
  onChange,
  rows = 4,
  placeholder,
  onKeyDown,
}: Labelled & {
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  placeholder?: string;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
}) {
  const control = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (control.current && control.current.value !== value) control.current.value = value;
  }, [value]);
  return (
    <Framed label={label} help={help} error={error}>
      <Field.Control
        render={<textarea ref={control} rows={rows} />}
        {...plain}
        placeholder={placeholder}
        onValueChange={onChange}
        onKeyDown={onKeyDown}
        className="input input-area"
      />
    </Framed>
  );
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly help?: string;
}

/** One of a few values, in a list that opens. */
export function SelectField<Value extends string>({
  label,
  help,
  error,
  value,
  onChange,
  choices,
  hideLabel = false,
}: Labelled & {
  value: Value;
  onChange: (value: Value) => void;
  choices: readonly Choice<Value>[];
  hideLabel?: boolean;
}) {
  return (
    <Field.Root className="field" invalid={error !== undefined}>
      <Select.Root
        items={[...choices]}
        value={value}
        onValueChange={(chosen) => chosen !== null && onChange(chosen)}
      >
        <Select.Label className={hideLabel ? 'visually-hidden' : 'label'}>{label}</Select.Label>
        <Select.Trigger className="input select">
          <Select.Value />
          <Select.Icon className="select-icon">
            <ChevronDown aria-hidden="true" size={16} />
          </Select.Icon>
        </Select.Trigger>
        <Select.Portal>
          <Select.Positioner className="positioner" sideOffset={4} alignItemWithTrigger={false}>
            <Select.Popup className="popup">
              <Select.List>
                {choices.map((choice) => (
                  <Select.Item key={choice.value} value={choice.value} className="menu-item">
                    <Select.ItemIndicator className="menu-mark">
                      <Check aria-hidden="true" size={16} />
                    </Select.ItemIndicator>
                    <Select.ItemText className="menu-text">{choice.label}</Select.ItemText>
                  </Select.Item>
                ))}
              </Select.List>
            </Select.Popup>
          </Select.Positioner>
        </Select.Portal>
      </Select.Root>
      <Below help={help} error={error} />
    </Field.Root>
  );
}

/** On or off, at once. */
export function SwitchField({
  label,
  help,
  checked,
  onChange,
  disabled = false,
}: {
  label: string;
  help?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <Field.Root className="field-line">
      <div className="field-line-text">
        <Field.Label className="label">{label}</Field.Label>
        {help && <Field.Description className="help">{help}</Field.Description>}
      </div>
      <Switch.Root className="switch" checked={checked} onCheckedChange={onChange} disabled={disabled}>
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </Field.Root>
  );
}

/** A tick. */
export function CheckField({
  label,
  help,
  checked,
  onChange,
}: {
  label: ReactNode;
  help?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <Field.Root className="check">
      <Field.Label className="check-label">
        <Checkbox.Root className="checkbox" checked={checked} onCheckedChange={onChange}>
          <Checkbox.Indicator className="checkbox-mark">
            <Check aria-hidden="true" size={14} />
          </Checkbox.Indicator>
        </Checkbox.Root>
        <span>{label}</span>
      </Field.Label>
      {help && <Field.Description className="help">{help}</Field.Description>}
    </Field.Root>
  );
}

/** One of a few values, all in view. */
export function RadioField<Value extends string>({
  label,
  help,
  value,
  onChange,
  choices,
  disabled = false,
}: {
  label: string;
  help?: string | undefined;
  value: Value;
  onChange: (value: Value) => void;
  choices: readonly Choice<Value>[];
  disabled?: boolean;
}) {
  return (
    <Field.Root className="radios">
      <Fieldset.Root
        className="fieldset"
        render={
          <RadioGroup value={value} disabled={disabled} onValueChange={(chosen: Value) => onChange(chosen)} />
        }
      >
        <Fieldset.Legend className="label">{label}</Fieldset.Legend>
        <div className="radio-row">
          {choices.map((choice) => (
            <Field.Item key={choice.value}>
              <Field.Label className="radio-label">
                <Radio.Root value={choice.value} className="radio">
                  <Radio.Indicator className="radio-mark" />
                </Radio.Root>
                <span>{choice.label}</span>
              </Field.Label>
              {choice.help && (
                <Field.Description className="help radio-help">{choice.help}</Field.Description>
              )}
            </Field.Item>
          ))}
        </div>
        {help && <p className="help">{help}</p>}
      </Fieldset.Root>
    </Field.Root>
  );
}

const plain = { autoComplete: 'off', autoCapitalize: 'off', autoCorrect: 'off', spellCheck: false } as const;

function Framed({
  label,
  help,
  error,
  optional = false,
  children,
}: Labelled & { optional?: boolean; children: ReactNode }) {
  return (
    <Field.Root className="field" invalid={error !== undefined}>
      <Field.Label className="label">
        {label}
        {optional && <span className="label-note"> ({texts.words.optional})</span>}
      </Field.Label>
      {children}
      <Below help={help} error={error} />
    </Field.Root>
  );
}

function Below({ help, error }: Pick<Labelled, 'help' | 'error'>) {
  return (
    <>
      {help && <Field.Description className="help">{help}</Field.Description>}
      <Field.Error match={error !== undefined} className="field-error">
        {error}
      </Field.Error>
    </>
  );
}
