import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientDoor, ClientView } from '#contract/clients.ts';
import { type DemoGangway, startGangway } from '../demo/gangway.ts';
import { bold, dim, done, say } from '../demo/story.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { type AppRoom, type RealApp, realApps, writeBefore } from './apps.ts';
import { erasHold, inEachEra, showEras, startEras } from './eras.ts';
import { startLoopbackModel } from './loopback-model.ts';
import { installApps } from './programs.ts';

/*
 * npm run real-clients:set-up [-- CLIENT …]
 *
 * Real apps, each set up by `gangway connect` alone, by both doors: each lists the tools and calls one through the bridge,
 * without any account; then `gangway disconnect` and `gangway restore` put its settings back byte for byte. Then each
 * works in a workspace of each era.
 */

/** How one app fared by one door. Each field says what was seen; `ok` is what it should be. */
interface Row {
  readonly app: string;
  readonly door: ClientDoor;
  readonly connect: string;
  readonly call: string;
  readonly seen: string;
  readonly disconnect: string;
  readonly restore: string;
}

const wanted = process.argv.slice(2);
const apps = realApps.filter(({ client }) => wanted.length === 0 || wanted.includes(client));
await using stack = new AsyncDisposableStack();
say(bold('Real apps, set up by one command each.'));
const workspace = stack.use(await startPlain({ name: 'acme' }));
const gangway = stack.use(await startGangway());
await gangway.run([
  'add',
  'custom',
  '--label',
  'Acme',
  '--url',
  workspace.url,
  '--sign-in',
  'none',
  '--own-network',
]);
done('the bridge runs, with one account');
say(dim('  Now npm brings the apps; this takes a while.'));
const { path, bin } = await installApps(
  gangway.folder,
  apps.map(({ npm }) => npm),
);
done(`installed: ${apps.map(({ npm }) => npm).join(', ')}`);
const project = join(gangway.folder, 'project');
await mkdir(project);

const eras = stack.use(await startEras(gangway));
const rows: Row[] = [];
const eraRows: Awaited<ReturnType<typeof inEachEra>> = [];
for (const app of apps) {
  for (const door of ['http', 'stdio'] as const) {
    const room = { home: gangway.folder, project, path, bin };
    await gangway.run(['use', 'acme']);
    rows.push(await journey(app, door, { gangway, workspace, room }));
    eraRows.push(...(await inEachEra(app, door, { gangway, eras, room })));
    done(`${app.client} by ${door}`);
  }
}
say('');
const heading = ['APP', 'DOOR', 'CONNECT', 'TOOL CALL', 'HANDSHAKE', 'DISCONNECT', 'RESTORE'];
for (const cells of [heading, ...rows.map((row) => Object.values(row))]) say(line(cells));
showEras(eraRows);
const isWrong =
  !erasHold(eraRows) ||
  rows.some((row) =>
    [row.connect, row.call, row.seen, row.disconnect, row.restore].some((one) => !one.startsWith('ok')),
  );
say(
  isWrong
    ? 'Something is not as it should be: see the rows above.'
    : 'Every app reached its tool in every workspace, and every file is as it was.',
);
process.exitCode = isWrong ? 1 : 0;

interface World {
  readonly gangway: DemoGangway;
  readonly workspace: PlainWorkspace;
  readonly room: Omit<AppRoom, 'model'>;
}

/** One app by one door, from settings without Gangway to the same settings again. */
async function journey(app: RealApp, door: ClientDoor, world: World): Promise<Row> {
  const { run } = world.gangway;
  const text = `from ${app.client} by ${door}`;
  await using model = await startLoopbackModel('echo', { text });
  const room = { ...world.room, model: model.origin };
  const file = join(room.home, app.file);
  const read = async (): Promise<string> => readFile(file, 'utf8');
  await writeBefore(app, room);
  const before = await read();
  await run(['connect', app.client, '--door', door]);
  const written = await read();
  const told = await app.call(room, 'echo');
  const isCalled = world.workspace.requests.calls('echo').some((call) => call.text.includes(text));
  const isHeard = model.heard().includes(`acme: ${text}`);
  const views = (await run(['clients'])) as ClientView[];
  const connection = views.find(({ id }) => id === app.client)?.connections[0];
  const left = await read();
  await run(['disconnect', app.client]);
  const disconnected = await read();
  // What the app itself changed meanwhile stays; only our entry goes.
  const isExact =
    left === written ? disconnected === before : withoutOurs(left) === withoutOurs(disconnected);
  await writeBefore(app, room);
  await run(['connect', app.client, '--door', door]);
  await run(['restore', app.client]);
  return {
    app: app.client,
    door,
    connect: written === before ? 'nothing written' : 'ok',
    call: isCalled && isHeard ? 'ok' : `not called; exit code ${told.code}: ${told.stderr.slice(-200)}`,
    seen: connection?.state === 'seen' ? `ok: ${connection.text}` : (connection?.text ?? 'none'),
    disconnect:
      isExact && !disconnected.includes('gangway')
        ? `ok${left === written ? '' : ' (the app changed its file)'}`
        : 'differs',
    restore: (await read()) === before ? 'ok' : 'differs',
  };
}

/** For JSON that the app rewrote: its content without our entry. */
function withoutOurs(text: string): string {
  const parsed = JSON.parse(text) as { mcpServers?: Record<string, unknown> };
  delete parsed.mcpServers?.gangway;
  return JSON.stringify(parsed);
}

function line(cells: readonly string[]): string {
  const widths = [12, 6, 8, 10, 28, 34, 8];
  return `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ')}`.trimEnd();
}
