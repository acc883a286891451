import { type Account, effectiveUser } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import { connectorOf } from './catalog.ts';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
}

/**
 * The local command of an account as it is to be started now, with the acting user in the option the connector names
 * for it (`--user=<e-mail or id>`), in place of one that was typed.
 * @throws BridgeError `internal` when the account has an address instead of a command.
 */
export function commandLine(account: Account): CommandLine {
  if (account.upstream.kind !== 'command') throw new BridgeError('internal', 'This account has no command.');
  const { command, args, cwd } = account.upstream;
  const option = connectorOf(account.connector).command?.userOption;
  const user = effectiveUser(account);
  if (!option || !user) return { command, args, cwd };
  return { command, args: [...withoutOption(args, option), `${option}=${user.value}`], cwd };
}

/** The value of `--option value` or `--option=value`. */
export function optionValue(args: readonly string[], option: string): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === option) return args[index + 1];
    if (arg.startsWith(`${option}=`)) return arg.slice(option.length + 1);
  }
  return undefined;
}

function withoutOption(args: readonly string[], option: string): string[] {
  return args.filter(
    (arg, index) => arg !== option && !arg.startsWith(`${option}=`) && args[index - 1] !== option,
  );
}
