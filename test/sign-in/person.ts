import type { ControlClient } from '#bridge/control/client.ts';
import { hasEnded, type SignInState, type SignInView } from '#contract/sign-in.ts';
import { type Choices, type LastPage, signInByScript } from '../browser/scripted.ts';

/** What the person does at each place of a sign-in. */
export interface Person {
  /** On the server's pages. */
  readonly choose?: Choices;
  /** At a question; `cancel` when absent. Called with every question. */
  readonly answer?: (
    state: Extract<SignInState, { step: 'asking' }>,
  ) => 'continue' | 'update' | 'keep-both' | 'again' | 'cancel';
  /** Instead of opening the link. */
  readonly open?: (link: string) => Promise<unknown>;
}

/** How a sign-in went. */
export interface SignInStory {
  readonly last: SignInState;
  /** Every step that was seen, each once in a row. */
  readonly steps: readonly SignInState['step'][];
  /** The last page the browser showed. */
  readonly page: LastPage | undefined;
}

/** Signs in to an account as a person would, through the contract alone. */
export async function signInAs(
  control: ControlClient,
  account: string,
  person: Person = {},
): Promise<SignInStory> {
  const { id } = await control.signIn.start({ account });
  return followSignIn(control, id, person);
}

/** Goes on with a sign-in that was started, until it ends. */
export async function followSignIn(
  control: ControlClient,
  id: string,
  person: Person = {},
): Promise<SignInStory> {
  const steps: SignInState['step'][] = [];
  let page: LastPage | undefined;
  let opened = '';
  const opening: Promise<void>[] = [];
  for await (const state of statesOf(control, id)) {
    if (steps.at(-1) !== state.step) steps.push(state.step);
    if (state.step === 'waiting' && state.link !== opened) {
      opened = state.link;
      const open = person.open ?? ((link: string) => signInByScript(link, person.choose));
      const done = open(state.link).then((shown) => {
        page = shown as LastPage | undefined;
      });
      // A failure to open is told when the sign-in has ended; until then it must not count as unhandled.
      done.catch(() => undefined);
      opening.push(done);
    }
    if (state.step === 'asking') {
      const choice = person.answer?.(state) ?? 'cancel';
      await control.signIn.answer({ id, choice });
    }
    if (hasEnded(state)) {
      await Promise.all(opening);
      return { last: state, steps, page };
    }
  }
  throw new Error('The sign-in disappeared.');
}

/** The states of one sign-in as a user interface sees them. */
export async function* statesOf(control: ControlClient, id: string): AsyncGenerator<SignInState> {
  const leaving = new AbortController();
  using _ends = { [Symbol.dispose]: () => leaving.abort() };
  let shown: SignInView | undefined;
  for await (const change of await control.watch(undefined, { signal: leaving.signal })) {
    const found = change.signIns?.find((one) => one.id === id);
    if (!found || JSON.stringify(found) === JSON.stringify(shown)) continue;
    shown = found;
    yield found.state;
  }
}

/** Waits until a sign-in is at a step. */
export async function untilStep<S extends SignInState['step']>(
  control: ControlClient,
  id: string,
  step: S,
): Promise<Extract<SignInState, { step: S }>> {
  for await (const state of statesOf(control, id)) {
    if (state.step === step) return state as Extract<SignInState, { step: S }>;
    if (hasEnded(state)) throw new Error(`The sign-in ended as ${JSON.stringify(state)}.`);
  }
  throw new Error('The sign-in disappeared.');
}
