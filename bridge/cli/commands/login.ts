import { type Command, InvalidArgumentError, Option } from 'commander';
import { oneLine } from '../../base/text.ts';
import { hostOf } from '../../contract/account.ts';
import type { AccountView } from '../../contract/control.ts';
import { BridgeError, type ErrorCode, trouble } from '../../contract/errors.ts';
import { SignInChoice, type SignInEnd } from '../../contract/sign-in.ts';
import { accountNamed } from '../account-name.ts';
import { type BrowserChoice, wayToOpen } from '../browser.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { followSignIn } from '../follow-sign-in.ts';
import { warnOfMemory } from '../memory-only.ts';
import { type Clock, wallClock } from '../sign-in-stage.ts';

export interface LoginOptions {
  readonly account: string;
  readonly browser: BrowserChoice;
  /** For questions that the sign-in may ask. */
  readonly answers: readonly SignInChoice[];
}

interface LoginFlags {
  readonly browser?: string;
  readonly printUrl?: boolean;
  readonly answer?: readonly SignInChoice[];
}

/** What a program reads after `login`. */
export interface SignedIn {
  readonly account: AccountView;
  readonly who: string;
  readonly notes: readonly string[];
}

export const command = bridgeCommand<LoginFlags, LoginOptions>({
  usage: 'login <account>',
  summary: 'sign in to an account in the browser',
  details: [
    'The page opens in your usual browser, on this computer; Gangway waits until you are done there. A browser given',
    'with --browser is started without a shell, with the link as its only argument.',
    'Without a terminal, questions of the sign-in are answered with --answer, or it ends with exit code 3.',
    '',
    'gangway login acme',
    'gangway login acme --browser firefox',
    'gangway login acme --print-url --answer continue',
  ].join('\n'),
  declare,
  parse: ([account = ''], { browser, printUrl, answer = [] }) => ({
    account,
    browser: browserChoice(browser, printUrl === true),
    answers: answer,
  }),
  run: (options, parts) => login(options, parts),
});

function declare(declared: Command): void {
  const several = (typed: string, before: readonly SignInChoice[] = []): readonly SignInChoice[] => {
    const choice = SignInChoice.options.find((known) => known === typed);
    if (choice) return [...before, choice];
    throw new InvalidArgumentError(`Allowed choices are ${SignInChoice.options.join(', ')}.`);
  };
  declared
    .option('--browser <program>', 'open the page in this program', (typed) => {
      if (typed.trim() !== '') return typed;
      throw new InvalidArgumentError('Name a program.');
    })
    .addOption(new Option('--print-url', 'open nothing, only print the link').conflicts('browser'))
    .addOption(
      new Option('--answer <choice>', 'answer to a question of the sign-in; repeatable')
        .choices(SignInChoice.options)
        .argParser(several),
    );
}

function browserChoice(program: string | undefined, isPrinted: boolean): BrowserChoice {
  if (isPrinted) return { kind: 'none' };
  return program === undefined ? { kind: 'usual' } : { kind: 'program', program };
}

/**
 * Signs in and shows how far it is until it ends.
 * @throws BridgeError with the account as it was.
 */
export async function login(
  options: LoginOptions,
  parts: CommandParts,
  clock: Clock = wallClock,
): Promise<Shown & { readonly value: SignedIn }> {
  const { control, environment, signal } = parts;
  const before = accountNamed(await control.accounts.list(undefined, { signal }), options.account);
  const wider = before?.condition.wider;
  const started = await control.signIn.start(
    { account: before?.id ?? options.account, ...(wider === undefined ? {} : { wider }) },
    { signal },
  );
  const end = await followSignIn(
    started,
    {
      way: wayToOpen(options.browser, process.platform, environment),
      answers: options.answers,
      host: before ? hostOf(before) : started.label,
      clock,
    },
    parts,
  );
  const { account: id, who, notes } = whenDone(end, started.label);
  await warnOfMemory(parts, 'sign-in');
  const account = (await control.accounts.list(undefined, { signal })).find((one) => one.id === id);
  if (!account) throw new BridgeError('account-unknown', 'You signed in, but the account is gone now.');
  const first = `Signed in to ${account.label} as ${oneLine(who, 200)}.`;
  return { value: { account, who, notes }, lines: [first, ...notes.map((note) => oneLine(note, 300))] };
}

function whenDone(end: SignInEnd, label: string): Extract<SignInEnd, { step: 'done' }> {
  switch (end.step) {
    case 'done':
      return end;
    case 'cancelled':
      throw new BridgeError(
        'sign-in-needed',
        `The sign-in was cancelled, so nothing of it is kept. Start again when you like.`,
        { account: label },
      );
    case 'failed': {
      const next = oneLine(end.next, 120);
      const message = `${oneLine(end.message, 299 - next.length)} ${next}`.trim();
      throw new BridgeError(codeOf(end.code), message, { account: label });
    }
    default:
      return end satisfies never;
  }
}

/** An owner of a newer version may name a trouble that this one does not know. */
function codeOf(code: string): ErrorCode {
  return Object.hasOwn(trouble, code) ? (code as ErrorCode) : 'internal';
}
