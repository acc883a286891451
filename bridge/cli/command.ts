import type { Command } from 'commander';
import type { Paths } from '../base/paths.ts';
import type { BridgeOptions } from '../bridge.ts';
import type { ControlClient } from '../control/client.ts';
import type { Program } from '../shim/start-owner.ts';
import type { Terminal } from './terminal.ts';

/** What a command found out: one JSON document for programs, lines for people. */
export interface Shown {
  readonly value: unknown;
  readonly lines: readonly string[];
  /** Exit code of a command that did its work and found that a person must act; 0 when absent. */
  readonly exit?: 3;
}

/** Where the parts of a command are that does not run from its source. */
export interface Installation {
  /** Starts this command line again. */
  readonly program: Program;
  readonly keychain: NonNullable<BridgeOptions['keychain']>;
  /** Folder of the built window. */
  readonly window: string;
}

/** What every command has around it. */
export interface Surroundings {
  readonly paths: Paths;
  readonly environment: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** `--json`: stdout is for a program. */
  readonly json: boolean;
  /** Aborts on Ctrl-C, SIGTERM, and when the terminal is closed. */
  readonly signal: AbortSignal;
  /** The whole command tree. */
  readonly program: () => Promise<Command>;
  readonly installation?: Installation | undefined;
}

/** What a command that asks the bridge gets besides. */
export interface CommandParts extends Surroundings {
  readonly control: ControlClient;
  /** After the first call: no owner was running, so this process hosts the bridge until the command ends. */
  readonly isHosted: () => boolean;
}

/** Flags as commander collected them: each command knows the type of its own. */
type Flags = Readonly<Record<string, unknown>>;

interface Described {
  /** Name and arguments in commander's notation: `use <account>`. */
  readonly usage: string;
  readonly summary: string;
  /** Shown below the options in `--help`. */
  readonly details?: string;
  /** Adds the command's options. */
  readonly declare?: (command: Command) => void;
}

interface Spec<F, O, P> extends Described {
  /** Arguments and flags as typed become options. @throws BridgeError `invalid-input`. */
  readonly parse: (args: readonly string[], flags: F) => O;
  /** Does it. Without a result it has written to stdout by itself. */
  readonly run: (options: O, parts: P) => Promise<Shown | undefined>;
}

type Start<P> = (args: readonly string[], flags: Flags, parts: P) => Promise<Shown | undefined>;

/** A command of `gangway`. `bridge` commands talk to the owner; a `door` one needs its HTTP door open. */
export type CliCommand = Described &
  (
    | { readonly kind: 'bridge'; readonly door: boolean; readonly start: Start<CommandParts> }
    | { readonly kind: 'plain'; readonly start: Start<Surroundings> }
  );

/** A command that asks the bridge. Its `run` is tested without a process. */
export function bridgeCommand<F, O>(
  spec: Spec<F, O, CommandParts> & { readonly door?: boolean },
): CliCommand {
  return { ...spec, kind: 'bridge', door: spec.door ?? false, start: started(spec) };
}

/** A command that needs no running bridge, or is one. */
export function plainCommand<F, O>(spec: Spec<F, O, Surroundings>): CliCommand {
  return { ...spec, kind: 'plain', start: started(spec) };
}

function started<F, O, P>(spec: Spec<F, O, P>): Start<P> {
  return async (args, flags, parts) => spec.run(spec.parse(args, flags as F), parts);
}
