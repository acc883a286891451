import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';

export interface ToolsOptions {
  readonly account: string;
}

export const command = bridgeCommand<unknown, ToolsOptions>({
  usage: 'tools <account>',
  summary: 'list the tools of a workspace and which of them apps may call',
  parse: ([account = '']) => ({ account }),
  run: listTools,
});

/** All tools of the workspace as it lists them now. @throws BridgeError when it cannot be asked. */
export async function listTools({ account }: ToolsOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const tools = await control.accounts.tools({ account }, { signal });
  if (tools.length === 0) return { value: tools, lines: ['This workspace has no tools.'] };
  const rows = tools.map(({ name, effect, allowed }) => [name, effect, allowed ? 'yes' : 'no']);
  const lines = table([['NAME', 'EFFECT', 'ALLOWED'], ...rows], (line) => terminal.style('dim', line));
  return { value: tools, lines };
}
