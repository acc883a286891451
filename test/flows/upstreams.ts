import { fileURLToPath } from 'node:url';
import type { NewAccount } from '#contract/control.ts';
import { NODE } from '../compiled/node.ts';
import { type ModernWorkspace, type Speaks, startModern } from '../workspaces/modern.ts';
import { gateTools } from '../workspaces/modern-tools.ts';

export const speech = ['legacy', 'both', 'modern'] as const satisfies readonly Speaks[];

/** Where a workspace is: behind an address, or a program on this computer. */
export const places = ['remote', 'local'] as const;
export type Place = (typeof places)[number];

const COMMAND = fileURLToPath(new URL('../workspaces/modern-command.ts', import.meta.url));

/** The command line of a local workspace. */
export function commandOf(name: string, speaks: Speaks): string[] {
  return [...NODE, COMMAND, `--name=${name}`, `--speaks=${speaks}`];
}

/** A workspace with the same tools wherever it is and whatever it speaks. */
export interface Upstream extends AsyncDisposable {
  readonly account: NewAccount;
  /** Absent for a local command. */
  readonly workspace?: ModernWorkspace;
}

/** Starts a workspace, or names the command that is one. Its account's label is its name. */
export async function startUpstream(place: Place, speaks: Speaks, name: string): Promise<Upstream> {
  const account = { connector: 'custom', label: name } as const;
  if (place === 'local') {
    return {
      account: { ...account, command: commandOf(name, speaks) },
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const workspace = await startModern({ name, speaks, tools: gateTools });
  return {
    account: { ...account, url: workspace.url, signIn: 'none' },
    workspace,
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}
