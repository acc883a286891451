import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, initialize, modern, modernHeads, Raw, type RawRequest } from '../downstream/raw-http.ts';
import { startWorld, type World } from '../flows/world.ts';
import { excuse } from '../invariants/broken.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type WrongRequest, wrongRequests } from './raw-requests.ts';

/*
 * The whole bridge with a workspace behind it that notes every request. What comes in a wrong way gets its status, the
 * same in both eras of MCP, and the workspace never hears of it.
 */

let workspace: ModernWorkspace;
let world: World;
let door: { readonly port: number; readonly token: string };

excuse('INV-3', /\(local\)/, 'The client itself sends its token where it does not belong.');

beforeAll(async () => {
  workspace = await startModern({ name: 'w', speaks: 'both' });
  world = await startWorld();
  await world.add({ connector: 'custom', label: 'Work', url: workspace.url, signIn: 'none' });
  const { url, headers } = await world.endpoint();
  door = { port: Number(new URL(url).port), token: (headers.Authorization ?? '').replace('Bearer ', '') };
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await workspace?.[Symbol.asyncDispose]();
});

const eras: Readonly<Record<string, RawRequest>> = {
  legacy: { body: initialize },
  modern: {
    headers: modernHeads('tools/call', 'echo'),
    body: modern(1, 'tools/call', { name: 'echo', arguments: { text: 'x' } }),
  },
};

/** Says a request on a connection of its own. Whatever comes back gives no permission to any page. */
async function statusOf(era: RawRequest, { change }: Pick<WrongRequest, 'change'>): Promise<number> {
  const bytes = bytesOf(door, { ...era, ...change, headers: { ...era.headers, ...change.headers } })
    .replaceAll('PORT', String(door.port))
    .replaceAll('TOKEN', door.token);
  const text = await new Raw(door.port).write(bytes).all();
  expect(text.toLowerCase()).not.toContain('\r\naccess-control-');
  return Number(text.split(' ')[1]);
}

test.each(Object.entries(eras))(
  'a request of the %s era as it should be reaches the workspace',
  async (_, era) => {
    workspace.requests.clear();
    expect(await statusOf(era, { change: {} })).toBe(200);
    expect(workspace.requests.all.length).toBeGreaterThan(0);
  },
);

test.each([...Map.groupBy(wrongRequests, ({ id }) => id)])(
  '%s: not one of the wrong requests reaches a workspace, in either era',
  async (_, requests) => {
    workspace.requests.clear();
    const sessions = await world.bridge.control.sessions.list();
    const got: Record<string, number> = {};
    const expected: Record<string, number> = {};
    for (const [name, era] of Object.entries(eras)) {
      await Promise.all(
        requests.map(async (wrong) => {
          got[`${name} ${wrong.what}`] = await statusOf(era, wrong);
          expected[`${name} ${wrong.what}`] = wrong.status;
        }),
      );
    }
    expect(got).toEqual(expected);
    expect(workspace.requests.all).toEqual([]);
    expect(await world.bridge.control.sessions.list()).toEqual(sessions);
  },
);
