import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { switchedLines } from '../switched.ts';

export interface UseOptions {
  readonly account: string;
}

export const command = bridgeCommand<unknown, UseOptions>({
  usage: 'use <account>',
  summary: 'make an account the current one',
  details: 'Connected apps follow at their next call; running calls end where they began.',
  parse: ([account = '']) => ({ account }),
  run: useAccount,
});

/** Switches. @throws BridgeError with nothing switched. */
export async function useAccount(options: UseOptions, { control, signal }: CommandParts): Promise<Shown> {
  const switched = await control.accounts.use({ account: options.account }, { signal });
  const { account } = switched;
  const first = `${account.label} is the current account now, and the active ${account.connector} account.`;
  return { value: switched, lines: [first, ...switchedLines(switched)] };
}
