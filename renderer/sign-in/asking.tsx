import { useState } from 'react';
import type { SignInChoice, SignInQuestion } from '#contract/sign-in.ts';
import { useAction } from '../action.ts';
import { Button } from '../components/button.tsx';
import { Notice } from '../components/notice.tsx';
import { useControl } from '../gangway.tsx';

/** Something only the person can decide. Where it is about trust no answer is put forward. */
export function Asking({ id, question }: { id: string; question: SignInQuestion }) {
  const control = useControl();
  const [chosen, choose] = useState<SignInChoice>();
  const answer = useAction((choice: SignInChoice) => {
    choose(choice);
    return control.signIn.answer({ id, choice });
  });
  const usual = question.kind === 'same-identity' ? 'update' : undefined;
  return (
    <>
      <Notice tone="warn">{question.text}</Notice>
      <div className="sign-in-choices">
        {question.choices.map(({ choice, label }) => (
          <Button
            key={choice}
            kind={choice === usual ? 'primary' : choice === 'cancel' ? 'quiet' : 'plain'}
            busy={answer.isRunning && choice === chosen}
            onClick={() => void answer.run(choice)}
          >
            {label}
          </Button>
        ))}
      </div>
    </>
  );
}
