import type { Recorder } from '../workspaces/recorder.ts';
import type { SampleWorkspaces } from '../workspaces/start-all.ts';
import { type App, httpApp, stdioApp } from './apps.ts';
import type { DemoGangway } from './gangway.ts';
import { check, dim, done, quote, say } from './story.ts';

/** With a handshake and sessions. */
const OLDER = '2025-11-25';
/** Without either: every request stands for itself. */
const NEWER = '2026-07-28';

interface Workplace {
  readonly requests: Recorder;
}

/** An app of each generation at work in a workspace of each, and a switch from one to the other under both. */
export async function bothEras(
  bridge: DemoGangway,
  { acme, borealis, meridian }: SampleWorkspaces,
): Promise<void> {
  for (const line of [
    'MCP is what apps and workspaces talk in, and there are two generations of it. In the older one they greet each',
    `other first and keep a session (${OLDER}); in the newer one every request stands for itself (${NEWER}).`,
    'Allegro understands only the older one, Meridian only the newer one, Borealis both.',
    'Each line: who works where, what the app speaks ─> what arrives at the workspace.',
  ]) {
    say(`  ${dim(line)}`);
  }
  await bridge.run(['use', 'allegro-acme']);
  const { url, headers } = (await bridge.run(['endpoint', '--client', 'Older app'])) as {
    url: string;
    headers: Record<string, string>;
  };
  await using older = await httpApp(url, headers, 'older-app');
  await shows('an older app in Allegro', older, acme, { tool: 'list-products', says: 'acme' }, [
    OLDER,
    OLDER,
  ]);

  const told = older.toolsChanged();
  await bridge.run(['use', 'meridian']);
  await told;
  done('gangway use meridian: the older app stays connected and is told that its tools changed');
  await shows('the older app in Meridian', older, meridian, { tool: 'list-routes', says: 'Cádiz' }, [
    OLDER,
    NEWER,
  ]);

  await bridge.run(['use', 'borealis']);
  await using newer = await stdioApp(bridge.home, 'newer-app', [], 'auto');
  await shows('a newer app in Borealis', newer, borealis, { tool: 'list-stations', says: 'Kiruna' }, [
    NEWER,
    NEWER,
  ]);

  const toldToo = newer.toolsChanged();
  await bridge.run(['use', 'allegro-acme']);
  await toldToo;
  done('gangway use allegro-acme: the newer app stays connected and is told that its tools changed');
  await shows('the newer app in Allegro', newer, acme, { tool: 'list-products', says: 'acme' }, [
    NEWER,
    OLDER,
  ]);
  await bridge.run(['use', 'pelcro-herald']);
}

/** One call, with the revision the app spoke and the one that arrived at the workspace. */
async function shows(
  who: string,
  app: App,
  { requests }: Workplace,
  call: { readonly tool: string; readonly says: string },
  [down, up]: readonly [string, string],
): Promise<void> {
  const answer = await app.call(call.tool);
  const arrived = requests.calls(call.tool).at(-1)?.headers['mcp-protocol-version'];
  check(answer.includes(call.says), `${who} gets its answer`);
  check(app.version === down, `${who} speaks ${down}`);
  check(arrived === up, `the call of ${who} arrives in ${up}`);
  const between = down === up ? 'passed on as it is' : 'translated by Gangway';
  done(`${who.padEnd(25)} ${down} ─> ${up}  ${dim(between)}`);
  quote(`${answer.replace(/\s+/g, ' ').slice(0, 100)} …`);
}
