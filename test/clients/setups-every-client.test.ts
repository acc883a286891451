import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { knownClients } from '#bridge/clients/known/table.ts';
import { aSetup } from './a-setup.ts';

const FIXTURES = fileURLToPath(new URL('known/fixtures/', import.meta.url));

/** A file of the client's fixture; undefined for none. `emptied` is there where a list that was made stays, empty. */
function fixture(client: string, name: 'before' | 'emptied'): Buffer | undefined {
  const folder = `${FIXTURES}${client}/`;
  const file = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith(`${name}.`)) : undefined;
  return file === undefined ? undefined : readFileSync(`${folder}${file}`);
}

function before(client: string): Buffer {
  return fixture(client, 'before') ?? Buffer.from('');
}

const cases = knownClients.flatMap((client) =>
  client.way === 'file' ? client.doors.map((door) => ({ id: client.id, door })) : [],
);

describe('CF-15 connected and disconnected, its file is byte for byte what it was', () => {
  test.each(cases)('$id by $door', async ({ id, door }) => {
    const setup = await aSetup();
    const { places } = setup.setups.list().find((view) => view.id === id)!;
    const file = relative(setup.path(''), places[0]!.path);
    const bytes = before(id);
    await setup.put(file, bytes);
    const preview = await setup.preview(id, 'acme', door);
    expect(preview).toMatchObject({ door, exists: true, path: places[0]!.path });
    expect(preview.added).toContain(door === 'http' ? 'Bearer ••••••••' : 'gangway-shim');
    await setup.setups.write(preview.token, AbortSignal.timeout(5000));
    // As it is read back, it is what was written.
    await setup.setups.look();
    expect(setup.connection(id, 'acme')).toMatchObject({ state: 'waiting', door, entry: 'gangway-acme' });
    await setup.disconnect(id);
    expect(bytes.equals(await setup.bytes(file))).toBe(true);
  });
});

describe('CF-15 of a file that was edited since, only the entry goes', () => {
  test.each(cases)('$id by $door', async ({ id, door }) => {
    const setup = await aSetup();
    const { places } = setup.setups.list().find((view) => view.id === id)!;
    const file = relative(setup.path(''), places[0]!.path);
    const bytes = before(id);
    await setup.put(file, bytes);
    await setup.connect(id, 'current', door);
    await setup.put(file, `${await setup.read(file)}\n`);
    await setup.setups.look();
    expect(setup.connection(id).state).toBe('waiting');
    await setup.disconnect(id);
    expect(await setup.read(file)).toBe(`${fixture(id, 'emptied') ?? bytes}\n`);
    // It can be connected again, and is then known as its own.
    await setup.connect(id, 'current', door);
    expect(setup.connection(id).state).toBe('waiting');
  });
});
