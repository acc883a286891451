import { type FormEvent, useEffect, useRef, useState } from 'react';
import { effectiveUser, type SelectedUser } from '#contract/account.ts';
import type { AccountView } from '#contract/control.ts';
import { useAction } from '../../action.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { Card, Facts, Section } from '../../components/page.tsx';
import { useToasts } from '../../components/toasts.tsx';
import { useControl } from '../../gangway.tsx';
import { texts } from '../../texts/texts.ts';

/** Which member of the workspace calls run as. */
export function SelectedUserTab({ account }: { account: AccountView }) {
  const words = texts.account;
  const actAs = useActAs(account);
  const [typed, setTyped] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const act = useAction(async (user: string) => {
    await actAs(user);
    setTyped((now) => (now.trim() === user ? '' : now));
  }, 'inline');
  const other = useAction((user: SelectedUser | null) => actAs(user));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() !== '') void act.run(typed.trim());
  };
  const user = effectiveUser(account);
  const recent = account.recentUsers.filter((one) => one.by !== user?.by || one.value !== user.value);
  useFocusBack(form, `${user?.by} ${user?.value}`);
  return (
    <div className="stack">
      <p className="muted">{words.userLead}</p>
      <Card>
        <Facts
          items={[
            [words.userNow, <strong key="now">{user?.value ?? words.userNobody}</strong>],
            account.user ? [words.userDefault, account.user.value] : null,
          ]}
        />
      </Card>
      {account.actingAs && (
        <div>
          <Button busy={other.isRunning} onClick={() => void other.run(null)}>
            {words.userStop}
          </Button>
        </div>
      )}
      <Section title={words.userChange}>
        <form ref={form} className="row-fields" onSubmit={submit}>
          <TextField label={words.userField} value={typed} onChange={setTyped} error={act.failure?.message} />
          <Button type="submit" kind="primary" busy={act.isRunning} disabled={typed.trim() === ''}>
            {words.userAct}
          </Button>
        </form>
      </Section>
      {recent.length > 0 && (
        <Section title={words.userRecent}>
          <div className="row">
            {recent.map((one) => (
              <Button key={`${one.by}:${one.value}`} size="small" onClick={() => void other.run(one)}>
                {words.userRecentAct(one.value)}
              </Button>
            ))}
          </div>
        </Section>
      )}
    </div>
  );
}

function useActAs({ id }: AccountView): (user: string | SelectedUser | null) => Promise<void> {
  const control = useControl();
  const toasts = useToasts();
  return async (user) => {
    const { account } = await control.accounts.actAs({ account: id, user });
    const { actingAs } = account;
    const { actingNow, actingStopped } = texts.account;
    toasts.said(actingAs ? actingNow(actingAs.value) : actingStopped, undefined, undefined, 'act-as');
  };
}

/** The button that had the focus may go with the member it was about. */
function useFocusBack(form: React.RefObject<HTMLElement | null>, user: string): void {
  const before = useRef(user);
  useEffect(() => {
    if (before.current === user) return;
    before.current = user;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost) form.current?.querySelector('input')?.focus();
  }, [form, user]);
}
