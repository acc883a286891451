import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AccountRegistry } from './accounts/registry.ts';
import { type Paths, pathsFor } from './base/paths.ts';
import type { ClientId } from './contract/clients.ts';
import type { StdioCommand } from './contract/control.ts';
import { BridgeError } from './contract/errors.ts';
import { refuseUnknown } from './http-door.ts';
import { type Program, programFromSource } from './shim/start-owner.ts';

/**
 * What an app that starts a command is configured with: the native shim, or the command line where there is none. The data
 * folder is named only where it is not the usual one.
 * @param program the words that start the command line; by default this Node and its source, null when there is none.
 * @param client the app that is connected, when it is known.
 * @throws BridgeError `account-unknown` when nothing has this address, `conflict` when there is no command.
 */
export function stdioCommand(
  address: string,
  paths: Paths,
  registry: AccountRegistry,
  program: Program | null | undefined,
  client?: ClientId,
): StdioCommand {
  refuseUnknown(address, registry);
  if (program === null) {
    throw new BridgeError(
      'conflict',
      'This copy of Gangway has no command that apps can start again later. Install Gangway, or connect the app by its address.',
    );
  }
  const shim = nativeShim(program);
  const [command, ...words] = shim === undefined ? [...(program ?? programFromSource()), 'stdio'] : [shim];
  if (command === undefined) throw new TypeError('a program without a word');
  const isUsual = paths.home === pathsFor(undefined, {}).home;
  const home = isUsual ? [] : ['--home', paths.home];
  const name = address === 'current' ? [] : [address];
  const label = client === undefined ? [] : ['--client', client];
  return { command, args: [...words, ...name, ...label, ...home] };
}

/** The native shim of this copy of Gangway; undefined when it was not built. */
export function nativeShim(program: Program | null | undefined): string | undefined {
  const name = process.platform === 'win32' ? 'gangway-shim.exe' : 'gangway-shim';
  const beside = besideProgram(program);
  const place = beside
    ? join(beside, name)
    : join(built(program), `${process.platform}-${process.arch}`, name);
  return existsSync(place) ? place : undefined;
}

/** The shim as one file that any Node runs, for bundles; undefined when it was not built. */
export function bundledShim(program: Program | null | undefined): string | undefined {
  const place = join(besideProgram(program) ?? built(program), 'gangway-shim.cjs');
  return existsSync(place) ? place : undefined;
}

/** The picture of a bundle, where the app or the source has it. */
export function bundleIcon(program: Program | null | undefined): string {
  const beside = besideProgram(program);
  const icons = beside ? join(beside, '../icons') : join(built(program), '../../main/icons');
  return join(icons, 'app', '512x512.png');
}

/** A single executable has its shims beside it. */
function besideProgram(program: Program | null | undefined): string | undefined {
  return program?.length === 1 ? dirname(program[0]) : undefined;
}

/** Where `npm run build:shim` puts what it makes for the copy whose source runs. */
function built(program: Program | null | undefined): string {
  const [, source = ''] = program ?? programFromSource();
  return join(dirname(source), '../../out/shim');
}
