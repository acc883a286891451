import { Argument, type Command as CommanderCommand } from 'commander';
import { plainCommand, type Shown, type Surroundings } from '../command.ts';
import { type Shell, scripts, type Word } from '../completion-scripts.ts';

export const command = plainCommand<unknown, Shell>({
  usage: 'completion',
  summary: 'print a completion script for your shell',
  details: [
    'bash: source <(gangway completion bash)',
    'zsh:  source <(gangway completion zsh)',
    'fish: gangway completion fish | source',
  ].join('\n'),
  declare: (declared) =>
    declared.addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'])),
  parse: ([shell]) => shell as Shell,
  run: completion,
});

/** The script, made from the command tree itself. */
export async function completion(shell: Shell, { program }: Surroundings): Promise<Shown> {
  const tree = await program();
  const script = scripts[shell](tree.commands.map(wordOf), tree.options.flatMap(flagsOf));
  return { value: { shell, script }, lines: [script.trimEnd()] };
}

function wordOf(declared: CommanderCommand): Word {
  const choices = declared.options
    .filter((option) => option.argChoices && option.long)
    .map((option) => [option.long ?? '', option.argChoices ?? []] as const);
  return {
    name: declared.name(),
    summary: declared.description(),
    flags: declared.options.flatMap(flagsOf),
    choices: new Map(choices),
    values: declared.registeredArguments[0]?.argChoices ?? [],
  };
}

function flagsOf(option: CommanderCommand['options'][number]): { flag: string; says: string }[] {
  return option.long ? [{ flag: option.long, says: option.description }] : [];
}
