import { isDeepStrictEqual } from 'node:util';
import { limits } from '../base/limits.ts';
import { asBridgeError, BridgeError } from '../contract/errors.ts';
import {
  hasEnded,
  type SignInChoice,
  type SignInEnd,
  type SignInQuestion,
  type SignInState,
  type SignInView,
} from '../contract/sign-in.ts';
import type { ControlClient } from '../control/client.ts';
import type { WayToOpen } from './browser.ts';
import type { CommandParts } from './command.ts';
import { askPerson, GivenAnswers } from './sign-in-question.ts';
import { type Clock, SignInStage } from './sign-in-stage.ts';

export interface FollowOptions {
  readonly way: WayToOpen;
  readonly answers: readonly SignInChoice[];
  /** Host of the workspace. */
  readonly host: string;
  readonly clock: Clock;
}

/**
 * Shows a sign-in until it ends: opens its page, asks its questions. Whoever leaves before cancels it.
 * @throws BridgeError `sign-in-needed` for a question that nobody is there to answer; `stopping`; `refused` for a page
 * that must not be opened; the signal's reason.
 */
export async function followSignIn(
  { id }: SignInView,
  options: FollowOptions,
  parts: CommandParts,
): Promise<SignInEnd> {
  const { control, terminal, environment } = parts;
  const leaving = new AbortController();
  const signal = AbortSignal.any([parts.signal, leaving.signal]);
  const leave = (): void => leaving.abort(new DOMException('Interrupted.', 'AbortError'));
  using stage = new SignInStage({ ...options, terminal, environment, leave });
  const given = new GivenAnswers(options.answers);
  let scene = new AbortController();
  try {
    for await (const state of statesOf(id, control, signal)) {
      scene.abort();
      scene = new AbortController();
      if (hasEnded(state)) return state;
      if (state.step === 'asking') {
        stage.clear();
        const asking = {
          id,
          question: state.question,
          given,
          signal: AbortSignal.any([signal, scene.signal]),
        };
        const isOver = scene.signal;
        answer(asking, parts).catch((error: unknown) => {
          // Somebody else answered, or the sign-in ended meanwhile.
          if (!isOver.aborted) leaving.abort(error);
        });
      } else {
        stage.enter(state);
      }
    }
    throw signal.aborted ? signal.reason : stopped();
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    stage.clear();
    // An owner that stopped has ended it already; asking again would only start another one.
    if (asBridgeError(reason).code !== 'stopping') await cancel(id, control);
    throw reason;
  } finally {
    scene.abort();
  }
}

/** The states of one sign-in, each once. A sign-in that is gone was replaced by a newer one. */
async function* statesOf(
  id: string,
  control: ControlClient,
  signal: AbortSignal,
): AsyncGenerator<SignInState, void> {
  let before: SignInState | undefined;
  for await (const { signIns } of await control.watch(undefined, { signal })) {
    if (!signIns) continue;
    const state = signIns.find((view) => view.id === id)?.state ?? { step: 'cancelled' };
    if (!isDeepStrictEqual(state, before)) yield state;
    before = state;
  }
}

interface Asking {
  readonly id: string;
  readonly question: SignInQuestion;
  readonly given: GivenAnswers;
  readonly signal: AbortSignal;
}

async function answer({ id, question, given, signal }: Asking, parts: CommandParts): Promise<void> {
  const { control, terminal } = parts;
  const choice = given.take(question) ?? (await askPerson(question, terminal, signal));
  await control.signIn.answer({ id, choice }, { signal });
}

/** An owner that does not hear of it ends the sign-in when its time is over. */
async function cancel(id: string, control: ControlClient): Promise<void> {
  const signal = AbortSignal.timeout(limits.shutdownMs);
  await control.signIn.cancel({ id }, { signal }).catch(() => undefined);
}

function stopped(): BridgeError {
  return new BridgeError('stopping', 'Gangway has stopped, which ended the sign-in. Start it again.');
}
