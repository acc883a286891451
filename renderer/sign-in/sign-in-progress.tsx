import { useEffect, useRef } from 'react';
import { hasEnded, type SignInState } from '#contract/sign-in.ts';
import { Button } from '../components/button.tsx';
import { Checklist } from '../components/checklist.tsx';
import { Notice } from '../components/notice.tsx';
import { texts } from '../texts/texts.ts';
import { Asking } from './asking.tsx';
import { type SignInDone, type SignInPurpose, useLeftBehind } from './left-behind.tsx';
import { linesOf } from './steps.ts';
import { type SignInAttempt, useAttempt } from './use-attempt.ts';
import { Waiting } from './waiting.tsx';

interface Progress extends SignInPurpose {
  /** The person is done with what is shown of it, or leaves it. */
  readonly onClose: () => void;
}

/**
 * One sign-in from its start to its end. It begins when it is shown, because a click asked for it, or goes on with the
 * one under way. Leaving it does not cancel it, so a closed dialog loses nothing.
 */
export function SignInProgress({ account, onStored, onClose }: Progress) {
  const attempt = useAttempt(account);
  const { followed } = attempt;
  const state = followed?.view.state;
  const whole = useRef<HTMLDivElement>(null);
  const isOver = followed?.isLost === true || (state !== undefined && hasEnded(state));
  useLeftBehind(followed?.view.id, isOver, { account, onStored });
  useStored(state, onStored);
  useKeptFocus(whole, attempt.failure ? 'failure' : followed?.isLost ? 'lost' : state?.step);
  if (attempt.failure && !attempt.isStarting) {
    return (
      <Ended ref={whole} attempt={attempt} onClose={onClose}>
        <Notice tone="bad">{attempt.failure.message}</Notice>
      </Ended>
    );
  }
  if (followed?.isLost) {
    return (
      <Ended ref={whole} attempt={attempt} onClose={onClose}>
        <Notice tone="warn">{texts.accounts.signInLost}</Notice>
      </Ended>
    );
  }
  if (state?.step === 'failed' || state?.step === 'cancelled') {
    return (
      <Ended ref={whole} attempt={attempt} onClose={onClose}>
        <Notice tone={state.step === 'failed' ? 'bad' : 'info'}>
          {state.step === 'failed' ? `${state.message} ${state.next}` : texts.accounts.signInCancelled}
        </Notice>
      </Ended>
    );
  }
  const lines = linesOf(state);
  const cancel = (): void => void attempt.cancel().then(onClose);
  return (
    <div ref={whole} tabIndex={-1} className="stack sign-in-progress" data-first-focus>
      {state?.step !== 'asking' && (
        <Checklist
          label={texts.accounts.signInSteps}
          lines={lines}
          said={lines.find((line) => line.state === 'running')?.text ?? ''}
        />
      )}
      {followed && state?.step === 'waiting' && (
        <Waiting key={followed.view.id} id={followed.view.id} state={state} isJoined={followed.isJoined} />
      )}
      {followed && state?.step === 'asking' && <Asking id={followed.view.id} question={state.question} />}
      {state?.step === 'done' && <Done done={state} onClose={onClose} />}
      {!isOver && state?.step !== 'asking' && (
        <div className="row-end">
          {followed?.isJoined && (
            <Button kind="quiet" busy={attempt.isStarting} onClick={attempt.again}>
              {texts.accounts.startAgain}
            </Button>
          )}
          <Button kind="quiet" busy={attempt.isCancelling} onClick={cancel}>
            {texts.accounts.cancelSignIn}
          </Button>
        </div>
      )}
    </div>
  );
}

/** It came to nothing: why, and the way on. */
function Ended({
  ref,
  attempt,
  onClose,
  children,
}: {
  ref: React.RefObject<HTMLDivElement | null>;
  attempt: SignInAttempt;
  onClose: () => void;
  children: React.ReactNode;
}) {
  return (
    <div ref={ref} tabIndex={-1} className="stack sign-in-progress" data-first-focus>
      {children}
      <div className="row-end">
        <Button onClick={onClose}>{texts.words.close}</Button>
        <Button kind="primary" busy={attempt.isStarting} onClick={attempt.again}>
          {texts.words.retry}
        </Button>
      </div>
    </div>
  );
}

function Done({ done, onClose }: { done: SignInDone; onClose: () => void }) {
  return (
    <>
      <Notice tone="good">{texts.accounts.signedInAs(done.who)}</Notice>
      {done.notes.length > 0 && (
        <ul className="stack-tight muted">
          {done.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className="row-end">
        <Button kind="primary" onClick={onClose}>
          {texts.words.done}
        </Button>
      </div>
    </>
  );
}

/** Tells once that it was stored. */
function useStored(state: SignInState | undefined, onStored: Progress['onStored']): void {
  const isTold = useRef(false);
  useEffect(() => {
    if (state?.step !== 'done' || isTold.current) return;
    isTold.current = true;
    onStored?.(state);
  }, [state, onStored]);
}

/** When what had the focus is gone with the step it belonged to, the focus stays with the sign-in. */
function useKeptFocus(whole: React.RefObject<HTMLDivElement | null>, step: string | undefined): void {
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    const { activeElement } = document;
    const isHere = [null, document.body, whole.current].includes(activeElement as HTMLElement | null);
    if (!isHere && activeElement?.getAttribute('role') !== 'dialog') return;
    const main = whole.current?.querySelector<HTMLElement>('.button-primary');
    (main ?? whole.current)?.focus();
  }, [whole, step]);
}
