import { useState } from 'react';
import type { AccountView, CheckedAccount } from '#contract/control.ts';
import { Card } from '../../components/page.tsx';
import { SignInProgress } from '../../sign-in/sign-in-progress.tsx';
import { Added } from './added.tsx';
import { NewAccountForm, type NewAccountFormProps } from './new-account-form.tsx';

interface Shown extends Omit<NewAccountFormProps, 'onAdded'> {
  /** It was added; whoever filled in the form may forget what was in it. */
  readonly onAdded: () => void;
  readonly onAnother: () => void;
  /** It was added, and the person signs in another time. */
  readonly onLater: (account: string) => void;
  readonly onDone: (account: string) => void;
  /** In the wizard: what the last button says. */
  readonly doneLabel?: string;
}

/** What has come of the form. */
interface Outcome {
  readonly account: AccountView;
  readonly isNamed: boolean;
  readonly notes: readonly string[];
  /** The account that holds the sign-in, once there is one: another one when the person updated that. */
  readonly signedIn: string | undefined;
}

/** Adding one account, from the first letter to the account that works. */
export function AddForm({ onAdded, onAnother, onLater, onDone, doneLabel, ...form }: Shown) {
  const [outcome, setOutcome] = useState<Outcome>();
  const take = ({ account, notes }: CheckedAccount, isNamed: boolean): void => {
    setOutcome({ account, notes, isNamed, signedIn: undefined });
    onAdded();
  };
  if (!outcome) return <NewAccountForm {...form} onAdded={take} />;
  const { account, notes, isNamed, signedIn } = outcome;
  if (account.signIn.kind === 'oauth' && signedIn === undefined) {
    return (
      <Card className="add-sign-in">
        <SignInProgress
          account={account}
          onStored={(done) =>
            setOutcome({ ...outcome, notes: [...notes, ...done.notes], signedIn: done.account })
          }
          onClose={() => onLater(account.id)}
        />
      </Card>
    );
  }
  const id = signedIn ?? account.id;
  return (
    <Added
      id={id}
      given={id === account.id ? account : undefined}
      isNamed={isNamed}
      notes={notes}
      onAnother={onAnother}
      onDone={() => onDone(id)}
      doneLabel={doneLabel}
    />
  );
}
