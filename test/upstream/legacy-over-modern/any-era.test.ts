import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryHome } from '../../canary/home.ts';
import { startScripted } from '../../relay/scripted.ts';
import { accountFor, Room } from '../../relay/seat.ts';
import { type Arrival, answerJson } from '../../workspaces/arrival.ts';
import { type Speaks, startModern } from '../../workspaces/modern.ts';
import type { Recorder } from '../../workspaces/recorder.ts';
import { discovered } from './scripted-channel.ts';

const methods = (requests: Recorder): (string | undefined)[] =>
  requests.all.filter(({ method }) => method === 'POST').map(({ rpc }) => rpc?.method);

describe('a workspace that speaks', () => {
  test('only the newer era is translated, and greeted so at once from then on', async () => {
    await using workspace = await startModern({ name: 'newer' });
    const account = accountFor(workspace.url, 'newer');
    await using room = new Room([account]);
    const welcome = await room.seat().greet();
    expect(welcome.result).toMatchObject({ protocolVersion: '2025-11-25', serverInfo: { name: 'newer' } });
    expect(methods(workspace.requests).slice(0, 3)).toEqual([
      'initialize',
      'server/discover',
      'server/discover',
    ]);
    expect(room.eras.speaks(account, 'legacy')).toBe(false);
    const seat = room.seat();
    await seat.greet();
    expect(await seat.call('echo', { text: 'hi' })).toBe('newer: hi');
    expect(workspace.requests.withMethod('initialize')).toHaveLength(1);
  });

  test.each<[Speaks]>([['legacy'], ['both']])('%s is used as it is, and never probed', async (speaks) => {
    await using workspace = await startModern({ name: 'older', speaks });
    const account = accountFor(workspace.url, 'older');
    await using room = new Room([account]);
    const seat = room.seat();
    await seat.greet();
    expect(JSON.parse(await seat.call('whoami'))).toMatchObject({ era: 'legacy' });
    expect(workspace.requests.withMethod('server/discover')).toEqual([]);
    expect(room.eras.speaks(account, 'legacy')).toBe(true);
  });
});

describe('a refused handshake', () => {
  const refused = async (
    refuse: (arrival: Arrival, response: ServerResponse) => void,
    discover: (arrival: Arrival, response: ServerResponse) => void,
    isBelievedModern = false,
  ): Promise<{ answer: string; asked: (string | undefined)[] }> => {
    await using workspace = await startScripted((arrival, response) => {
      if (arrival.rpc?.method === 'initialize') refuse(arrival, response);
      else if (arrival.rpc?.method === 'server/discover') discover(arrival, response);
      else answerJson(response, 200, { jsonrpc: '2.0', id: arrival.rpc?.id, result: {} });
    });
    const account = accountFor(workspace.url, 'odd');
    await using room = new Room([account]);
    if (isBelievedModern) room.eras.learn(account, 'modern', true);
    const seat = room.seat();
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const answer = await seat.send({ jsonrpc: '2.0', id: 'mine', method: 'initialize', params });
    return { answer: answer ?? '', asked: methods(workspace.requests) };
  };
  const unknown = ({ rpc }: Arrival, response: ServerResponse): void =>
    answerJson(response, 404, { jsonrpc: '2.0', id: rpc?.id, error: { code: -32601, message: 'no' } });
  const known = ({ rpc }: Arrival, response: ServerResponse): void =>
    answerJson(response, 200, { jsonrpc: '2.0', id: rpc?.id, result: discovered({ tools: {} }) });

  test.each([400, 404, 405, 406, 415, 422])('with %i and nothing more may mean the era', async (status) => {
    const { answer } = await refused((_, response) => void response.writeHead(status).end(), known);
    expect(JSON.parse(answer)).toMatchObject({ id: 'mine', result: { serverInfo: { name: 'scripted' } } });
  });

  test.each([-32022, -32601, -32600, -32000])('with the error %i may mean the era', async (code) => {
    const error = { code, message: 'no' };
    const { answer } = await refused(
      ({ rpc }, response) => answerJson(response, 400, { jsonrpc: '2.0', id: rpc?.id, error }),
      known,
    );
    expect(JSON.parse(answer)).toMatchObject({ id: 'mine', result: { serverInfo: { name: 'scripted' } } });
  });

  test.each([
    ['', false],
    [', even if the workspace spoke the newer one before', true],
  ])('reaches the client byte for byte when it did not mean the era%s', async (_, isBelievedModern) => {
    const body = (id: string): string =>
      `{ "error":{"data":{"n":9007199254740993},"message":"\\u006eo","code":-32000}, "jsonrpc":"2.0","id":${id} }`;
    const { answer, asked } = await refused(
      ({ rpc }, response) =>
        void response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(body(JSON.stringify(rpc?.id))),
      unknown,
      isBelievedModern,
    );
    expect(answer).toBe(body('"mine"'));
    expect(asked).toEqual(['initialize', 'server/discover']);
  });

  test.each([401, 402, 403, 429, 500, 503])('with %i never means the era', async (status) => {
    const { asked } = await refused(
      ({ rpc }, response) =>
        answerJson(response, status, { jsonrpc: '2.0', id: rpc?.id, error: { code: -32603, message: 'no' } }),
      known,
    );
    expect(asked).not.toContain('server/discover');
    expect(asked).toContain('initialize');
  });

  test.each([
    [-32000, { error: { code: -32000, message: 'first' } }],
    // This one says that the era is meant, so the app waits until the workspace can be used.
    [-32022, { result: { serverInfo: { name: 'gangway' } } }],
  ])('with %i and a probe that finds out nothing', async (code, answered) => {
    const error = { code, message: 'first' };
    const { answer } = await refused(
      ({ rpc }, response) => answerJson(response, 400, { jsonrpc: '2.0', id: rpc?.id, error }),
      (_, response) => void response.writeHead(403).end(),
    );
    expect(JSON.parse(answer)).toMatchObject(answered);
  });
});

describe('a workspace that changes its era', () => {
  const old = ({ rpc }: Arrival, response: ServerResponse): void => {
    const id = rpc?.id;
    if (rpc?.method === 'initialize') {
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'o' },
      };
      answerJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's' });
    } else if (id === undefined) response.writeHead(202).end();
    else if (!('mcp-session-id' in (headersOf.get(response) ?? {}))) {
      answerJson(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'No session' } });
    } else {
      answerJson(response, 200, {
        jsonrpc: '2.0',
        id,
        result: { content: [{ type: 'text', text: 'older' }] },
      });
    }
  };
  const young = ({ rpc }: Arrival, response: ServerResponse): void => {
    const id = rpc?.id;
    if (rpc?.method === 'initialize') {
      answerJson(response, 400, { jsonrpc: '2.0', id, error: { code: -32022, message: 'no' } });
    } else if (rpc?.method === 'server/discover') {
      answerJson(response, 200, { jsonrpc: '2.0', id, result: discovered({ tools: {} }) });
    } else if (headersOf.get(response)?.['mcp-session-id'] !== undefined) response.writeHead(404).end();
    else {
      const result = { resultType: 'complete', content: [{ type: 'text', text: 'newer' }] };
      answerJson(response, 200, { jsonrpc: '2.0', id, result });
    }
  };
  const headersOf = new WeakMap<ServerResponse, Readonly<Record<string, string>>>();

  test('is followed within a session, there and back', async () => {
    let serve = young;
    await using workspace = await startScripted((arrival, response) => {
      headersOf.set(response, arrival.headers);
      serve(arrival, response);
    });
    await using room = new Room([accountFor(workspace.url, 'changing')]);
    const seat = room.seat();
    await seat.greet();
    expect(await seat.call('which')).toBe('newer');
    serve = old;
    expect(await seat.call('which')).toBe('older');
    serve = young;
    expect(await seat.call('which')).toBe('newer');
  });

  test('is followed when it was upgraded and knows the old sessions no more', async () => {
    const before = await startModern({ name: 'older', speaks: 'legacy' });
    await using room = new Room([accountFor(before.url, 'changing')]);
    const seat = room.seat();
    await seat.greet();
    expect(await seat.call('echo', { text: 'hi' })).toBe('older: hi');
    await before[Symbol.asyncDispose]();
    await using after = await startModern({ name: 'newer', port: Number(new URL(before.url).port) });
    expect(await seat.call('echo', { text: 'hi' })).toBe('newer: hi');
    expect(after.requests.withMethod('initialize')).toHaveLength(1);
  });

  test('may only seem to: a refused call harms neither the session nor what else runs', async () => {
    await using workspace = await startModern({ name: 'newer' });
    await using room = new Room([accountFor(workspace.url, 'newer')]);
    const seat = room.seat();
    await seat.greet();
    const slow = seat.call('slow', { gate: 'g' });
    await workspace.gates.reached('g');
    workspace.answerNext({ status: 422, body: 'no', when: ({ rpc }) => rpc?.target === 'echo' });
    expect(await seat.call('echo', { text: 'hi' })).toContain('(422)');
    workspace.gates.release('g');
    expect(await slow).toBe('newer: done waiting');
    expect(workspace.requests.withMethod('initialize')).toHaveLength(1);
  });

  test('is found out although the other era is remembered', async () => {
    let serve = young;
    await using workspace = await startScripted((arrival, response) => {
      headersOf.set(response, arrival.headers);
      serve(arrival, response);
    });
    await using room = new Room([accountFor(workspace.url, 'changing')]);
    await room.seat().greet();
    for (const [now, name] of [
      [old, 'older'],
      [young, 'newer'],
    ] as const) {
      serve = now;
      const seat = room.seat();
      await seat.greet();
      expect(await seat.call('which')).toBe(name);
    }
  });
});

describe('a local command of the newer era', () => {
  test('is greeted, probed and used in one process', async () => {
    await using home = await temporaryHome();
    const starts = `${home.path}/starts`;
    const command = fileURLToPath(new URL('../../workspaces/modern-command.ts', import.meta.url));
    const script = 'echo started >> "$1"; exec "$2" "$3" --name=local --speaks=modern';
    const account = accountFor('http://127.0.0.1:9', 'local', {
      connector: 'custom',
      upstream: {
        kind: 'command',
        command: '/bin/sh',
        args: ['-c', script, 'sh', starts, process.execPath, command],
      },
    });
    await using room = new Room([account]);
    const seat = room.seat();
    const welcome = await seat.greet();
    expect(welcome.result).toMatchObject({ serverInfo: { name: 'local' } });
    expect(await seat.call('echo', { text: 'hi' })).toBe('local: hi');
    expect(await readFile(starts, 'utf8')).toBe('started\n');
    expect(room.eras.speaks(account, 'legacy')).toBe(false);
    const next = room.seat();
    await next.greet();
    expect(await next.call('echo', { text: 'again' })).toBe('local: again');
    expect(await readFile(starts, 'utf8')).toBe('started\nstarted\n');
  });
});
