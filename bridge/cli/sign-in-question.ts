import { oneLine } from '../base/text.ts';
import { BridgeError } from '../contract/errors.ts';
import type { SignInChoice, SignInQuestion } from '../contract/sign-in.ts';
import type { Terminal } from './terminal.ts';

/** Answers that were given with `--answer`. Each kind of question takes one once, so that nothing goes round in circles. */
export class GivenAnswers {
  readonly #choices: readonly SignInChoice[];
  readonly #answered = new Set<SignInQuestion['kind']>();

  constructor(choices: readonly SignInChoice[]) {
    this.#choices = choices;
  }

  /** The first given answer that this question offers. */
  take({ kind, choices }: SignInQuestion): SignInChoice | undefined {
    if (this.#answered.has(kind)) return undefined;
    this.#answered.add(kind);
    return this.#choices.find((given) => choices.some(({ choice }) => choice === given));
  }
}

/**
 * Asks the person at the terminal.
 * @throws BridgeError `sign-in-needed` when nobody is there, with the question in it; the signal's reason.
 */
export async function askPerson(
  question: SignInQuestion,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<SignInChoice> {
  const { text, choices } = question;
  if (!terminal.isInteractive) throw needsPerson(question);
  const labels = choices.map(({ label }) => oneLine(label, 100));
  const chosen = await terminal.askChoice(oneLine(text, 500), labels, signal);
  return choices[chosen]?.choice ?? 'cancel';
}

function needsPerson({ text, choices }: SignInQuestion): BridgeError {
  const others = choices.map(({ choice }) => choice).filter((choice) => choice !== 'cancel');
  const next = `Decide in a terminal, or with --answer ${others.join(' or ')}.`;
  return new BridgeError('sign-in-needed', `${oneLine(text, 299 - next.length)} ${next}`);
}
