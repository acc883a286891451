import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answerRows,
  bytesOf,
  forwarded,
  lookalikeRows,
  messageRows,
  refusedRows,
  request,
  unreadableRows,
} from '../jsonrpc/rows.ts';
import { shakesHands, startScripted, welcomeOf } from '../relay/scripted.ts';
import { accountFor, Room } from '../relay/seat.ts';
import { answerJson } from '../workspaces/arrival.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { type DoorClient, httpDoor, type OpenDoor, stdioDoor } from './both-doors.ts';

const greeting = (version: string): Uint8Array =>
  bytesOf(
    request(
      `"id":"greeting","method":"initialize","params":{"protocolVersion":"${version}","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}`,
    ),
  );
const CALL = request('"id":"alive","method":"tools/call","params":{"name":"echo"}');
/** What a workspace hears of a request, but for the id, which may be a stand-in. */
const withoutId = (text: string): string => text.replace(/"id":("[^"]*"|[^,]*),/, '');
const idOf = (text: string): string | undefined => /"id":("[^"]*"|[^,]*),/.exec(text)?.[1];

const doors: readonly (readonly [name: string, OpenDoor])[] = [
  ['stdio', stdioDoor],
  ['HTTP', httpDoor],
];

/* The same table at both doors of a whole bridge, with a workspace behind it that writes down what it hears. */
describe.each(doors)('%s', (name, open) => {
  let workspace: Workspace;
  let room: Room;
  let client: DoorClient;

  beforeAll(async () => {
    workspace = await startScripted((arrival, response) => {
      const { method, params } = arrival.rpc ?? {};
      if (method === 'initialize') {
        const { protocolVersion } = params ?? {};
        return answerJson(response, 200, welcomeOf(arrival, { protocolVersion }), { 'mcp-session-id': 's' });
      }
      if (shakesHands(arrival, response)) return;
      answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: {} });
    });
    room = new Room([accountFor(workspace.url, 'account')]);
    client = await open(room.sessions);
    await client.say(greeting('2025-11-25'));
  });

  afterAll(async () => {
    expect(client.strays()).toEqual([]);
    await client[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  /** Nothing was forwarded since `before`, and the connection lives. */
  async function unharmed(before: number): Promise<void> {
    expect(workspace.requests.all.length).toBe(before);
    expect(await client.say(bytesOf(CALL))).toBe('{"jsonrpc":"2.0","id":"alive","result":{}}');
  }

  async function refused(bytes: Uint8Array, code: number, id: string | null): Promise<void> {
    const before = workspace.requests.all.length;
    const text = (await client.say(bytes)) ?? '';
    expect(text.length).toBeLessThan(1024);
    expect(JSON.parse(text)).toEqual({
      jsonrpc: '2.0',
      id: id === null ? null : JSON.parse(id),
      error: { code, message: expect.any(String) },
    });
    if (name === 'HTTP') expect(client.status()).toBe(400);
    await unharmed(before);
  }

  const blank = ([row]: readonly [string, ...unknown[]]): boolean => row.startsWith('JR-02');
  const filled = refusedRows.filter((row) => !blank(row));
  test.each(filled)('%s is refused and not forwarded', (_, text, code, id) =>
    refused(bytesOf(text), code, id),
  );
  test.each(unreadableRows)('%s is refused and not forwarded', (_, bytes) => refused(bytes, -32700, null));

  test.each(refusedRows.filter(blank))('%s is no line, and no body', async (_, text, code) => {
    if (name === 'HTTP') return refused(bytesOf(text), code, null);
    const before = workspace.requests.all.length;
    expect(await client.say(bytesOf(text), 'nothing')).toBeUndefined();
    await unharmed(before);
  });

  test.each([
    ...answerRows,
    ['JR-19 an answer nobody asked for', request('"id":"alive","result":{"a":1}')],
    ['JR-19 an error nobody asked for', request('"id":1,"error":{"code":1,"message":"no"}')],
  ] as const)('%s is dropped, and answers nothing that the client asked', async (_, text) => {
    const before = workspace.requests.all.length;
    const answer = await client.say(bytesOf(text), 'nothing');
    // Over HTTP a response has a body, which must not look like the answer to a request.
    if (answer !== undefined) expect(JSON.parse(answer)).toMatchObject({ id: null, error: { code: -32600 } });
    if (name === 'stdio') expect(answer).toBeUndefined();
    await unharmed(before);
  });

  test.each(messageRows)('%s is forwarded as it is, and answered', async (_, text) => {
    const answer = await client.say(bytesOf(text));
    expect(answer).toBe(`{"jsonrpc":"2.0","id":${idOf(text)},"result":{}}`);
    expect(withoutId(workspace.requests.all.at(-1)?.text ?? '')).toBe(withoutId(text).slice(0, 64 * 1024));
  });

  test.each(lookalikeRows)(
    'JR-23 a key that a lax parser takes for another stays here: %s',
    async (_, text) => {
      await client.say(bytesOf(text));
      expect(withoutId(workspace.requests.all.at(-1)?.text ?? '')).toBe(withoutId(forwarded));
    },
  );

  test('JR-24 prototype keys in arguments are data', async () => {
    const given = '{"__proto__":{"isAdmin":true},"a":{"constructor":{"prototype":{"isAdmin":true}}}}';
    const text = request(`"id":1,"method":"tools/call","params":{"name":"x","arguments":${given}}`);
    await client.say(bytesOf(text));
    expect(withoutId(workspace.requests.all.at(-1)?.text ?? '')).toBe(withoutId(text));
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('JR-28 200,000 keys are forwarded and answered', async () => {
    const keys = Array.from({ length: 200_000 }, (_, index) => `"k${index}":${index}`);
    const text = request(
      `"id":1,"method":"tools/call","params":{"name":"x","arguments":{${keys.join(',')}}}`,
    );
    expect(await client.say(bytesOf(text))).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  const batch = `[${[1, 2].map((id) => request(`"id":${id},"method":"tools/call","params":{"name":"x"}`)).join(',')}]`;

  test('JR-05 a batch is refused and not forwarded', () => refused(bytesOf(batch), -32600, null));

  test('JR-05 a client that begins again in revision 2025-03-26 gets one array for a batch', async () => {
    await client.say(greeting('2025-03-26'));
    const answers = JSON.parse((await client.say(bytesOf(batch))) ?? '') as { id: number }[];
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
  });
});
