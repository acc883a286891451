import type { ClientDoor } from '#contract/clients.ts';
import type { SessionView } from '#contract/session.ts';
import type { DemoGangway } from '../demo/gangway.ts';
import { bold, say } from '../demo/story.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type AppRoom, type RealApp, writeBefore } from './apps.ts';
import { startLoopbackModel } from './loopback-model.ts';

/** One app by one door in one workspace. */
export interface EraRow {
  readonly app: string;
  readonly door: ClientDoor;
  readonly workspace: string;
  /** The revision it spoke with Gangway, from Gangway's own list. */
  readonly spoke: string;
  /** The revision in which its call arrived at the workspace. */
  readonly arrived: string;
  readonly call: string;
}

/** A workspace of each kind, by the name of its account. */
export interface Eras extends AsyncDisposable {
  readonly workspaces: readonly ModernWorkspace[];
}

const GATE = 'held';

/** Starts a workspace of the older era, one of both, one of the newer era, and adds an account for each. */
export async function startEras(gangway: DemoGangway): Promise<Eras> {
  await using starting = new AsyncDisposableStack();
  const workspaces: ModernWorkspace[] = [];
  for (const [name, speaks] of [
    ['older-era', 'legacy'],
    ['both-eras', 'both'],
    ['newer-era', 'modern'],
  ] as const) {
    const workspace = starting.use(await startModern({ name, speaks }));
    workspaces.push(workspace);
    const where = ['--label', name, '--url', workspace.url, '--own-network'];
    await gangway.run(['add', 'custom', ...where, '--sign-in', 'none']);
  }
  const running = starting.move();
  return { workspaces, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** One app by one door, which lists the tools and calls one, in each workspace. */
export async function inEachEra(
  app: RealApp,
  door: ClientDoor,
  world: { readonly gangway: DemoGangway; readonly eras: Eras; readonly room: Omit<AppRoom, 'model'> },
): Promise<EraRow[]> {
  const { run } = world.gangway;
  await using model = await startLoopbackModel('slow', { gate: GATE });
  const room = { ...world.room, model: model.origin };
  await writeBefore(app, room);
  await run(['connect', app.client, '--door', door]);
  const rows: EraRow[] = [];
  for (const workspace of world.eras.workspaces) {
    const { name, gates, requests } = workspace;
    await run(['use', name]);
    requests.clear();
    const before = await sessionsOf(world.gangway);
    const calling = app.call(room, 'slow');
    // While the call waits, the app's conversation is in the list.
    await Promise.race([gates.reached(GATE), calling]);
    const spoke = spokenSince(before, await sessionsOf(world.gangway));
    const arrived = requests.calls('slow').at(-1)?.headers['mcp-protocol-version'] ?? 'nothing';
    if (gates.waiting(GATE) > 0) gates.release(GATE);
    const { code, stdout, stderr } = await calling;
    const isHeard = model.heard().includes(`${name}: done waiting`);
    const call = isHeard ? 'ok' : `not called; exit code ${code}: ${stdout.slice(-200)}${stderr.slice(-200)}`;
    rows.push({ app: app.client, door, workspace: name, spoke, arrived, call });
  }
  // Claude Code rewrites its settings all the time, so only the entry is taken out.
  await run(['disconnect', app.client]);
  return rows;
}

/** Each app called its tool. */
export function erasHold(rows: readonly EraRow[]): boolean {
  return rows.every(({ call }) => call === 'ok');
}

export function showEras(rows: readonly EraRow[]): void {
  const heading = ['APP', 'DOOR', 'WORKSPACE', 'APP SPOKE', 'ARRIVED IN', 'TOOL CALL'];
  const widths = [12, 6, 10, 22, 12, 10];
  say('');
  say(
    bold('  The same apps in a workspace of each era, with the revision of MCP on either side of Gangway:'),
  );
  for (const cells of [heading, ...rows.map((row) => Object.values(row))]) {
    say(`  ${cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join(' ')}`.trimEnd());
  }
}

async function sessionsOf({ run }: DemoGangway): Promise<readonly SessionView[]> {
  return ((await run(['status'])) as { sessions: SessionView[] }).sessions;
}

/** The revisions of the conversations that are new, or in which something was asked since. */
function spokenSince(before: readonly SessionView[], now: readonly SessionView[]): string {
  const calls = new Map(before.map((session) => [session.id, session.calls]));
  const active = now.filter((session) => session.calls !== calls.get(session.id));
  return [...new Set(active.map(({ protocolVersion }) => protocolVersion ?? 'none yet'))].join(', ');
}
