import { Argument, Option } from 'commander';
import type {
  ChangePreview,
  ClientConnection,
  ClientDoor,
  ClientId,
  ClientView,
} from '../../contract/clients.ts';
import { BridgeError } from '../../contract/errors.ts';
import { changeLines, doneLines } from '../change-lines.ts';
import { clientArgument, clientNamed } from '../client-name.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';

export interface ConnectOptions {
  readonly client: ClientId;
  readonly address: string;
  readonly door?: ClientDoor;
  readonly path?: string;
  readonly preview: boolean;
  readonly bundle: boolean;
  /** How long to wait for the first handshake, in seconds; 0 does not wait. */
  readonly waitSeconds: number;
}

interface ConnectFlags {
  readonly door?: ClientDoor;
  readonly file?: string;
  readonly preview?: boolean;
  readonly bundle?: boolean;
  readonly wait?: string | true;
}

const WAIT_SECONDS = 120;
/** Apps write their files too; each new try looks at the file anew. */
const TRIES = 3;

export const command = bridgeCommand<ConnectFlags, ConnectOptions>({
  usage: 'connect',
  summary: 'write one entry into the settings of an AI app',
  details: [
    'The name is what the app reaches: "current" (default), a connector such as pelcro, or the short name of an account.',
    'Everything else in the file stays as it is, and a copy of it is kept: "gangway disconnect" takes the entry out',
    'again, "gangway restore" puts the whole file back.',
    '',
    'gangway connect cursor',
    'gangway connect claude-code acme --preview',
    'gangway connect codex --door stdio --wait',
  ].join('\n'),
  declare: (declared) =>
    declared
      .addArgument(clientArgument('<client>'))
      .addArgument(new Argument('[name]', 'what it reaches'))
      .option('--preview', 'show the change, make none')
      .addOption(new Option('--door <door>', 'start a command, or ask an address').choices(['stdio', 'http']))
      .option('--file <path>', 'which of its settings files, when there are several')
      .option('--bundle', 'for Claude Desktop: make a bundle to open instead of writing its file')
      .option('--wait [seconds]', `wait until the app has connected, at most ${WAIT_SECONDS} s unless given`),
  door: true,
  parse: parseConnect,
  run: connectClient,
});

/** @throws BridgeError `invalid-input`. */
export function parseConnect(
  [client = '', address = 'current']: readonly string[],
  flags: ConnectFlags,
): ConnectOptions {
  const { door, file, preview = false, bundle = false, wait } = flags;
  const id = clientNamed(client);
  if (bundle && (id !== 'claude-desktop' || door !== undefined || file !== undefined || preview)) {
    throw new BridgeError(
      'invalid-input',
      'A bundle is for claude-desktop, and goes with none of --door, --file and --preview.',
    );
  }
  const waitSeconds = wait === undefined ? 0 : wait === true ? WAIT_SECONDS : Number(wait);
  if (!Number.isInteger(waitSeconds) || waitSeconds < 0 || waitSeconds > 3600) {
    throw new BridgeError('invalid-input', 'Give --wait as whole seconds, at most 3600.');
  }
  return {
    client: id,
    address,
    preview,
    bundle,
    waitSeconds,
    ...(door === undefined ? {} : { door }),
    ...(file === undefined ? {} : { path: file }),
  };
}

/** Connects a client, or shows what that would change. @throws BridgeError with its file untouched. */
export async function connectClient(options: ConnectOptions, parts: CommandParts): Promise<Shown> {
  if (options.bundle) return makeBundle(options, parts);
  const { control, terminal, signal } = parts;
  const { client, address, door, path } = options;
  const wanted = {
    client,
    address,
    ...(door === undefined ? {} : { door }),
    ...(path === undefined ? {} : { path }),
  };
  for (let tries = 1; ; tries += 1) {
    const change = await control.clients.preview(wanted, { signal });
    if (options.preview) return { value: change, lines: changeLines(change, terminal) };
    try {
      const { client: view, said } = await control.clients.write({ token: change.token }, { signal });
      const seen = await followed(options, change, parts);
      const value = { client: seen ?? view, change: { ...change, token: undefined }, said };
      const left = seen
        ? said.filter((line) => line !== change.effect)
        : [...doneLines(change), ...said, ...troubleLines(options, view)];
      return { value, lines: [...left, ...hostedLines(change, parts)] };
    } catch (error) {
      const isChanged = error instanceof BridgeError && error.code === 'conflict' && tries < TRIES;
      if (!isChanged) throw error;
    }
  }
}

async function makeBundle({ address }: ConnectOptions, { control, signal }: CommandParts): Promise<Shown> {
  const bundle = await control.clients.bundle({ address }, { signal });
  return {
    value: bundle,
    lines: [bundle.path, 'Open this file with Claude Desktop and choose Install. It contains no secret.'],
  };
}

/** An app that asks an address finds nobody there once this command has ended. */
function hostedLines({ door }: ChangePreview, { isHosted }: CommandParts): string[] {
  if (door !== 'http' || !isHosted()) return [];
  return [
    'Gangway does not run by itself yet. Before you use the app, start it and leave it running: gangway serve',
  ];
}

/** Why the entry cannot work as things are now. */
function troubleLines({ client, address }: ConnectOptions, { connections }: ClientView): string[] {
  const written = connections.find((one) => one.address === address);
  if (written?.state !== 'unusable') return [];
  return [`! ${client}: ${written.text}`, 'What helps: gangway doctor'];
}

/** Waits for the first handshake. @throws BridgeError `timeout` that says what is awaited or wrong. */
async function followed(
  { client, address, waitSeconds }: ConnectOptions,
  change: ChangePreview,
  { control, terminal, signal }: CommandParts,
): Promise<ClientView | undefined> {
  if (waitSeconds === 0) return undefined;
  const { effect } = change;
  // Whoever ends the wait knows by then what was written.
  for (const line of doneLines(change)) terminal.say(line);
  terminal.say(`Waiting for the app. ${effect}`);
  const late = AbortSignal.timeout(waitSeconds * 1000);
  let latest: ClientConnection | undefined;
  try {
    for await (const { knownClients } of await control.watch(undefined, {
      signal: AbortSignal.any([signal, late]),
    })) {
      const view = knownClients?.find(({ id }) => id === client);
      const before = latest?.text;
      latest = view?.connections.find((one) => one.address === address) ?? latest;
      if (latest?.state === 'unusable' && latest.text !== before) terminal.say(`! ${latest.text}`);
      if (latest?.state !== 'seen') continue;
      terminal.say(`✓ ${latest.text}`);
      return view;
    }
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
  }
  signal.throwIfAborted();
  const why = latest?.text ?? effect;
  throw new BridgeError(
    'timeout',
    `The entry is written, but the app has not connected yet. ${why}`.slice(0, 300),
  );
}
