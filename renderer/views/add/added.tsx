import { CircleCheck } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Color } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import { broadScopes } from '../../accounts/scopes.ts';
import { useSwitch } from '../../accounts/switching.ts';
import { useAction } from '../../action.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ColorField } from '../../components/color-field.tsx';
import { SwitchField } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Empty, Facts } from '../../components/page.tsx';
import { useAccount, useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';
import { RenameDialog } from '../accounts/rename-dialog.tsx';
import { useSaving } from '../settings/saving.ts';
import { nameFor } from './name-for.ts';
import { Notes } from './notes.tsx';

interface Shown {
  readonly id: string;
  /** As it was added, until the bridge tells of it; undefined when it was there before. */
  readonly given: AccountView | undefined;
  /** The person gave it a name. */
  readonly isNamed: boolean;
  readonly notes: readonly string[];
  readonly onAnother: () => void;
  readonly onDone: () => void;
  readonly doneLabel: string | undefined;
}

/** The account was added and works: who it is, and what to do with it. */
export function Added({ id, given, onAnother, onDone, ...rest }: Shown) {
  const told = useAccount(id);
  const [isTold, setTold] = useState(false);
  if (told && !isTold) setTold(true);
  // Removed elsewhere, while this was looked at.
  if (isTold && !told) return <Empty title={texts.account.goneTitle} text={texts.account.goneText} />;
  const account = told ?? given;
  if (!account) return null;
  return (
    <AddedAccount account={account} isNew={given !== undefined} {...rest}>
      <div className="row-end">
        <Button onClick={onAnother}>{texts.add.added.another}</Button>
        <Button kind="primary" onClick={onDone}>
          {rest.doneLabel ?? texts.words.done}
        </Button>
      </div>
    </AddedAccount>
  );
}

function AddedAccount({
  account,
  isNew,
  isNamed,
  notes,
  children,
}: Pick<Shown, 'isNamed' | 'notes'> & {
  account: AccountView;
  isNew: boolean;
  children: React.ReactNode;
}) {
  const words = texts.add.added;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { identity } = account;
  const broad = broadScopes(account.grant?.scope);
  return (
    <Card className="stack added">
      <div className="row added-head">
        <CircleCheck aria-hidden="true" size={28} className="added-mark" />
        <h2 ref={heading} tabIndex={-1}>
          {isNew ? words.title(account.label) : words.updated(account.label)}
        </h2>
        {account.environment !== 'production' && (
          <Badge tone="warn">{texts.words.environment[account.environment]}</Badge>
        )}
      </div>
      <Facts
        items={[
          identity ? [texts.account.who, identity.summary] : null,
          [texts.account.environment, texts.words.environment[account.environment]],
          identity ? [texts.account.toolCount, identity.tools.toLocaleString('en')] : null,
          identity ? [texts.account.protocol, identity.protocolVersion] : null,
        ]}
      />
      {identity?.tools === 0 && <Notice tone="warn">{words.noTools}</Notice>}
      <Notes notes={notes} />
      {broad.length > 0 && <Notice tone="warn">{texts.account.broad(broad)}</Notice>}
      <NameAndColor account={account} suggested={isNew && !isNamed ? nameFor(account) : undefined} />
      <Use account={account} />
      <ReadOnly account={account} />
      {children}
    </Card>
  );
}

/** Name and colour: how it is told apart from the others. */
function NameAndColor({ account, suggested }: { account: AccountView; suggested: string | undefined }) {
  const control = useControl();
  const [isNaming, setNaming] = useState(false);
  const color = useSaving(account.color, (chosen: Color) =>
    control.accounts.update({ account: account.id, color: chosen }),
  );
  const name = useAction((label: string) => control.accounts.update({ account: account.id, label }));
  const words = texts.add.added;
  return (
    <>
      <ColorField
        label={texts.accounts.color}
        value={color.shown}
        onChange={(chosen) => void color.save(chosen)}
      />
      {color.failure && <Notice tone="bad">{color.failure}</Notice>}
      <div className="row">
        {suggested !== undefined && suggested !== account.label && (
          <Button size="small" busy={name.isRunning} onClick={() => void name.run(suggested)}>
            {words.callIt(suggested)}
          </Button>
        )}
        <Button size="small" onClick={() => setNaming(true)}>
          {words.otherName}
        </Button>
      </div>
      {isNaming && <RenameDialog account={account} onClose={() => setNaming(false)} />}
    </>
  );
}

function Use({ account }: { account: AccountView }) {
  const words = texts.add.added;
  const change = useSwitch();
  const use = useAction(() => change(account));
  if (account.current) return <p className="muted">{words.isCurrent}</p>;
  return (
    <div className="row">
      <Button busy={use.isRunning} onClick={() => void use.run()}>
        {words.makeCurrent}
      </Button>
      <span className="muted small">{words.makeCurrentHelp}</span>
    </div>
  );
}

function ReadOnly({ account }: { account: AccountView }) {
  const control = useControl();
  const saving = useSaving(account.rules.readOnly, (on: boolean) =>
    control.accounts.update({ account: account.id, rules: { readOnly: on } }),
  );
  // Allegro does not say whether a token is an admin's, so the person is told what that means.
  const isAllegro = account.connector === 'allegro' && account.upstream.kind !== 'command';
  return (
    <>
      <SwitchField
        label={texts.account.readOnly}
        help={isAllegro ? texts.add.allegro.hideWrites : texts.account.readOnlyHelp}
        checked={saving.shown}
        onChange={(on) => void saving.save(on)}
      />
      {saving.failure && <Notice tone="bad">{saving.failure}</Notice>}
    </>
  );
}
