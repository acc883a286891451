import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientDoor, ClientView } from '#contract/clients.ts';
import type { DemoGangway } from '../demo/gangway.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { type RealApp, writeBefore } from './apps.ts';
import type { Room } from './client.ts';
import { startLoopbackModel } from './loopback-model.ts';
import { table } from './verdict.ts';

/*
 * Apps set up by `gangway connect` alone, by both doors: each lists the tools and calls one; then `gangway disconnect` and
 * `gangway restore` put its settings back byte for byte.
 */

/** How one app fared by one door. Each field says what was seen; `ok` is what it should be. */
export interface Journey {
  readonly app: string;
  readonly door: ClientDoor;
  readonly connect: string;
  readonly call: string;
  readonly seen: string;
  readonly disconnect: string;
  readonly restore: string;
}

/** The apps with the rooms they run in, by both doors. */
export async function setUpJourneys(
  apps: readonly { readonly app: RealApp; readonly room: Room }[],
  gangway: DemoGangway,
): Promise<Journey[]> {
  await using workspace = await startPlain({ name: 'acme' });
  const where = ['--label', 'Acme', '--url', workspace.url, '--own-network'];
  await gangway.run(['add', 'custom', ...where, '--sign-in', 'none']);
  await gangway.run(['use', 'acme']);
  const journeys: Journey[] = [];
  for (const { app, room } of apps) {
    for (const door of ['http', 'stdio'] as const) {
      journeys.push(await journey(app, door, { gangway, workspace, room }));
    }
  }
  return journeys;
}

/** Every step of it was as it should be. */
export function isSetUp({ connect, call, seen, disconnect, restore }: Journey): boolean {
  return [connect, call, seen, disconnect, restore].every((step) => step.startsWith('ok'));
}

export function tableOfJourneys(journeys: readonly Journey[]): string[] {
  const heading = ['APP', 'DOOR', 'CONNECT', 'TOOL CALL', 'HANDSHAKE', 'DISCONNECT', 'RESTORE'];
  return table([heading, ...journeys.map((one): string[] => Object.values(one))]);
}

interface World {
  readonly gangway: DemoGangway;
  readonly workspace: PlainWorkspace;
  readonly room: Room;
}

/** One app by one door, from settings without Gangway to the same settings again. */
async function journey(app: RealApp, door: ClientDoor, world: World): Promise<Journey> {
  const { run } = world.gangway;
  const text = `from ${app.client} by ${door}`;
  await using model = await startLoopbackModel([{ tool: 'echo', args: { text } }]);
  const room = { ...world.room, model: model.origin };
  const file = join(room.home, app.file);
  const read = async (): Promise<string> => readFile(file, 'utf8');
  await writeBefore(app, room);
  const before = await read();
  await run(['connect', app.client, '--door', door]);
  const written = await read();
  const told = await app.call(room);
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
