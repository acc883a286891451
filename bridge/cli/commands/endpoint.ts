import { BridgeError } from '../../contract/errors.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';
import { localTime } from '../words.ts';

export type EndpointOptions =
  | { readonly kind: 'mint'; readonly address: string; readonly client: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'revoke'; readonly id: string };

interface EndpointFlags {
  readonly client?: string;
  readonly list?: boolean;
  readonly revoke?: string;
}

export const command = bridgeCommand<EndpointFlags, EndpointOptions>({
  usage: 'endpoint [name]',
  summary: 'make a local token for an app that connects by HTTP',
  details:
    'The name is "current" (default), a connector such as pelcro, or the short name of an account. ' +
    'The token is shown this once; it opens nothing but this bridge.',
  declare: (declared) =>
    declared
      .option('--client <label>', 'name of the app the token is for')
      .option('--list', 'show the tokens there are')
      .option('--revoke <id>', 'make a token invalid at once'),
  door: true,
  parse: parseEndpoint,
  run: endpoint,
});

/** @throws BridgeError `invalid-input` unless exactly one thing is asked for. */
export function parseEndpoint([address]: readonly string[], flags: EndpointFlags): EndpointOptions {
  const asked = [flags.client, flags.list, flags.revoke].filter((flag) => flag !== undefined);
  if (asked.length !== 1 || (address !== undefined && flags.client === undefined)) {
    throw new BridgeError('invalid-input', 'Give one of --client LABEL, --list and --revoke ID.');
  }
  if (flags.list) return { kind: 'list' };
  if (flags.revoke !== undefined) return { kind: 'revoke', id: flags.revoke };
  return { kind: 'mint', address: address ?? 'current', client: flags.client ?? '' };
}

/** Makes, lists or revokes local tokens. */
export async function endpoint(options: EndpointOptions, parts: CommandParts): Promise<Shown> {
  switch (options.kind) {
    case 'mint':
      return mint(options.address, options.client, parts);
    case 'list':
      return list(parts);
    case 'revoke':
      return revoke(options.id, parts);
    default:
      return options satisfies never;
  }
}

async function mint(address: string, client: string, parts: CommandParts): Promise<Shown> {
  const made = await parts.control.endpoint.mint({ client, address }, { signal: parts.signal });
  parts.terminal.say(`For ${client}, shown this once. Keep "gangway serve" running while it is used.`);
  const headers = Object.entries(made.headers).map(([name, value]) => `${name}: ${value}`);
  return { value: made, lines: [made.url, ...headers] };
}

async function list({ control, terminal, signal }: CommandParts): Promise<Shown> {
  const tokens = await control.endpoint.list(undefined, { signal });
  if (tokens.length === 0) {
    return { value: tokens, lines: ['No token yet. Make one with: gangway endpoint --client LABEL'] };
  }
  const now = new Date();
  const rows = tokens.map(({ id, label, address, createdAt, lastUsedAt }) => [
    id,
    label,
    address,
    localTime(createdAt, now),
    lastUsedAt === null ? 'never' : localTime(lastUsedAt, now),
  ]);
  const heading = ['ID', 'CLIENT', 'ADDRESS', 'MADE', 'LAST USED'];
  return { value: tokens, lines: table([heading, ...rows], (line) => terminal.style('dim', line)) };
}

async function revoke(id: string, { control, signal }: CommandParts): Promise<Shown> {
  const result = await control.endpoint.revoke({ id }, { signal });
  if (!result.revoked) {
    throw new BridgeError(
      'invalid-input',
      'There is no such token. Run "gangway endpoint --list" for the ids.',
    );
  }
  return { value: result, lines: ['The token is invalid now.'] };
}
