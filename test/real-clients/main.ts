import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { startGangway } from '../demo/gangway.ts';
import { buildNativeShim } from '../shim/native-shim.ts';
import { appClients, realApps } from './apps.ts';
import type { RealClient, Room } from './client.ts';
import { commandClients } from './command-clients.ts';
import { knownFaults } from './known-faults.ts';
import { libraryClients } from './library-clients.ts';
import { type InstalledClient, installClient } from './programs.ts';
import { startWorld, type Trial, throughGangway, withoutGangway } from './rows.ts';
import { isSetUp, type Journey, setUpJourneys, tableOfJourneys } from './set-up.ts';
import { type SideBySide, sideBySide, tableOfSideBySide } from './side-by-side.ts';
import { type Judged, judge, type Row, tableOf, unseenFaults } from './verdict.ts';

/*
 * npm run real-clients [-- --only CLIENT …] [--part clients|set-up|side-by-side …] [--json]
 *
 * Real clients from npm, without any account, against the real bridge: every client by every door in a workspace of each
 * era; then apps set up by `gangway connect` and put back; then two accounts on one address in one configuration. What
 * npm brings stays in .cache/real-clients. All traffic stays on loopback, that of the models too. Ends with 1 when
 * something is wrong that known-faults.ts does not name.
 */

const parts = ['clients', 'set-up', 'side-by-side'];
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    part: { type: 'string', multiple: true, default: parts },
    json: { type: 'boolean', default: false },
  },
});
const all = [...appClients, ...commandClients, ...libraryClients];
const isWanted = ({ name }: { name: string }): boolean =>
  values.only.length === 0 || values.only.some((only) => name === only || name.startsWith(`${only}-`));
const note = (line: string): void => void stderr.write(`${line}\n`);
const started = performance.now();

await using stack = new AsyncDisposableStack();
const gangway = stack.use(await startGangway());
const project = join(gangway.folder, 'project');
await mkdir(project);
const packages = new Map<string, Promise<InstalledClient>>();
/** Installs a package when it is first needed. @throws Error when npm cannot. */
const roomOf = async (npm: string): Promise<Room & { readonly version: string }> => {
  const installing = packages.get(npm) ?? installClient(npm);
  packages.set(npm, installing);
  return { home: gangway.folder, project, ...(await installing) };
};

const judged = values.part.includes('clients') ? await clientRows() : [];
const journeys = values.part.includes('set-up') ? await journeyRows() : [];
const accounts = values.part.includes('side-by-side') && values.only.length === 0 ? await accountRows() : [];
const stale = unseenFaults(judged, knownFaults);
const minutes = (performance.now() - started) / 60_000;
if (values.json) {
  stdout.write(
    `${JSON.stringify({ clients: judged, setUp: journeys, sideBySide: accounts, stale, minutes }, null, 2)}\n`,
  );
} else {
  const tables = [
    judged.length > 0 ? ['Every client by every door in a workspace of each era', ...tableOf(judged)] : [],
    journeys.length > 0 ? ['Set up by `gangway connect`, and put back', ...tableOfJourneys(journeys)] : [],
    accounts.length > 0
      ? ['Two accounts on one address, in one configuration', ...tableOfSideBySide(accounts)]
      : [],
    stale.map(({ client, step }) => `${client} does ${step} right now: take it out of known-faults.ts.`),
    [`${judged.length + journeys.length + accounts.length} rows in ${minutes.toFixed(1)} minutes.`],
  ];
  stdout.write(
    tables
      .filter(({ length }) => length > 0)
      .map((lines) => `${lines.join('\n')}\n`)
      .join('\n'),
  );
}
const isRight =
  judged.every(({ result }) => result !== 'red') &&
  journeys.every(isSetUp) &&
  accounts.every((row) => row.isRight);
process.exitCode = isRight && stale.length === 0 ? 0 : 1;

async function clientRows(): Promise<Judged[]> {
  await using world = await startWorld(gangway, shimOfHere());
  const rows: Judged[] = [];
  for (const client of all.filter(isWanted)) {
    const room = await roomFor(client);
    if (room instanceof Error) {
      rows.push({ row: missing(client, room), result: 'red', because: [room.message] });
      continue;
    }
    for (const door of client.doors) {
      for (const at of world.samples.keys()) {
        const trial: Trial = { client, version: room.version, room, door, at };
        const row = await throughGangway(trial, world);
        const isGreen = judge(row, undefined, []).result === 'green';
        const verdict = judge(row, isGreen ? undefined : await withoutGangway(trial, world), knownFaults);
        rows.push(verdict);
        note(
          `${client.name} by ${door} in ${row.workspace}: ${[verdict.result, ...verdict.because].join('\n  ')}`,
        );
      }
    }
  }
  return rows;
}

async function journeyRows(): Promise<Journey[]> {
  const apps = realApps.filter(({ client }) => isWanted({ name: client }));
  const rooms = await Promise.all(apps.map(async (app) => ({ app, room: await roomOf(app.npm) })));
  return setUpJourneys(rooms, gangway);
}

async function accountRows(): Promise<SideBySide[]> {
  const roomWith = (name: string): Promise<Room> => {
    const source = all.find((client) => client.name === name)?.source;
    if (!source || !('npm' in source)) throw new RangeError(`no client ${name} from npm`);
    return roomOf(source.npm);
  };
  return sideBySide(gangway, {
    inspector: await roomWith('inspector-legacy'),
    claude: await roomWith('claude-code'),
  });
}

async function roomFor({ source }: RealClient): Promise<(Room & { readonly version: string }) | Error> {
  if ('version' in source) {
    const bin = (name: string): string => name;
    return { home: gangway.folder, project, bin, version: source.version };
  }
  return roomOf(source.npm).catch((error: unknown) => new Error(`could not be installed: ${String(error)}`));
}

function missing({ name, source }: RealClient, { message }: Error): Row {
  const version = 'npm' in source ? source.npm.slice(source.npm.lastIndexOf('@') + 1) : source.version;
  const none = { door: '', workspace: '', spoke: '-', arrived: '-' } as const;
  return { client: name, version, ...none, lists: message, calls: '-', follows: '-', seconds: 0 };
}

function shimOfHere(): string | undefined {
  try {
    return buildNativeShim();
  } catch {
    note('No native shim can be built here, so commands start the one for Node.');
    return undefined;
  }
}
