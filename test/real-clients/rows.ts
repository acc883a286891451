import { fileURLToPath } from 'node:url';
import type { ClientDoor } from '#contract/clients.ts';
import type { SessionView } from '#contract/session.ts';
import { type DemoGangway, shim } from '../demo/gangway.ts';
import { connect } from '../workspaces/connect.ts';
import { type ModernWorkspace, type Speaks, startModern } from '../workspaces/modern.ts';
import type { RealClient, Room, Script, Talk, Target } from './client.ts';
import { GATE } from './command-clients.ts';
import type { Row } from './verdict.ts';

/** The workspaces a client works in, by the names of their accounts, and what they speak. */
const kinds: Readonly<Record<string, Speaks>> = { legacy: 'legacy', dual: 'both', modern: 'modern' };
const command = fileURLToPath(new URL('../workspaces/modern-command.ts', import.meta.url));

interface Sample {
  readonly speaks: Speaks;
  readonly server: ModernWorkspace;
  readonly tools: readonly string[];
}

/** A workspace of each kind with an account for each, and the bridge. */
export interface World extends AsyncDisposable {
  readonly gangway: DemoGangway;
  readonly samples: readonly Sample[];
  /** The native shim, if it is there; else the one that Node runs. */
  readonly shim: readonly [command: string, ...args: string[]];
}

export async function startWorld(gangway: DemoGangway, nativeShim: string | undefined): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const samples: Sample[] = [];
  for (const [name, speaks] of Object.entries(kinds)) {
    const server = starting.use(await startModern({ name, speaks }));
    await using reader = await connect(server.url, { mode: 'auto' });
    const tools = (await reader.tools()).map((tool) => tool.name);
    samples.push({ speaks, server, tools });
    const where = ['--label', name, '--url', server.url, '--own-network'];
    await gangway.run(['add', 'custom', ...where, '--sign-in', 'none']);
  }
  const running = starting.move();
  return {
    gangway,
    samples,
    shim: nativeShim === undefined ? [process.execPath, shim] : [nativeShim],
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** One row to be. */
export interface Trial {
  readonly client: RealClient;
  readonly version: string;
  readonly room: Room;
  readonly door: ClientDoor;
  /** Which of the workspaces it begins in; it is switched to the next. */
  readonly at: number;
}

/** Through the bridge. */
export async function throughGangway(trial: Trial, world: World): Promise<Row> {
  const { client, door } = trial;
  const { gangway } = world;
  const [first, second] = placesOf(trial, world);
  const { gates, name } = first.server;
  await gangway.run(['use', name]);
  const before = await sessionsOf(gangway);
  let spoke = '-';
  const look = async (): Promise<void> => {
    spoke = spokenSince(before, await sessionsOf(gangway));
  };
  const script: Script = {
    texts: textsOf(trial),
    between: async () => {
      await look();
      await gangway.run(['use', second.server.name]);
    },
    during: async (slow) => {
      const calling = slow();
      await Promise.race([gates.reached(GATE), calling]);
      await look();
      if (gates.waiting(GATE) > 0) gates.release(GATE);
      await calling;
    },
  };
  const { setUpAs } = client;
  if (setUpAs === undefined) {
    const target = await targetAt(world, door, client.name);
    return follow(
      trial,
      [first, second],
      () => client.talk(trial.room, target, script),
      () => spoke,
    );
  }
  const settle = async (): Promise<void> => {
    await gangway.run(['connect', setUpAs, '--door', door]);
  };
  const target: Target = { url: gangway.url, headers: {} };
  try {
    return await follow(
      trial,
      [first, second],
      () => client.talk(trial.room, target, script, settle),
      () => spoke,
    );
  } finally {
    await gangway.run(['disconnect', setUpAs]);
  }
}

/** Straight at the workspace, for comparison; a second call instead of one after a switch. */
export async function withoutGangway(trial: Trial, world: World): Promise<Row> {
  const [{ speaks, server, tools }] = placesOf(trial, world);
  const target: Target =
    trial.door === 'http'
      ? { url: server.url, headers: {} }
      : { command: process.execPath, args: [command, `--name=${server.name}`, `--speaks=${speaks}`] };
  const script: Script = {
    texts: textsOf(trial),
    between: async () => undefined,
    during: async () => undefined,
  };
  const place = { speaks, server, tools };
  return follow(
    trial,
    [place, place],
    () => trial.client.talk(trial.room, target, script),
    () => '-',
  );
}

/** Has a client follow the script, and says what came of it. */
async function follow(
  { client, version, door }: Trial,
  [first, second]: readonly [Sample, Sample],
  talk: () => Promise<Talk>,
  spoke: () => string,
): Promise<Row> {
  const { requests, name } = first.server;
  requests.clear();
  const started = performance.now();
  const told = await talk().catch(
    (error: unknown): Talk => ({ listed: [], heard: '', told: String(error).slice(0, 400) }),
  );
  const seconds = (performance.now() - started) / 1000;
  const [one, two] = textsOf({ client, door });
  const says = (what: string, isWanted: boolean): string =>
    isWanted ? (told.heard.includes(what) ? 'ok' : `no answer "${what}"; ${told.told}`) : '-';
  const missing = first.tools.filter((tool) => !told.listed.some((name) => name.endsWith(tool)));
  return {
    client: client.name,
    version,
    door,
    workspace: name,
    spoke: spoke(),
    arrived: requests.calls('echo').at(0)?.headers['mcp-protocol-version'] ?? '-',
    lists:
      missing.length === 0
        ? 'ok'
        : `${told.listed.length} tools, without ${missing.join(', ')}; ${told.told}`,
    calls: says(`${name}: ${one}`, client.reach !== 'list'),
    follows: says(`${second.server.name}: ${two}`, client.reach === 'switch'),
    seconds,
  };
}

function placesOf({ at }: Trial, { samples }: World): readonly [Sample, Sample] {
  const [first, second] = [samples[at], samples[(at + 1) % samples.length]];
  if (!first || !second) throw new RangeError(`there is no workspace ${at}`);
  return [first, second];
}

function textsOf({ client, door }: Pick<Trial, 'client' | 'door'>): readonly [string, string] {
  return [`one from ${client.name} by ${door}`, `two from ${client.name} by ${door}`];
}

async function targetAt({ gangway, shim }: World, door: ClientDoor, name: string): Promise<Target> {
  if (door === 'http') return (await gangway.run(['endpoint', '--client', name])) as Target;
  const [command, ...args] = shim;
  return { command, args: [...args, '--home', gangway.home] };
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
