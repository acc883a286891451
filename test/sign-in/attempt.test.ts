import { describe, expect, test } from 'vitest';
import { OAuthTrouble } from '#bridge/oauth/trouble.ts';
import { Attempt, type Desk } from '#bridge/sign-in/attempt.ts';
import { SignInFailed } from '#bridge/sign-in/failure.ts';
import { askMoved, askSameIdentity } from '#bridge/sign-in/questions.ts';
import type { SignInState } from '#contract/sign-in.ts';
import { SignInView } from '#contract/sign-in.ts';
import { anAccount } from '../accounts/an-account.ts';

const DONE: SignInState = { step: 'done', account: anAccount().id, who: 'Acme', notes: [] };

function anAttempt() {
  const steps: string[] = [];
  const attempt: Attempt = new Attempt(anAccount(), new Date('2026-11-21T10:00:00Z'), () => {
    steps.push(attempt.view.state.step);
  });
  return { attempt, steps };
}

const question = askMoved('mcp.example', 'https://old.example', 'https://new.example');

describe('a sign-in', () => {
  test('shows every step and ends as its steps end', async () => {
    const { attempt, steps } = anAttempt();
    await attempt.run(async (desk) => {
      desk.show({ step: 'registering', host: 'as.example' });
      desk.show({ step: 'exchanging', host: 'as.example' });
      return DONE;
    });
    expect(steps).toEqual(['registering', 'exchanging', 'done']);
    expect(SignInView.parse(attempt.view)).toEqual(attempt.view);
  });

  test('fails with the words of what failed', async () => {
    const { attempt } = anAttempt();
    await attempt.run(async () => {
      throw new OAuthTrouble('transient', 'as.example cannot be reached.', { host: 'as.example' });
    });
    expect(attempt.view.state).toEqual({
      step: 'failed',
      code: 'unreachable',
      message: 'as.example cannot be reached.',
      next: 'Try again in a moment.',
    });
  });

  test('does not tell the text of what nobody foresaw', async () => {
    const { attempt } = anAttempt();
    await attempt.run(async () => {
      throw new Error('something with a secret in it');
    });
    expect(attempt.view.state).toMatchObject({ step: 'failed', code: 'internal' });
    expect(JSON.stringify(attempt.view.state)).not.toContain('with a secret');
  });

  test('waits for the answer to a question and takes only what was offered', async () => {
    const { attempt } = anAttempt();
    const running = attempt.run(async (desk) => {
      const choice = await desk.ask(question);
      return choice === 'continue' ? DONE : { step: 'cancelled' };
    });
    expect(attempt.view.state).toMatchObject({ step: 'asking', question: { kind: 'moved' } });
    expect(() => attempt.answer('update')).toThrow('Answer with one of: continue, cancel.');
    attempt.answer('continue');
    await running;
    expect(attempt.view.state.step).toBe('done');
    expect(() => attempt.answer('continue')).toThrow('asks nothing');
  });

  test('the answer "cancel" ends it', async () => {
    const { attempt } = anAttempt();
    const running = attempt.run(async (desk) => {
      await desk.ask(question);
      return DONE;
    });
    attempt.answer('cancel');
    await running;
    expect(attempt.view.state).toEqual({ step: 'cancelled' });
  });

  test.each([
    [
      'while it works',
      (desk: Desk) =>
        new Promise<never>((_, reject) => {
          desk.signal.addEventListener('abort', () => reject(desk.signal.reason));
        }),
    ],
    ['while it asks', (desk: Desk) => desk.ask(question)],
  ] as const)('can be cancelled %s', async (_, step) => {
    const { attempt, steps } = anAttempt();
    const running = attempt.run(async (desk) => {
      await step(desk);
      return DONE;
    });
    attempt.cancel();
    await running;
    expect(steps.at(-1)).toBe('cancelled');
  });

  test('what was stored before the cancellation came is done', async () => {
    const { attempt } = anAttempt();
    await attempt.run(async () => {
      attempt.cancel();
      return DONE;
    });
    expect(attempt.view.state.step).toBe('done');
  });

  test('nothing is shown after the end', async () => {
    const { attempt, steps } = anAttempt();
    let kept: Desk | undefined;
    await attempt.run(async (desk) => {
      kept = desk;
      throw new SignInFailed('refused', 'No.', 'Start again.');
    });
    kept?.show({ step: 'registering', host: 'as.example' });
    expect(steps).toEqual(['failed']);
  });
});

test('questions are short, name hosts only, and always offer a way out', () => {
  const evil = `https://evil.example/${'x'.repeat(4000)}`;
  for (const one of [
    question,
    askMoved('mcp.example', 'https://old.example', evil),
    askSameIdentity('A'.repeat(5000), anAccount()),
  ]) {
    expect(one.text.length).toBeLessThanOrEqual(300);
    expect(one.text).not.toContain('/x');
    expect(one.choices.at(-1)?.choice).toBe('cancel');
  }
});
