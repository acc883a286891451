import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  type ConfigTable,
  type ConfigValue,
  type ServerList,
  spliced,
} from '#bridge/clients/formats/format.ts';
import { formatOf } from '#bridge/clients/formats/formats.ts';
import type { FileClient } from '#bridge/clients/known/client.ts';
import { knownClients } from '#bridge/clients/known/table.ts';
import type { ClientDoor } from '#contract/clients.ts';
import { canary } from '../../canary/canary.ts';
import { described } from './described.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));
const NAME = 'gangway-acme-billing';
const URL_OF_DOOR = 'http://127.0.0.1:48620/mcp/acme-billing';
const fileClients = knownClients.filter((client) => client.way === 'file');
const clientsAndDoors = fileClients.flatMap(({ doors, ...client }) =>
  doors.map((door): [string, ClientDoor, FileClient] => [client.id, door, { doors, ...client }]),
);

test('every client with a file has its fixtures, and there are no others', () => {
  expect(readdirSync(FIXTURES).sort()).toEqual(fileClients.map(({ id }) => id).sort());
  for (const client of fileClients) {
    const kind = kindOf(client);
    const wanted = client.doors.flatMap((door) => [`after-${door}.${kind}`, `new-${door}.${kind}`]);
    const found = readdirSync(FIXTURES + client.id).filter((file) => file !== `emptied.${kind}`);
    expect(found.sort()).toEqual([`before.${kind}`, ...wanted].sort());
  }
});

describe.each(clientsAndDoors)('%s by %s', (_, door, client) => {
  const format = formatOf(kindOf(client));
  const entry = entryOf(client, door);
  const before = fixture(client, 'before') ?? '';

  test('CF-02, CF-03 its entry comes into a file in use, and nothing else in it changes', () => {
    const splice = format.put(before, client.list, NAME, entry);
    expect(spliced(before, splice)).toBe(fixture(client, `after-${door}`));
    expect(splice.removed.trim()).toBe('');
  });

  test('CF-15 taking the entry out gives the file as it was', () => {
    const after = fixture(client, `after-${door}`) ?? '';
    const splice = format.take(after, client.list, NAME);
    expect(splice && spliced(after, splice)).toBe(fixture(client, 'emptied') ?? before);
  });

  test('CF-01 without a file it makes one that the client takes', () => {
    const start = client.starter ?? '';
    const made = spliced(start, format.put(start, client.list, NAME, entry));
    expect(made).toBe(fixture(client, `new-${door}`));
    expect(made.endsWith('\n')).toBe(true);
    const splice = format.take(made, client.list, NAME) ?? { start: 0, removed: '', added: '' };
    const left = spliced(made, splice);
    expect(left).not.toContain('gangway');
    expect(format.read(left)).toMatchObject(format.read(start));
    expect(serversIn(format.read(left), client.list)).toEqual([]);
  });

  test('what it wrote is there when the file is read', () => {
    const { nameField } = client.list;
    const expected = nameField === undefined ? entry : { [nameField]: NAME, ...entry };
    expect(serversIn(format.read(fixture(client, `after-${door}`) ?? ''), client.list).at(-1)).toEqual([
      NAME,
      expected,
    ]);
  });
});

test('an entry for an address has the token once, as the literal value of the Authorization header', () => {
  for (const client of fileClients) {
    if (!client.http) continue;
    const bearer = canary('local');
    const text = JSON.stringify(client.http({ url: URL_OF_DOOR, bearer }, NAME));
    expect(text.split(bearer)).toHaveLength(2);
    expect(text).toContain(`{"Authorization":"Bearer ${bearer}"}`);
  }
});

test('an entry for a command holds the command, its arguments in their order, and no variables', () => {
  for (const client of fileClients) {
    const { command, args } = stdioWay(client);
    const entry = entryOf(client, 'stdio');
    const words = [entry.cmd ?? entry.command, entry.args ?? []].flat();
    expect(words).toEqual([command, ...args]);
    expect(Object.keys(entry.env ?? entry.envs ?? entry.environment ?? {})).toEqual([]);
  }
});

/** The servers of a file with their names, in its order. */
function serversIn(
  content: ConfigTable,
  { path, nameField }: ServerList,
): (readonly [string, ConfigValue])[] {
  let value: ConfigValue | undefined = content;
  for (const step of path) value = isTable(value) ? value[step] : undefined;
  if (isTable(value)) return Object.entries(value);
  if (nameField === undefined || !isList(value)) return [];
  return value.map((member) => [isTable(member) ? String(member[nameField]) : '', member]);
}

function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: ConfigValue | undefined): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function kindOf(client: FileClient) {
  const [path = ''] = client.places(described('linux'));
  return client.format(path);
}

function fixture(client: FileClient, name: string): string | undefined {
  const file = `${name}.${kindOf(client)}`;
  if (!readdirSync(FIXTURES + client.id).includes(file)) return undefined;
  return readFileSync(`${FIXTURES}${client.id}/${file}`, 'utf8');
}

function entryOf(client: FileClient, door: ClientDoor): ConfigTable {
  const entry =
    door === 'http'
      ? client.http?.({ url: URL_OF_DOOR, bearer: 'LOCAL-TOKEN' }, NAME)
      : client.stdio?.(stdioWay(client), NAME);
  if (!entry) throw new TypeError(`${client.id} has no ${door}`);
  return entry;
}

/** The fixture of VS Code Insiders is of Windows. */
function stdioWay({ id }: FileClient): { command: string; args: string[] } {
  const command =
    id === 'vscode-insiders' ? 'C:\\Program Files\\Gangway\\gangway-shim.exe' : '/opt/Gangway/gangway-shim';
  return { command, args: ['acme-billing', '--client', id] };
}
