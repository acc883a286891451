import { hostOf } from '../contract/account.ts';
import type { CheckedAccount } from '../contract/control.ts';
import { asBridgeError, type ErrorCode } from '../contract/errors.ts';
import type { Terminal } from './terminal.ts';
import { counted } from './words.ts';

/** What a check goes through, in this order. A failure says by its code how far it came. */
const REACH: ReadonlySet<ErrorCode> = new Set(['unreachable', 'tls', 'timeout']);
const SIGN_IN: ReadonlySet<ErrorCode> = new Set(['sign-in-needed', 'refused']);
const SPEAK: ReadonlySet<ErrorCode> = new Set(['bad-answer']);

/**
 * Runs a check and tells on stderr how far it came: address reachable, signed in, who you are, tools counted, and the
 * notes. `isChecked` is false when nothing is asked of the workspace.
 */
export async function withChecklist(
  terminal: Terminal,
  what: string,
  isChecked: boolean,
  task: () => Promise<CheckedAccount>,
): Promise<CheckedAccount> {
  const good = (text: string): void => terminal.say(`  ${terminal.styleError('green', '✓')} ${text}`);
  const bad = (text: string): void => terminal.say(`  ${terminal.styleError('red', '✗')} ${text}`);
  try {
    const checked = await waitFor(terminal, isChecked ? `  … checking ${what}` : '', task);
    const { account, notes } = checked;
    if (isChecked && account.identity) {
      const isCommand = account.upstream.kind === 'command';
      good(`${isCommand ? 'local command started' : 'address reachable'}: ${hostOf(account)}`);
      good(account.signIn.kind === 'none' ? 'no sign-in needed' : 'signed in');
      good(`you are: ${account.identity.summary}`);
      good(`${counted(account.identity.tools, 'tool')}, protocol ${account.identity.protocolVersion}`);
    }
    for (const note of notes) terminal.say(`  ${terminal.styleError('yellow', '!')} ${note}`);
    return checked;
  } catch (error) {
    if (!isChecked) throw error;
    const { code } = asBridgeError(error);
    if (REACH.has(code)) bad('address reachable');
    if (SIGN_IN.has(code) || SPEAK.has(code)) good('address reachable');
    if (SIGN_IN.has(code)) bad('signed in');
    if (SPEAK.has(code)) bad('speaks MCP');
    throw error;
  }
}

async function waitFor<T>(terminal: Terminal, line: string, task: () => Promise<T>): Promise<T> {
  if (line === '') return task();
  using _line = terminal.wait(line);
  return await task();
}
