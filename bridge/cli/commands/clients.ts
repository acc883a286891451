import type { ClientConnection, ClientView } from '../../contract/clients.ts';
import { bridgeCommand, type CommandParts, type Shown } from '../command.ts';
import { table } from '../table.ts';

interface ClientsFlags {
  readonly all?: boolean;
}

export const command = bridgeCommand<ClientsFlags, { readonly all: boolean }>({
  usage: 'clients',
  summary: 'the AI apps on this computer, and how each is connected',
  details: 'Apps are found by their folders alone. Only files that Gangway has an entry in are opened.',
  declare: (declared) => declared.option('-a, --all', 'also those that are not on this computer'),
  door: true,
  parse: (_, { all = false }) => ({ all }),
  run: showClients,
});

/** The apps that are here or connected, or all that Gangway knows. */
export async function showClients({ all }: { readonly all: boolean }, parts: CommandParts): Promise<Shown> {
  const { control, terminal, signal } = parts;
  const clients = await control.clients.list(undefined, { signal });
  const shown = clients.filter(({ found, connections }) => all || found || connections.length > 0);
  if (shown.length === 0) {
    return {
      value: clients,
      lines: [
        'No AI app was found on this computer. To see all that Gangway knows: gangway clients --all',
        'To connect any other by hand: gangway endpoint --client NAME',
      ],
    };
  }
  const rows = shown.flatMap((client) => rowsOf(client));
  const heading = ['CLIENT', 'NAME', 'FOUND', 'REACHES', 'DOOR', 'STATE'];
  const lines = table([heading, ...rows], (line) => terminal.style('dim', line));
  const told = shown.flatMap(({ id, connections }) => connections.flatMap((one) => troubleLine(id, one)));
  const isTrouble = shown.some(({ connections }) => connections.some(({ state }) => !isWell(state)));
  const isFirst = shown.every(({ connections }) => connections.length === 0);
  const next = isFirst ? ['', `Connect one with: gangway connect ${shown[0]?.id ?? 'cursor'}`] : [];
  return {
    value: clients,
    lines: [
      ...lines,
      ...(told.length > 0 ? ['', ...told] : []),
      ...(isTrouble ? ['What helps: gangway doctor'] : []),
      ...next,
    ],
  };
}

function rowsOf({ id, name, found, way, connections }: ClientView): string[][] {
  const start = [id, name, found ? 'yes' : 'no'];
  if (connections.length === 0)
    return [[...start, '-', '-', way === 'by-hand' ? 'by hand' : 'not connected']];
  return connections.map(({ address, door, state }) => [...start, address, door, words[state]]);
}

const words: Readonly<Record<ClientConnection['state'], string>> = {
  waiting: 'waiting for its first handshake',
  seen: 'connected',
  changed: 'changed by somebody',
  gone: 'entry gone',
  unreadable: 'file unreadable',
  unusable: 'cannot work',
};

/** What is the matter, or awaited. */
function troubleLine(id: string, { state, text }: ClientConnection): string[] {
  return text === '' ? [] : [`${isWell(state) ? ' ' : '!'} ${id}: ${text}`];
}

function isWell(state: ClientConnection['state']): boolean {
  return state === 'seen' || state === 'waiting';
}
