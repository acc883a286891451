import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '#bridge/base/log.ts';
import { type Connection, Connections } from '#bridge/clients/connections.ts';
import { canonical } from '#bridge/clients/foreign/server-entries.ts';
import { thisSystem } from '#bridge/clients/known/system.ts';
import { Sight } from '#bridge/clients/sight.ts';
import { temporaryHome } from '../canary/home.ts';

async function startStage() {
  const home = (await temporaryHome()).path;
  const path = join(home, '.cursor/mcp.json');
  await mkdir(dirname(path));
  const put = (entries: object): Promise<void> => writeFile(path, JSON.stringify({ mcpServers: entries }));
  const connections = await Connections.open(join(home, 'connections.json'), silentLog);
  const record = async (...all: Connection[]): Promise<void> => {
    const file = {
      client: 'cursor',
      path,
      sha256: '0'.repeat(64),
      original: null,
      made: true,
      mixed: false,
      mode: null,
    } as const;
    await connections.change(() => ({ files: [file], connections: all }));
  };
  const system = { ...thisSystem(), home };
  const sight = new Sight({ system, connections, backups: { list: async () => [] }, log: silentLog });
  const entry = (name: string, writtenAt: string): Connection => ({
    client: 'cursor',
    path,
    address: name,
    door: 'stdio',
    entry: name,
    leads: '/shim',
    token: null,
    written: canonical({ command: '/shim', args: [name] }),
    writtenAt,
    seen: null,
  });
  return { put, record, sight, entry };
}

const EARLIER = '2026-11-21T14:00:00.000Z';
const LATER = '2026-11-21T15:00:00.000Z';

test('an entry that was recorded after its file was looked at is not taken for a missing one', async () => {
  const { put, record, sight, entry } = await startStage();
  const [one, other] = [entry('one', EARLIER), entry('other', LATER)];
  await put({ one: { command: '/shim', args: ['one'] }, other: { command: '/shim', args: ['changed'] } });
  await record(one);
  await sight.lookAtOwn();
  await record(one, other);
  expect([sight.entry(one).kind, sight.entry(other).kind]).toEqual(['same', 'same']);
  await sight.lookAtOwn();
  expect([sight.entry(one).kind, sight.entry(other).kind]).toEqual(['same', 'changed']);
});

test('an entry that was written anew is not compared with what was there before', async () => {
  const { put, record, sight, entry } = await startStage();
  await put({ one: { command: '/shim', args: ['old'] } });
  await record(entry('one', EARLIER));
  await sight.lookAtOwn();
  expect(sight.entry(entry('one', EARLIER)).kind).toBe('changed');
  await record(entry('one', LATER));
  expect(sight.entry(entry('one', LATER)).kind).toBe('same');
});

test('a program that a runtime starts is missed as well as the command itself', async () => {
  const { record, sight, entry } = await startStage();
  const run = { ...entry('one', EARLIER), leads: process.execPath };
  const gone = {
    ...run,
    written: canonical({ command: process.execPath, args: ['/nowhere/main.ts', 'stdio'] }),
  };
  await record(gone);
  await sight.lookAtOwn();
  expect([sight.missing(gone), sight.missing({ ...gone, door: 'http' })]).toEqual([
    '/nowhere/main.ts',
    undefined,
  ]);
  await record(run);
  await sight.lookAtOwn();
  expect(sight.missing(run)).toBeUndefined();
});
