import { describe, expect, test } from 'vitest';
import { Signal } from '#bridge/base/events.ts';
import type { AccountView, Snapshot } from '#contract/control.ts';
import type { SignInState, SignInView } from '#contract/sign-in.ts';
import { signInByClick } from '#main/sign-in-click.ts';
import { account, aSignIn, aSnapshot, ENDED } from './a-tray.ts';

const acme = account('Acme', ENDED);
const waiting: SignInState = {
  step: 'waiting',
  host: 'login.example',
  link: 'https://login.example/authorize',
  expiresAt: '2026-11-21T12:10:00.000Z',
};
const asking: SignInState = {
  step: 'asking',
  question: { kind: 'moved', text: 'Continue?', choices: [{ choice: 'continue', label: 'Continue' }] },
};

/** A desktop on which sign-ins go as far as the test lets them. */
class Stage {
  readonly done: unknown[] = [];
  readonly changed = new Signal<void>();
  readonly leaving = new AbortController();
  snapshot: Snapshot;
  opens = true;

  constructor(of: AccountView, ...states: SignInState[]) {
    this.snapshot = aSnapshot({ accounts: [of], signIns: states.map((state) => aSignIn(of, state)) });
  }

  become(state: SignInState): void {
    this.snapshot = { ...this.snapshot, signIns: [aSignIn(acme, state)] };
    this.changed.announce();
  }

  click(): Promise<void> {
    const stage = this;
    return signInByClick(acme.id, {
      latest: {
        changed: this.changed,
        get snapshot() {
          return stage.snapshot;
        },
      },
      control: {
        signIn: {
          start: async (input: unknown): Promise<SignInView> => {
            stage.done.push(['start', input]);
            return aSignIn(acme, { step: 'discovering' });
          },
        },
      },
      openSignIn: async (id) => {
        stage.done.push(['open', id]);
        return stage.opens;
      },
      showWindow: (route) => void stage.done.push(['show', route]),
      signal: this.leaving.signal,
    });
  }
}

const started = ['start', { account: acme.id }];
const opened = ['open', 'sgn_00000000'];
const shown = ['show', `/accounts/${acme.id}`];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a click on "Sign in"', () => {
  test('begins a sign-in and opens its page once it is known', async () => {
    const stage = new Stage(acme);
    const clicking = stage.click();
    await turn();
    stage.become({ step: 'discovering' });
    stage.become({ step: 'registering', host: 'login.example' });
    await turn();
    expect(stage.done).toEqual([started]);
    stage.become(waiting);
    await clicking;
    expect(stage.done).toEqual([started, opened]);
  });

  test('goes on with the one under way', async () => {
    const stage = new Stage(acme, waiting);
    await stage.click();
    expect(stage.done).toEqual([opened]);
  });

  test('begins anew after one that has ended', async () => {
    const stage = new Stage(acme);
    const ended = { ...aSignIn(acme, { step: 'cancelled' }), id: 'sgn_99999999' };
    stage.snapshot = { ...stage.snapshot, signIns: [ended] };
    const clicking = stage.click();
    await turn();
    expect(stage.done).toEqual([started]);
    stage.become(waiting);
    await clicking;
  });

  test('asks for the scope that a call was refused for', async () => {
    const condition = { state: 'ready', text: 'More is needed.', action: 'sign-in', wider: 'write' } as const;
    const stage = new Stage(account('Acme', { condition }));
    const clicking = stage.click();
    await turn();
    stage.become(waiting);
    await clicking;
    expect(stage.done[0]).toEqual(['start', { account: acme.id, wider: 'write' }]);
  });

  test('shows a question in the window, and opens no browser for it', async () => {
    const stage = new Stage(acme, asking);
    await stage.click();
    expect(stage.done).toEqual([shown]);
  });

  test('shows a sign-in that failed in the window', async () => {
    const stage = new Stage(acme);
    const clicking = stage.click();
    await turn();
    stage.become({ step: 'failed', code: 'unreachable', message: 'Cannot be reached.', next: 'Try again.' });
    await clicking;
    expect(stage.done).toEqual([started, shown]);
  });

  test('whose page is refused shows the window', async () => {
    const stage = new Stage(acme, waiting);
    stage.opens = false;
    await stage.click();
    expect(stage.done).toEqual([opened, shown]);
  });

  test('ends with the app', async () => {
    const stage = new Stage(acme);
    const clicking = stage.click();
    await turn();
    stage.leaving.abort();
    await clicking;
    expect(stage.done).toEqual([started]);
  });
});
