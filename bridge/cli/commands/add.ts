import { type Command, Option } from 'commander';
import type { NewAccount } from '../../contract/control.ts';
import { BridgeError } from '../../contract/errors.ts';
import { withChecklist } from '../checklist.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { warnOfMemory } from '../memory-only.ts';
import { readSecrets } from '../secrets.ts';
import { login } from './login.ts';

/** What was typed, before secrets are read. */
export interface AddOptions {
  readonly entered: NewAccount;
  readonly keyStdin: boolean;
  readonly clientSecretStdin: boolean;
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
  readonly signIn?: 'none' | 'key' | 'oauth';
  readonly clientId?: string;
  readonly clientSecretStdin?: boolean;
  readonly clientMetadataUrl?: string;
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
/** How a connector signs in when nothing else is said. A custom server may need no sign-in at all. */
const USUAL_WAYS = { pelcro: 'oauth', aly: 'key', allegro: 'key', allv: 'key', custom: 'none' } as const;

const COLORS = ['slate', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink'];

/** Headers that are secrets by their name alone. The bridge judges their values besides. */
const SECRET_NAME = /authorization|cookie|password|secret|token|api-?key|^x-auth/i;

export const command = bridgeCommand<AddFlags, AddOptions>({
  usage: 'add <connector> [command...]',
  summary: 'add an account and check it',
  details: [
    `Connectors: ${CONNECTORS.join(', ')} (any other MCP server).`,
    'pelcro signs in in the browser, right after it was added or with "gangway login"; so does any connector with',
    '--sign-in oauth. With --key-stdin or --sign-in key it takes a key, as the others do by themselves.',
    'The key is asked for, or comes on stdin with --key-stdin. When several secrets come on stdin, each has its own',
    'line: the key first, then the client secret, then the headers in the order they are named.',
    '',
    'gangway add pelcro --label Acme --environment staging',
    'gangway add custom --url mcp.example.com --sign-in oauth --client-id abc --client-secret-stdin < secret-file',
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
    .addOption(new Option('--sign-in <way>', 'how to sign in').choices(['none', 'key', 'oauth']))
    .option('--key-stdin', 'read the key from stdin')
    .option('--key-header <name>', 'header that carries the key')
    .option('--client-id <id>', 'OAuth client that you registered at the server')
    .option('--client-secret-stdin', 'read the secret of this client from stdin')
    .option('--client-metadata-url <url>', 'address of an OAuth client id metadata document')
    .option('--header <header>', "extra header that is no secret, as 'Name: value'; repeatable", several)
    .option('--header-stdin <name>', 'extra header whose value comes on stdin; repeatable', several)
    .addOption(new Option('--transport <transport>', 'how it speaks MCP').choices(['http', 'sse']))
    .option('--cwd <dir>', 'folder in which the local command runs')
    .option('--own-network', 'the address may be on this computer or in a private network')
    .option('--read-only', 'let no call through that changes something')
    .addOption(new Option('--color <color>', 'its colour').choices(COLORS))
    .option('--no-check', 'save it without asking the workspace');
}

/** @throws BridgeError `invalid-input` for an unknown connector, a header that is a secret, a secret of no client. */
export function parseAdd([typed, ...words]: readonly string[], flags: AddFlags): AddOptions {
  const connector = CONNECTORS.find((known) => known === typed?.toLowerCase());
  if (!connector) {
    throw new BridgeError(
      'invalid-input',
      `There is no such connector. Choose one of: ${CONNECTORS.join(', ')}.`,
    );
  }
  const { label, url, workspace, environment, color, user, signIn, keyHeader, transport, cwd } = flags;
  const { clientId, clientMetadataUrl, clientSecretStdin = false } = flags;
  if (clientSecretStdin && clientId === undefined) {
    throw new BridgeError(
      'invalid-input',
      'A client secret belongs to a client id. Add --client-id, or leave --client-secret-stdin out.',
    );
  }
  const where = { label, url, workspace, environment, color, user, transport, cwd };
  const given = { ...where, signIn, keyHeader, clientId, clientMetadataUrl };
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
    clientSecretStdin,
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

/**
 * Adds the account. One that signs in in the browser does so at once where a person is there.
 * @throws BridgeError as the bridge does; nothing was stored then, unless it was the sign-in that failed.
 */
export async function addAccount(options: AddOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, json, signal } = parts;
  const { entered } = options;
  const way = signInWay(options);
  const { key, clientSecret, headers } = await readSecrets(
    { what: entered.connector, ask: asksForKey(options, way), ...options },
    terminal,
    signal,
  );
  const secrets = {
    ...(key === undefined ? {} : { key }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    secretHeaders: headers,
  };
  const checked = await withChecklist(
    terminal,
    entered.label ?? entered.connector,
    // Before the sign-in there is nothing to ask the workspace with.
    entered.check !== false && way !== 'oauth',
    () => control.accounts.add({ ...entered, ...secrets }, { signal }),
  );
  const { account } = checked;
  const hasSecrets = key !== undefined || clientSecret !== undefined || account.secretHeaders.length > 0;
  if (hasSecrets) await warnOfMemory(parts, 'key');
  const added = `Added ${account.label} as "${account.slug}".`;
  if (account.signIn.kind !== 'oauth') {
    const next = account.current
      ? 'It is the current account.'
      : `Make it the current one with: gangway use ${account.slug}`;
    return { value: checked, lines: [`${added} ${next}`] };
  }
  const next = `Sign in: gangway login ${account.slug}`;
  if (json || !terminal.isInteractive) return { value: checked, lines: [`${added} ${next}`] };
  terminal.say(`  ${added} Should the sign-in not work out now, do it later. ${next}`);
  return login({ account: account.slug, browser: { kind: 'usual' }, answers: [] }, parts);
}

/** How the account will sign in, as the bridge decides it from the same words. */
function signInWay({ entered, keyStdin }: AddOptions): 'none' | 'key' | 'oauth' {
  if (entered.command) return 'none';
  if (entered.signIn !== undefined) return entered.signIn;
  if (keyStdin || entered.keyHeader !== undefined) return 'key';
  if (entered.clientId !== undefined || entered.clientMetadataUrl !== undefined) return 'oauth';
  return USUAL_WAYS[entered.connector];
}

/** Nobody is asked for a key while stdin brings headers, unless they said that there is one. */
function asksForKey({ entered, keyStdin, headersStdin }: AddOptions, way: 'none' | 'key' | 'oauth'): boolean {
  if (way !== 'key' || keyStdin) return false;
  return entered.signIn === 'key' || headersStdin.length === 0;
}
