import { type Command, Option } from 'commander';
import type { NewAccount } from '../../contract/control.ts';
import { BridgeError } from '../../contract/errors.ts';
import { withChecklist } from '../checklist.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { readSecrets } from '../secrets.ts';

/** What was typed, before secrets are read. */
export interface AddOptions {
  readonly entered: NewAccount;
  readonly keyStdin: boolean;
  /** Names of secret headers whose values come on stdin. */
  readonly headersStdin: readonly string[];
}

interface AddFlags {
  readonly label?: string;
  readonly url?: string;
  readonly workspace?: string;
  readonly environment?: NonNullable<NewAccount['environment']>;
  readonly color?: NonNullable<NewAccount['color']>;
  readonly user?: string;
  readonly signIn?: 'none' | 'key';
  readonly keyStdin?: boolean;
  readonly keyHeader?: string;
  readonly header?: readonly string[];
  readonly headerStdin?: readonly string[];
  readonly transport?: 'http' | 'sse';
  readonly cwd?: string;
  readonly ownNetwork?: boolean;
  readonly readOnly?: boolean;
  readonly check: boolean;
}

const CONNECTORS = ['allegro', 'pelcro', 'allv', 'aly', 'custom'] as const;
const COLORS = ['slate', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink'];

/** Headers that are secrets by their name alone. The bridge judges their values besides. */
const SECRET_NAME = /authorization|cookie|password|secret|token|api-?key|^x-auth/i;

export const command = bridgeCommand<AddFlags, AddOptions>({
  usage: 'add <connector> [command...]',
  summary: 'add an account and check it',
  details: [
    `Connectors: ${CONNECTORS.join(', ')} (any other MCP server).`,
    'The key is asked for, or comes on stdin with --key-stdin. When several secrets come on stdin, each has its own',
    'line: the key first, then the headers in the order they are named.',
    '',
    'gangway add pelcro --label Acme --environment staging',
    'gangway add allv --workspace ws_123 --user member@acme.example --key-stdin < key-file',
    'gangway add custom --url http://127.0.0.1:9000/mcp --own-network --sign-in none',
    'gangway add allegro --label Local -- php artisan allegro:mcp --tenant acme',
  ].join('\n'),
  declare,
  parse: parseAdd,
  run: addAccount,
});

function declare(declared: Command): void {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  declared
    .option('--label <label>', 'what you call it; its short name comes from this')
    .option('--url <url>', 'address or host of the workspace')
    .option('--workspace <id>', 'workspace id, where the address contains one')
    .addOption(
      new Option('--environment <environment>', 'which one it is').choices([
        'production',
        'staging',
        'development',
      ]),
    )
    .option('--user <user>', 'member that calls run as: e-mail or id')
    .addOption(new Option('--sign-in <way>', 'how to sign in').choices(['none', 'key']))
    .option('--key-stdin', 'read the key from stdin')
    .option('--key-header <name>', 'header that carries the key')
    .option('--header <header>', "extra header that is no secret, as 'Name: value'; repeatable", several)
    .option('--header-stdin <name>', 'extra header whose value comes on stdin; repeatable', several)
    .addOption(new Option('--transport <transport>', 'how it speaks MCP').choices(['http', 'sse']))
    .option('--cwd <dir>', 'folder in which the local command runs')
    .option('--own-network', 'the address may be on this computer or in a private network')
    .option('--read-only', 'let no call through that changes something')
    .addOption(new Option('--color <color>', 'its colour').choices(COLORS))
    .option('--no-check', 'save it without asking the workspace');
}

/** @throws BridgeError `invalid-input` for an unknown connector or a header that is a secret. */
export function parseAdd([typed, ...words]: readonly string[], flags: AddFlags): AddOptions {
  const connector = CONNECTORS.find((known) => known === typed?.toLowerCase());
  if (!connector) {
    throw new BridgeError(
      'invalid-input',
      `There is no such connector. Choose one of: ${CONNECTORS.join(', ')}.`,
    );
  }
  const { label, url, workspace, environment, color, user, signIn, keyHeader, transport, cwd } = flags;
  const given = { label, url, workspace, environment, color, user, signIn, keyHeader, transport, cwd };
  return {
    entered: {
      connector,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      headers: Object.fromEntries((flags.header ?? []).map(readHeader)),
      ...(words.length > 0 ? { command: words } : {}),
      ownNetwork: flags.ownNetwork ?? false,
      readOnly: flags.readOnly ?? false,
      check: flags.check,
    },
    keyStdin: flags.keyStdin ?? false,
    headersStdin: flags.headerStdin ?? [],
  };
}

function readHeader(typed: string): [name: string, value: string] {
  const colon = typed.indexOf(':');
  const name = typed.slice(0, Math.max(colon, 0)).trim();
  if (name === '') throw new BridgeError('invalid-input', "Write a header as 'Name: value'.");
  if (SECRET_NAME.test(name)) {
    throw new BridgeError(
      'invalid-input',
      `${name.slice(0, 60)} is a secret, and other programs can see arguments. Use --key-stdin or --header-stdin; ` +
        'change the secret if it was a real one.',
    );
  }
  return [name, typed.slice(colon + 1).trim()];
}

/** Adds the account. @throws BridgeError as the bridge does; nothing was stored then. */
export async function addAccount(options: AddOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const { entered } = options;
  const { key, headers } = await readSecrets(
    { what: entered.connector, ask: asksForKey(options), ...options },
    terminal,
    signal,
  );
  const checked = await withChecklist(
    terminal,
    entered.label ?? entered.connector,
    entered.check !== false,
    () =>
      control.accounts.add(
        { ...entered, ...(key === undefined ? {} : { key }), secretHeaders: headers },
        { signal },
      ),
  );
  const { account } = checked;
  const hasSecrets = account.signIn.kind !== 'none' || account.secretHeaders.length > 0;
  if (hasSecrets && parts.isHosted()) await warnOfMemory(parts);
  const next = account.current
    ? 'It is the current account.'
    : `Make it the current one with: gangway use ${account.slug}`;
  return { value: checked, lines: [`Added ${account.label} as "${account.slug}". ${next}`] };
}

/** A custom server may need no key, so nobody is asked for one unless they said that there is one. */
function asksForKey({ entered, keyStdin, headersStdin }: AddOptions): boolean {
  if (keyStdin || entered.command || entered.signIn === 'none') return false;
  return entered.signIn === 'key' || (entered.connector !== 'custom' && headersStdin.length === 0);
}

async function warnOfMemory({ control, terminal, signal }: CommandParts): Promise<void> {
  const { vault } = await control.status(undefined, { signal });
  if (vault.kind !== 'memory') return;
  terminal.say(
    '  ! The key was kept in memory only, so it is gone now. Add accounts while "gangway serve" runs.',
  );
}
