import type { ClientDoor, ClientId } from '#contract/clients.ts';
import { type Finished, type RunOptions, run, searchPath } from './programs.ts';

/** What a client is told to connect to. */
export type Target =
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly command: string; readonly args: readonly string[] };

/** Where a client runs, with nothing of this computer's own settings. */
export interface Room {
  /** The home folder of the person, of this run's own. */
  readonly home: string;
  /** An empty folder to work in. */
  readonly project: string;
  /** The file of a program that npm installed for this client. */
  bin(name: string): string;
}

/** What a client is to do: list the tools, call `echo` with the first text, let the account change, call it with the second. */
export interface Script {
  readonly texts: readonly [first: string, second: string];
  /** Looks at the conversation while it stands, and switches to another account. For clients that stay connected. */
  between(): Promise<void>;
  /** Looks at the conversation while a client that connects anew for each request calls `slow`. */
  during(slow: () => Promise<unknown>): Promise<void>;
}

/** What came of it. */
export interface Talk {
  /** The tools it saw, by whatever names it gives them. */
  readonly listed: readonly string[];
  /** Everything its calls answered. */
  readonly heard: string;
  /** The end of what it said itself, for a row that went wrong. */
  readonly told: string;
}

/** A client of MCP that runs without an account. */
export interface RealClient {
  /** As the table and `--only` call it. */
  readonly name: string;
  /** npm package with the exact version this was tried with; or the version of a library that is here anyway. */
  readonly source: { readonly npm: string } | { readonly version: string };
  readonly doors: readonly ClientDoor[];
  /** `switch`: stays connected from one call to the next. `list`: can do no more. */
  readonly reach: 'list' | 'call' | 'switch';
  /** `gangway connect` sets it up under this name; else it is told its target. */
  readonly setUpAs?: ClientId;
  /**
   * Follows the script.
   * @param connect writes the settings by `gangway connect`, over what the client has before; absent when the client is
   * told its target.
   * @throws Error as the client says it.
   */
  talk(room: Room, target: Target, script: Script, connect?: () => Promise<void>): Promise<Talk>;
}

/** A program must be done by then. The machine may be busy. */
const RUN_MS = 4 * 60_000;

/** The variables of a process in which nothing is set but what a program cannot do without. */
export function bareEnvironment(home: string): Record<string, string> {
  return { PATH: searchPath, HOME: home, USERPROFILE: home, TERM: 'dumb', NO_COLOR: '1' };
}

/** Runs one of a client's programs to its end, with few variables. */
export function startBare(
  { home, project, bin }: Room,
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  stdin: RunOptions['stdin'] = 'empty',
): Promise<Finished> {
  const env = { ...bareEnvironment(home), ...variables };
  return run(bin(program), args, { env, timeout: RUN_MS, cwd: project, stdin });
}
