import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flags } from '#bridge/socket/frames.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { type PlainWorkspace, startPlain } from '../workspaces/plain.ts';
import { startShim } from './played-shim.ts';
import {
  ask,
  bytesOf,
  type HttpWorld,
  initialize,
  modern,
  modernHeads,
  Raw,
  type RawRequest,
  rpc,
  startDoor,
} from './raw-http.ts';

let workspace: ModernWorkspace;
let old: PlainWorkspace;
let room: Room;

beforeEach(async () => {
  workspace = await startModern({ name: 'a' });
  old = await startPlain({ name: 'old' });
  room = new Room([accountFor(workspace.url, 'new'), accountFor(old.url, 'old')]);
});

afterEach(async () => {
  await room[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  await old[Symbol.asyncDispose]();
});

const echo = { name: 'echo', arguments: { text: 'x' } };
const LISTEN = modern('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

describe('over HTTP', () => {
  const startHttp = async (): Promise<HttpWorld> =>
    startDoor({ sessions: room.sessions, giveUp: () => room.sessions[Symbol.asyncDispose]() });
  const NEW = { 'MCP-Protocol-Version': '2026-07-28' };

  test.each<[string, RawRequest, number, object]>([
    [
      'a call',
      { headers: modernHeads('tools/call', 'echo'), body: modern(1, 'tools/call', echo) },
      200,
      { id: 1, result: { resultType: 'complete', content: [{ type: 'text', text: 'a: x' }] } },
    ],
    [
      'a probe',
      { headers: modernHeads('server/discover'), body: modern(1, 'server/discover') },
      200,
      { id: 1, result: { supportedVersions: ['2026-07-28'], ttlMs: 0, cacheScope: 'private' } },
    ],
    [
      'an unknown method',
      { headers: modernHeads('tools/undo'), body: modern(1, 'tools/undo') },
      404,
      { id: 1, error: { code: -32601 } },
    ],
    ['a batch', { headers: NEW, body: `[${modern(1, 'tools/list')}]` }, 400, { error: { code: -32600 } }],
    [
      'an answer',
      { headers: NEW, body: '{"jsonrpc":"2.0","id":1,"result":{}}' },
      400,
      { error: { code: -32600 } },
    ],
    [
      'no envelope',
      { headers: modernHeads('tools/list'), body: rpc(1, 'tools/list') },
      400,
      { id: 1, error: { code: -32602 } },
    ],
    ['a handshake', { headers: NEW, body: initialize }, 400, { id: 0, error: { code: -32602 } }],
    [
      'JR-48 no version in the headers',
      { body: modern(1, 'tools/list') },
      400,
      { id: 1, error: { code: -32020 } },
    ],
    [
      'JR-48 an older version in the headers',
      {
        headers: { ...modernHeads('tools/list'), 'MCP-Protocol-Version': '2025-11-25' },
        body: modern(1, 'tools/list'),
      },
      400,
      { id: 1, error: { code: -32020 } },
    ],
    [
      'JR-48 a newer version in the headers',
      {
        headers: { ...modernHeads('tools/list'), 'MCP-Protocol-Version': '2027-01-31' },
        body: modern(1, 'tools/list'),
      },
      400,
      { id: 1, error: { code: -32020 } },
    ],
    [
      'another method in the headers',
      { headers: modernHeads('tools/call'), body: modern(1, 'tools/list') },
      400,
      { id: 1, error: { code: -32020 } },
    ],
  ])('%s is answered as MCP 2026-07-28 says', async (_, raw, status, body) => {
    const answer = await ask(await startHttp(), raw);
    expect(answer.status).toBe(status);
    expect(answer.headers['mcp-session-id']).toBeUndefined();
    const text = answer.body.replace(/^event: message\ndata: /, '');
    expect(JSON.parse(text)).toMatchObject(body);
  });

  test('a session id makes no difference to a call, even that of a session of another account', async () => {
    const world = await startHttp();
    room.use(room.list.accounts[1]);
    const id = (await ask(world, { body: initialize })).headers['mcp-session-id'];
    room.use(room.list.accounts[0]);
    const headers = { ...modernHeads('tools/call', 'echo'), 'Mcp-Session-Id': id };
    expect((await ask(world, { headers, body: modern(1, 'tools/call', echo) })).body).toContain('a: x');
  });

  test('a listen follows its account, and ends with its result when Gangway stops', async () => {
    const world = await startHttp();
    const headers = { ...modernHeads('subscriptions/listen'), Connection: undefined };
    const raw = new Raw(world.port).write(bytesOf(world, { headers, body: LISTEN }));
    await raw.sees('acknowledged');
    await workspace.changeTools();
    const heard = await raw.sees('tools/list_changed');
    expect(heard).toContain('"io.modelcontextprotocol/subscriptionId":"l"');
    expect(heard).not.toMatch(/^id: /m);
    await world.door[Symbol.asyncDispose]();
    expect(await raw.all()).toContain('"resultType":"complete"');
    await workspace.listens.atMost(0);
  });

  test('LH-28 a client that hangs up in the middle of a call is heard of by the workspace', async () => {
    const world = await startHttp();
    const headers = { ...modernHeads('tools/call', 'slow'), Connection: undefined };
    const body = modern(1, 'tools/call', { name: 'slow', arguments: { gate: 'g' } });
    const raw = new Raw(world.port).write(bytesOf(world, { headers, body }));
    await workspace.gates.reached('g');
    raw.socket.destroy();
    await workspace.gates.cancelled('g');
  });

  test('a client that goes away takes its listen at the workspace with it', async () => {
    const world = await startHttp();
    const headers = { ...modernHeads('subscriptions/listen'), Connection: undefined };
    const raw = new Raw(world.port).write(bytesOf(world, { headers, body: LISTEN }));
    await workspace.listens.atLeast(1);
    raw.socket.destroy();
    await workspace.listens.atMost(0);
  });
});

describe('over stdio', () => {
  test('a client may probe for one era and shake hands in the other on the same pipe', async () => {
    room.use(room.list.accounts[1]);
    const shim = await startShim('current', 'Cursor', room.sessions);
    shim.say(1, modern('probe', 'server/discover'));
    expect(await shim.message()).toMatchObject({ id: 'probe', error: { code: -32601 } });
    shim.say(2, initialize);
    expect(await shim.after(2)).toMatchObject({ flags: flags.REMEMBER | flags.ANEW });
    shim.say(3, INITIALIZED);
    shim.say(4, rpc('c', 'tools/call', echo));
    expect(await shim.message()).toMatchObject({ id: 'c', result: { content: [{ text: 'old: x' }] } });
    expect(room.sessions.list()).toMatchObject([{ door: 'stdio', protocolVersion: '2025-11-25' }]);
  });

  test('a client without a handshake is served, and nothing of it is remembered for another owner', async () => {
    const shim = await startShim('current', 'Cursor', room.sessions);
    const lines = [
      modern('d', 'server/discover'),
      modern('t', 'tools/list'),
      modern('c', 'tools/call', echo),
    ];
    for (const [index, line] of lines.entries()) {
      shim.say(index + 1, line);
      expect(await shim.after(index + 1)).toMatchObject({
        flags: 0,
        text: expect.stringContaining('"resultType"'),
      });
    }
    expect(room.sessions.list()).toMatchObject([
      { client: 'Cursor', program: 'raw 1', protocolVersion: '2026-07-28', calls: 2 },
    ]);
  });

  test('an id that is in use is refused, and the listen that uses it goes on', async () => {
    const shim = await startShim('current', '', room.sessions);
    shim.say(1, LISTEN);
    expect(await shim.message()).toMatchObject({ method: 'notifications/subscriptions/acknowledged' });
    shim.say(2, LISTEN);
    expect(await shim.message()).toMatchObject({ id: 'l', error: { code: -32600 } });
    await workspace.changeTools();
    expect(await shim.message()).toMatchObject({ method: 'notifications/tools/list_changed' });
  });

  test('a listen that is cancelled ends without an answer, at the workspace too', async () => {
    const shim = await startShim('current', '', room.sessions);
    shim.say(1, LISTEN);
    await workspace.listens.atLeast(1);
    shim.say(2, '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l"}}');
    expect(await shim.after(1)).toMatchObject({ flags: flags.STANDING });
    expect(await shim.after(1)).toEqual({ seq: 1, flags: 0, text: '' });
    await workspace.listens.atMost(0);
  });

  test('a client that says its last is not kept by its listens, and neither is the workspace', async () => {
    const shim = await startShim('current', '', room.sessions);
    shim.say(1, LISTEN);
    await workspace.listens.atLeast(1);
    shim.say(2, modern('m', 'subscriptions/listen', { notifications: { toolsListChanged: true } }));
    shim.frames.end();
    await shim.served;
    await workspace.listens.atMost(0);
    expect(room.sessions.list()).toEqual([]);
  });
});
