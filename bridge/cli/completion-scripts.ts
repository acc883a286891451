export type Shell = 'bash' | 'zsh' | 'fish';

interface Flag {
  readonly flag: string;
  readonly says: string;
}

/** One command as a completion script knows it. */
export interface Word {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Values of flags that take one of a few. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** Values of the first argument, when they are few. */
  readonly values: readonly string[];
}

type Script = (words: readonly Word[], global: readonly Flag[]) => string;

/** Finds the command among the words before the cursor; `--home` takes the word after it. */
const bash: Script = (words, global) => {
  const everywhere = global.map(({ flag }) => flag);
  const cases = words.map((word) => {
    const offered = [...word.values, ...word.flags.map(({ flag }) => flag), ...everywhere].join(' ');
    const lines = [...word.choices].map(
      ([flag, values]) => `        ${flag}) words="${values.join(' ')}" ;;`,
    );
    return [
      `    ${word.name})`,
      `      words="${offered}"`,
      ...(lines.length > 0 ? ['      case "$previous" in', ...lines, '      esac'] : []),
      '      ;;',
    ].join('\n');
  });
  return `_gangway() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" skip="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      --home) skip=1 ;;
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  case "$command" in
${cases.join('\n')}
    *) words="${[...words.map(({ name }) => name), ...everywhere].join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gangway gangway
`;
};

const zsh: Script = (words, global) =>
  `autoload -U +X compinit && (( \${+functions[compdef]} )) || compinit
autoload -U +X bashcompinit && bashcompinit
${bash(words, global)}`;

const fish: Script = (words, global) => {
  const lines = ['complete -c gangway -f'];
  for (const { flag, says } of global)
    lines.push(`complete -c gangway -l ${flag.slice(2)} -d ${quoted(says)}`);
  for (const word of words) {
    const isChosen = `-n "__fish_seen_subcommand_from ${word.name}"`;
    lines.push(
      `complete -c gangway -n __fish_use_subcommand -a ${word.name} -d ${quoted(word.summary)}`,
      ...word.values.map((value) => `complete -c gangway ${isChosen} -a ${value}`),
    );
    for (const { flag, says } of word.flags) {
      const values = word.choices.get(flag);
      const takes = values ? ` -x -a ${quoted(values.join(' '))}` : '';
      lines.push(`complete -c gangway ${isChosen} -l ${flag.slice(2)} -d ${quoted(says)}${takes}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A completion script per shell. */
export const scripts: Readonly<Record<Shell, Script>> = { bash, zsh, fish };
