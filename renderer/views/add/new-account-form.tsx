import { ArrowLeft } from 'lucide-react';
import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { ConnectorId } from '#contract/connector.ts';
import type { CheckedAccount, WorkspaceLook } from '#contract/control.ts';
import { type Action, useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { SwitchField, TextField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import {
  type Draft,
  emptyDraft,
  type FieldFaults,
  missingIn,
  newAccountOf,
  refusalOf,
  suggestedWay,
} from './draft.ts';
import { ConnectorFields } from './fields.tsx';
import { LiveChecks } from './live-checks.tsx';
import { type Look, useLook } from './look.ts';
import { Notes } from './notes.tsx';
import { placeOf } from './place.ts';
import type { Prefill } from './prefill.tsx';

export interface NewAccountFormProps {
  readonly prefill: Prefill;
  readonly onBack: () => void;
  /** The address belongs to this kind of workspace, which has a form of its own. */
  readonly onKind: (kind: ConnectorId, draft: Draft) => void;
  /** `isNamed`: the person gave it a name. */
  readonly onAdded: (checked: CheckedAccount, isNamed: boolean) => void;
}

const FIRST = 'input:not([aria-hidden="true"]), textarea, [role="radio"][data-checked]';

/** The form for one kind of workspace. */
export function NewAccountForm({ prefill, onBack, onKind, onAdded }: NewAccountFormProps) {
  const words = texts.add;
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(prefill.draft);
  // What a link filled in is not even looked at before the person acts.
  const [mayLook, allowLook] = useState(!prefill.isLink);
  const [hasChosenWay, setChosenWay] = useState(false);
  const [isPrivate, setPrivate] = useState(draft.ownNetwork);
  const look = useLook(mayLook ? placeOf(draft) : undefined);
  const [known, setKnown] = useState<WorkspaceLook>();
  if (look.result && look.result !== known) {
    setKnown(look.result);
    // Once it is offered it stays: switched on, the address is no longer refused.
    if (look.result.privateNetwork) setPrivate(true);
    const signIn = suggestedWay(draft, look.result);
    if (!hasChosenWay && signIn !== draft.signIn) setDraft({ ...draft, signIn });
  }
  const { add, tried, submit } = useAdding(draft, onAdded, () => allowLook(true));
  const { fields, formFault } = faultsNow(draft, tried, add);
  useEffect(() => form.current?.querySelector<HTMLElement>(FIRST)?.focus(), []);
  useFirstFault(form, tried, add);
  const change = (changed: Partial<Draft>): void => {
    allowLook(true);
    if (changed.signIn) setChosenWay(true);
    setDraft((now) => ({ ...now, ...changed }));
  };
  return (
    <form ref={form} className="add-form" onSubmit={submit} noValidate>
      <div className="stack">
        {prefill.isLink && <Notice tone="warn">{words.fromLink}</Notice>}
        <Notes notes={prefill.notes} />
        <ConnectorFields
          draft={draft}
          change={change}
          faults={fields}
          aboutAddress={
            <AboutAddress draft={draft} change={change} look={look} isPrivate={isPrivate} onKind={onKind} />
          }
        />
        <TextField
          label={words.label}
          help={words.labelHelp}
          optional
          value={draft.label}
          onChange={(label) => change({ label })}
          input={{ maxLength: 80 }}
        />
        <SwitchField
          label={words.readOnly}
          help={draft.connector === 'allegro' ? words.allegro.readOnlyHelp : words.readOnlyHelp}
          checked={draft.readOnly}
          onChange={(readOnly) => change({ readOnly })}
        />
        {formFault && <Notice tone="bad">{formFault}</Notice>}
        <div className="row add-buttons">
          <Button icon={<ArrowLeft aria-hidden="true" size={16} />} onClick={onBack}>
            {texts.words.back}
          </Button>
          <Button type="submit" kind="primary" busy={add.isRunning}>
            {draft.signIn === 'oauth' && !draft.isCommand ? words.signInWithBrowser : words.checkAndAdd}
          </Button>
        </div>
      </div>
      <LiveChecks
        look={look}
        draft={draft}
        state={add.isRunning ? 'running' : add.failure && tried?.draft === draft ? 'failed' : 'open'}
      />
    </form>
  );
}

/** What was found out about the address and only the person can say. */
function AboutAddress({
  draft,
  change,
  look,
  isPrivate,
  onKind,
}: Pick<NewAccountFormProps, 'onKind'> & {
  draft: Draft;
  change: (changed: Partial<Draft>) => void;
  look: Look;
  isPrivate: boolean;
}) {
  const words = texts.add;
  const kind = draft.connector === 'custom' ? (look.result?.connector ?? 'custom') : 'custom';
  return (
    <>
      {kind !== 'custom' && (
        <Notice
          tone="info"
          action={
            <Button size="small" onClick={() => onKind(kind, movedTo(kind, draft))}>
              {words.useItsForm}
            </Button>
          }
        >
          {words.isKind(texts.words.connector[kind])}
        </Notice>
      )}
      {isPrivate && (
        <SwitchField
          label={words.ownNetwork}
          help={words.ownNetworkHelp}
          checked={draft.ownNetwork}
          onChange={(ownNetwork) => change({ ownNetwork })}
        />
      )}
    </>
  );
}

/** The form as it was sent off; another one each time. */
interface Tried {
  readonly draft: Draft;
}

/** Adds the account. Leaving the form meanwhile takes it back. */
function useAdding(draft: Draft, onAdded: NewAccountFormProps['onAdded'], onFailed: () => void) {
  const control = useControl();
  const [tried, setTried] = useState<Tried>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const add = useAction(async () => {
    const leaving = new AbortController();
    running.current = leaving;
    try {
      const checked = await control.accounts.add(newAccountOf(draft), { signal: leaving.signal });
      if (!leaving.signal.aborted) onAdded(checked, draft.label.trim() !== '');
    } catch (error) {
      if (leaving.signal.aborted) return;
      onFailed();
      throw error;
    }
  }, 'inline');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried({ draft });
    if (Object.keys(missingIn(draft)).length === 0) void add.run();
  };
  return { add, tried, submit };
}

type Adding = Pick<Action<[]>, 'isRunning' | 'failure'>;

/** What is wrong with the form as it is now: a fault goes when what it is about is changed. */
function faultsNow(
  draft: Draft,
  tried: Tried | undefined,
  { failure, isRunning }: Adding,
): { fields: FieldFaults; formFault: string | undefined } {
  if (!tried || isRunning) return { fields: {}, formFault: undefined };
  const missing = missingIn(draft);
  if (!failure) return { fields: missing, formFault: undefined };
  const { fields, form } = refusalOf(failure, tried.draft);
  return {
    fields: {
      ...(draft.key === tried.draft.key && fields.key !== undefined ? { key: fields.key } : {}),
      ...(draft.user === tried.draft.user && fields.user !== undefined ? { user: fields.user } : {}),
      ...missing,
    },
    formFault: form,
  };
}

/** After a try the focus goes to the first field that has to be changed. */
function useFirstFault(
  form: RefObject<HTMLFormElement | null>,
  tried: Tried | undefined,
  { isRunning }: Adding,
): void {
  useEffect(() => {
    if (!tried || isRunning) return;
    form.current
      ?.querySelector<HTMLElement>(':is(input, textarea)[aria-invalid="true"]:not([aria-hidden="true"])')
      ?.focus();
  }, [form, tried, isRunning]);
}

/** What was entered, in the form of another kind of workspace. */
function movedTo(kind: ConnectorId, { url, label, key, readOnly }: Draft): Draft {
  const draft = emptyDraft(kind);
  return { ...draft, url, label, key, readOnly, ...(key === '' ? {} : { signIn: 'key' }) };
}
