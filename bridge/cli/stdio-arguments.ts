/** What `gangway stdio` was told. */
export interface StdioArguments {
  /** `current`, a connector or the short name of an account. */
  readonly address: string;
  /** Name of the client, for people. */
  readonly client: string;
  readonly home?: string;
}

/**
 * Reads `gangway stdio [name] [--client LABEL] [--home DIR]`. Undefined for everything else, such as `--help`, which
 * the whole command line then answers.
 */
export function stdioArguments(words: readonly string[]): StdioArguments | undefined {
  const names: string[] = [];
  const flags = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) {
      names.push(word);
      continue;
    }
    const [, flag = '', given] = /^(--home|--client)(?:=(.*))?$/.exec(word) ?? [];
    const value = given ?? words[index + 1];
    if (!flag || !value) return undefined;
    if (given === undefined) index += 1;
    flags.set(flag, value);
  }
  const [command, address = 'current', ...rest] = names;
  if (command !== 'stdio' || rest.length > 0) return undefined;
  const home = flags.get('--home');
  return { address, client: flags.get('--client') ?? '', ...(home === undefined ? {} : { home }) };
}
