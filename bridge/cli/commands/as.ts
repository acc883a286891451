import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { switchedLines } from '../switched.ts';

export interface ActAsOptions {
  readonly account: string;
  /** Null for oneself. */
  readonly user: string | null;
}

interface ActAsFlags {
  readonly self?: boolean;
}

export const command = bridgeCommand<ActAsFlags, ActAsOptions>({
  usage: 'as <account> [user]',
  summary: 'let calls run as another member, or as yourself again',
  details: 'gangway as ops member@acme.example\ngangway as ops --self',
  declare: (declared) => declared.option('--self', 'stop acting as somebody else'),
  parse: parseActAs,
  run: actAs,
});

/** @throws BridgeError `invalid-input` unless exactly one of user and `--self` was given. */
export function parseActAs([account = '', user]: readonly string[], flags: ActAsFlags): ActAsOptions {
  if ((user === undefined) === (flags.self !== true)) {
    throw new BridgeError('invalid-input', 'Name the member to act as, or --self to stop. One of the two.');
  }
  return { account, user: user ?? null };
}

/** Changes the acting member. @throws BridgeError with nothing changed. */
export async function actAs({ account: name, user }: ActAsOptions, parts: CommandParts): Promise<Shown> {
  const { control, signal } = parts;
  const switched = await control.accounts.actAs({ account: name, user }, { signal });
  const { account } = switched;
  const who = account.actingAs?.value ?? account.user?.value;
  const first = account.actingAs
    ? `Calls of ${account.label} run as ${who} now. Stop it with: gangway as ${account.slug} --self`
    : `Calls of ${account.label} run as ${who ?? 'yourself'} again.`;
  return { value: switched, lines: [first, ...switchedLines(switched)] };
}
