import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { ControlClient } from '#bridge/control/client.ts';
import { hasEnded, type SignInQuestion, type SignInState } from '#contract/sign-in.ts';

/** How an attempt to sign in ended, and what the person was asked on the way. */
export interface Attempt {
  readonly state: SignInState;
  readonly questions: readonly SignInQuestion['kind'][];
}

/**
 * Signs an account in as a person does who wants it to work: opens the page they are shown, once, and goes on whenever
 * they are asked. All they know is what `watch` shows.
 * @throws Error when the attempt disappears, or a question has no answer by which it goes on.
 */
export async function signInAsPerson(control: ControlClient, account: string): Promise<Attempt> {
  const changes = await control.watch();
  const { id } = await control.signIn.start({ account });
  const questions: SignInQuestion['kind'][] = [];
  let hasOpened = false;
  for await (const { signIns } of changes) {
    const state = signIns?.find((attempt) => attempt.id === id)?.state;
    if (state === undefined) continue;
    if (hasEnded(state)) return { state, questions };
    if (state.step === 'waiting' && !hasOpened) {
      hasOpened = true;
      await browse(state.link);
    }
    if (state.step === 'asking' && !questions.includes(state.question.kind)) {
      questions.push(state.question.kind);
      await control.signIn.answer({ id, choice: onwards(state.question) });
    }
  }
  throw new Error('The bridge stopped before the sign-in ended.');
}

/**
 * Follows the page to where it leads, as a browser navigates: the suites' authorization servers ask nothing and send it
 * back at once. `fetch` would not do, since it says that a script is asking.
 */
async function browse(link: string): Promise<void> {
  let next: string | undefined = link;
  while (next !== undefined) {
    const address: string = next;
    const request = get(address, { agent: false, headers: { 'sec-fetch-mode': 'navigate' } });
    const [page] = (await once(request, 'response')) as [IncomingMessage];
    page.resume();
    await once(page, 'end');
    const { location } = page.headers;
    next = location === undefined ? undefined : new URL(location, address).href;
  }
}

function onwards({ kind, choices }: SignInQuestion): 'continue' | 'keep-both' {
  const wanted = kind === 'same-identity' ? 'keep-both' : 'continue';
  if (choices.some(({ choice }) => choice === wanted)) return wanted;
  throw new Error(`The question "${kind}" cannot be answered with "${wanted}".`);
}
