import { Argument } from 'commander';
import type { ChangePreview, ClientId } from '../../contract/clients.ts';
import { BridgeError } from '../../contract/errors.ts';
import { changeLines, doneLines } from '../change-lines.ts';
import { clientArgument, clientNamed, viewOf } from '../client-name.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';

export interface DisconnectOptions {
  readonly client: ClientId;
  /** One entry; every one of Gangway when absent. */
  readonly address?: string;
  readonly preview: boolean;
}

const TRIES = 3;

export const command = bridgeCommand<{ readonly preview?: boolean }, DisconnectOptions>({
  usage: 'disconnect',
  summary: 'take the entries of Gangway out of the settings of an AI app',
  details:
    'Without a name every entry that Gangway wrote there is taken out. Nothing else in the file changes.',
  declare: (declared) =>
    declared
      .addArgument(clientArgument('<client>'))
      .addArgument(new Argument('[name]', 'of which entry: what it reaches'))
      .option('--preview', 'show the change, make none'),
  parse: ([client = '', address], { preview = false }) => ({
    client: clientNamed(client),
    preview,
    ...(address === undefined ? {} : { address }),
  }),
  run: disconnectClient,
});

/** Takes entries out one by one. @throws BridgeError `invalid-input` when there is none; else with that entry untouched. */
export async function disconnectClient(options: DisconnectOptions, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const { client, address } = options;
  const before = viewOf(await control.clients.list(undefined, { signal }), client);
  const wanted = before.connections.filter((one) => address === undefined || one.address === address);
  if (wanted.length === 0) {
    const what = address === undefined ? 'is not connected' : `has no entry for ${address.slice(0, 63)}`;
    throw new BridgeError('invalid-input', `${before.name} ${what}, so there is nothing to take out.`);
  }
  const changes: ChangePreview[] = [];
  const said: string[] = [];
  const lines: string[] = [];
  let view = before;
  for (const one of wanted) {
    if (options.preview) {
      changes.push(await control.clients.previewRemoval({ client, address: one.address }, { signal }));
      continue;
    }
    const done = await removed(client, one.address, parts);
    said.push(...done.said);
    lines.push(...doneLines(done.change));
    // What is left to the person is the same for each entry.
    if (one === wanted.at(-1)) lines.push(...done.said);
    view = done.client;
  }
  if (options.preview)
    return { value: changes, lines: changes.flatMap((change) => changeLines(change, terminal)) };
  return { value: { client: view, said }, lines };
}

async function removed(client: ClientId, address: string, { control, signal }: CommandParts) {
  for (let tries = 1; ; tries += 1) {
    const change = await control.clients.previewRemoval({ client, address }, { signal });
    try {
      return { change, ...(await control.clients.write({ token: change.token }, { signal })) };
    } catch (error) {
      const isChanged = error instanceof BridgeError && error.code === 'conflict' && tries < TRIES;
      if (!isChanged) throw error;
    }
  }
}
