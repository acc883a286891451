import type { AccountRegistry } from './accounts/registry.ts';
import { type Paths, pathsFor } from './base/paths.ts';
import type { StdioCommand } from './contract/control.ts';
import { BridgeError } from './contract/errors.ts';
import { refuseUnknown } from './http-door.ts';
import { type Program, programFromSource } from './shim/start-owner.ts';

/**
 * What an app that starts a command is configured with. The data folder is named only where it is not the usual one.
 * @param program the words that start the command line; by default this Node and its source, null when there is none.
 * @throws BridgeError `account-unknown` when nothing has this address, `conflict` when there is no command.
 */
export function stdioCommand(
  address: string,
  paths: Paths,
  registry: AccountRegistry,
  program: Program | null | undefined,
): StdioCommand {
  refuseUnknown(address, registry);
  if (program === null) {
    throw new BridgeError(
      'conflict',
      'This copy of Gangway has no command that apps can start again later. Install Gangway, or connect the app by its address.',
    );
  }
  const [command, ...words] = program ?? programFromSource();
  const isUsual = paths.home === pathsFor(undefined, {}).home;
  const home = isUsual ? [] : ['--home', paths.home];
  const name = address === 'current' ? [] : [address];
  return { command, args: [...words, 'stdio', ...name, ...home] };
}
