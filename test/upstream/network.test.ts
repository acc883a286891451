import type { LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { connect } from '#bridge/upstream/connect.ts';
import { WorkspaceHttp } from '#bridge/upstream/http.ts';
import { answerOf, ask, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type FaultProxy, type Faults, startBlackHole, startFaultProxy } from './fault-proxy.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { event, json, response, result, streamHead } from './raw-http.ts';

let hostile: Hostile;
let proxy: FaultProxy;
beforeAll(async () => {
  hostile = await startHostile();
  proxy = await startFaultProxy(hostile.port);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await hostile[Symbol.asyncDispose]();
});

/** The path's URL through the fault proxy; `json` unless another scenario is given. */
function through(
  path: string,
  faults: FaultProxy['faults'],
  scenario?: Parameters<Hostile['on']>[1],
): string {
  hostile.on(path, scenario ?? (({ id }, socket) => void socket.write(json(result(id)))));
  const before = proxy.connections;
  proxy.faults = (connection) => faults(connection - before);
  return proxy.origin + path;
}

const first =
  (faults: Faults): FaultProxy['faults'] =>
  (connection) =>
    connection === 1 ? faults : {};

describe('a workspace that cannot be reached', () => {
  test.each(['tools/call', 'tools/list'])('NW-01 has no such name: %s', async (method) => {
    // A label of more than 63 characters: no resolver asks anybody for it.
    const outcome = await askAt(`http://${'a'.repeat(64)}.test/mcp`, method);
    expect(troubleOf(outcome, 'unreachable', false).message).toMatch(
      /cannot be reached right now. Nothing was sent.$/,
    );
  });

  test('NW-02 refuses connections', async () => {
    const gone = await startFaultProxy(hostile.port);
    await gone.refuse();
    for (const method of ['tools/call', 'tools/list']) {
      troubleOf(await askAt(`${gone.origin}/mcp`, method), 'unreachable', false);
    }
  });

  test('NW-02 lets what is sent there vanish', async () => {
    await using hole = await startBlackHole('127.0.0.1');
    const url = `http://127.0.0.1:${hole.port}/mcp`;
    const outcome = await askAt(url, 'tools/call', quickHttp({ connectMs: 200 }));
    expect(troubleOf(outcome, 'unreachable', false).message).toContain('Nothing was sent');
  });

  test('NW-03 vanishes by IPv6 and is there by IPv4: it is reached long before a connection is given up', async () => {
    await using hole = await startBlackHole('::1');
    const both: LookupFunction = (_, options, callback) => {
      const addresses = [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ];
      if (options.all) callback(null, addresses);
      else callback(null, '::1', 6);
    };
    await using reached = await startHostile({ port: hole.port });
    const url = reached.on('/mcp', ({ id }, socket) => void socket.write(json(result(id))));
    await using http = new WorkspaceHttp({ lookup: both, waits: { ...limits, connectMs: 1000 } });
    const workspace = workspaceAt(url.replace('127.0.0.1', 'workspace.test'));
    answerOf(await ask(connect(workspace, http)));
    expect(reached.connections).toBe(1);
  });

  test('NW-02 takes connections but never finishes the handshake', async () => {
    const url = through('/n/nw-02', () => ({ up: { after: { bytes: 0, by: 'stall' } } })).replace(
      'http:',
      'https:',
    );
    const outcome = await askAt(url, 'tools/call', quickHttp({ connectMs: 200 }));
    troubleOf(outcome, 'unreachable', false);
  });
});

describe('a connection that breaks', () => {
  test('NW-04 anywhere in the request: a call is not sent again', async () => {
    const sizes = [1, 20, 100, 250, 300];
    for (const bytes of sizes) {
      const path = `/n/nw-04-request-${bytes}`;
      const url = through(path, () => ({ up: { after: { bytes, by: 'reset' } } }));
      troubleOf(await askAt(url), 'outcome-unknown', true);
      expect(hostile.requests(path).length).toBeLessThanOrEqual(1);
    }
  });

  test.each(['reset', 'end'] as const)(
    'NW-04 anywhere in the answer (%s): half an answer is never one',
    async (by) => {
      const whole = json(result('"x"')).length;
      for (let bytes = 0; bytes <= whole; bytes += 6) {
        const path = `/n/nw-04-answer-${by}-${bytes}`;
        const url = through(path, () => ({ down: { after: { bytes, by } } }));
        await using http = quickHttp();
        const outcome = await ask(connect(workspaceAt(url), http), 'tools/call', { id: '"x"' });
        troubleOf(outcome, 'outcome-unknown', true);
        expect(hostile.requests(path)).toHaveLength(1);
      }
    },
  );

  test.each(['reset', 'end'] as const)('NW-04 anywhere on a stream (%s)', async (by) => {
    const stream = streamHead() + event(result('"x"'));
    for (let bytes = 0; bytes < stream.length - 1; bytes += 9) {
      const path = `/n/nw-04-stream-${by}-${bytes}`;
      const url = through(
        path,
        () => ({ down: { after: { bytes, by } } }),
        (_, socket) => void socket.write(stream),
      );
      await using http = quickHttp();
      const outcome = await ask(connect(workspaceAt(url), http), 'tools/call', { id: '"x"' });
      troubleOf(outcome, 'outcome-unknown', true);
      expect(hostile.requests(path)).toHaveLength(1);
    }
  });

  test.each<[string, Faults]>([
    ['within the request', { up: { after: { bytes: 50, by: 'reset' } } }],
    ['before the answer', { down: { after: { bytes: 0, by: 'reset' } } }],
    ['before the answer, by an end', { down: { after: { bytes: 0, by: 'end' } } }],
    ['within the head of the answer', { down: { after: { bytes: 20, by: 'reset' } } }],
  ])('NW-04 %s: a read is sent once more', async (row, faults) => {
    const url = through(`/n/nw-04-read-${row.replaceAll(/\W+/g, '-')}`, first(faults));
    answerOf(await askAt(url, 'tools/list'));
  });

  test('NW-04 twice: a read is given up too', async () => {
    const before = proxy.connections;
    const url = through('/n/nw-04-twice', () => ({ down: { after: { bytes: 0, by: 'reset' } } }));
    troubleOf(await askAt(url, 'tools/list'), 'outcome-unknown');
    expect(proxy.connections - before).toBe(2);
  });

  test('NW-12 a kept connection that the workspace closes just then', async () => {
    const path = '/n/nw-12';
    const url = through(
      path,
      () => ({}),
      ({ id, nth }, socket) => {
        if (nth % 2 === 1) socket.write(json(result(id)));
        else socket.resetAndDestroy();
      },
    );
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    answerOf(await ask(channel));
    troubleOf(await ask(channel), 'outcome-unknown', true);
    expect(hostile.requests(path, 'tools/call')).toHaveLength(2);
    answerOf(await ask(channel, 'tools/list'));
    answerOf(await ask(channel, 'tools/list'));
  });
});

describe('a bit that changed on the way', () => {
  test('UB-05 within the id or the frame of an answer makes it none', async () => {
    const whole = json(result('"x"'));
    for (const at of [whole.indexOf('{'), whole.indexOf('"x"') + 1]) {
      const path = `/n/flipped-${at}`;
      const url = through(
        path,
        () => ({ down: { flipAt: at } }),
        (_, socket) => void socket.write(whole),
      );
      await using http = quickHttp();
      troubleOf(await ask(connect(workspaceAt(url), http), 'tools/call', { id: '"x"' }), 'bad-answer', true);
      expect(hostile.requests(path)).toHaveLength(1);
    }
  });

  test('UB-10 anywhere in a compressed answer is noticed', async () => {
    const body = gzipSync(result('"x"', `"${'abc'.repeat(50)}"`));
    const fields = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const whole = response(200, body, fields);
    // Between the head of the format and the length at its end, which nobody needs to believe.
    for (let at = whole.length - body.length + 10; at < whole.length - 4; at += 7) {
      const path = `/n/flipped-gzip-${at}`;
      const url = through(
        path,
        () => ({ down: { flipAt: at } }),
        (_, socket) => void socket.write(whole),
      );
      await using http = quickHttp();
      const outcome = await ask(connect(workspaceAt(url), http), 'tools/call', { id: '"x"' });
      troubleOf(outcome, 'outcome-unknown', true);
      expect(hostile.requests(path)).toHaveLength(1);
    }
  });
});

describe('a connection that is slow', () => {
  test('NW-14 works: late, and one byte after the other', async () => {
    const slow = { delayMs: 100, drip: true };
    answerOf(await askAt(through('/n/nw-14', () => ({ up: slow, down: slow }))));
  });

  test.each<[string, Faults]>([
    ['NW-15 takes no request', { up: { after: { bytes: 100, by: 'stall' } } }],
    ['NW-15 brings no answer', { down: { after: { bytes: 0, by: 'stall' } } }],
    ['NW-15 brings half a head', { down: { after: { bytes: 20, by: 'stall' } } }],
  ])('%s: the call times out and is not sent again', async (row, faults) => {
    const path = `/n/${row.replaceAll(/\W+/g, '-')}`;
    const before = proxy.connections;
    const outcome = await askAt(
      through(path, () => faults),
      'tools/call',
      quickHttp({ toolResponseHeadMs: 200 }),
    );
    troubleOf(outcome, 'timeout', true);
    expect(proxy.connections - before).toBe(1);
  });

  test('a tool may take longer than anything else', async () => {
    const path = '/n/slow-tool';
    const url = through(path, () => ({ down: { after: { bytes: 0, by: 'stall' } } }));
    const waits = { toolResponseHeadMs: 60_000, responseHeadMs: 100 };
    const controller = new AbortController();
    await using http = quickHttp(waits);
    const channel = connect(workspaceAt(url), http);
    const call = ask(channel, 'tools/call', { signal: controller.signal });
    troubleOf(await ask(channel, 'tools/list'), 'timeout', true);
    controller.abort(new Error('still running'));
    expect((await call).error).toMatchObject({ message: 'still running' });
  });

  test('NW-15 a half-closed request is still answered', async () => {
    const whole = await sizeOfRequest();
    answerOf(await askAt(through('/n/half-closed', () => ({ up: { after: { bytes: whole, by: 'end' } } }))));
  });
});

/** Bytes of one `tools/call` of these tests, for a path as long as `/n/half-closed`. */
async function sizeOfRequest(): Promise<number> {
  let size = 0;
  const url = hostile.on('/n/size-closed', ({ id, headers, body }, socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    size = Buffer.byteLength(`POST /n/half-closed HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    socket.write(response(200, result(id)));
  });
  answerOf(await askAt(url));
  return size;
}
