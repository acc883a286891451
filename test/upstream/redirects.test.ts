import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { ask, askAt, quickHttp, troubleOf, workspaceAt } from './asking.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { event, json, response, result, streamHead } from './raw-http.ts';

let hostile: Hostile;
let elsewhere: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
  elsewhere = await startHostile({ label: 'another origin' });
});
afterAll(async () => {
  expect(elsewhere.connections).toBe(0);
  await Promise.all([hostile[Symbol.asyncDispose](), elsewhere[Symbol.asyncDispose]()]);
});

const MOVED = [301, 302, 303, 307, 308];
const CALLS = ['tools/call', 'tools/list', 'initialize'];

describe('a redirect is never followed', () => {
  test.each(MOVED)(
    'RE-01 %i to another origin is told with its host, and nobody asks there',
    async (status) => {
      const path = `/m/re-01-${status}`;
      const url = hostile.on(path, (_, socket) => {
        socket.write(response(status, '', { location: `${elsewhere.origin}/mcp?session=1` }));
      });
      for (const method of CALLS) {
        const { message } = troubleOf(await askAt(url, method), 'bad-answer', false);
        expect(message).toContain(`moved to ${elsewhere.origin}. Nothing was sent there`);
      }
      expect(hostile.requests(path)).toHaveLength(CALLS.length);
    },
  );

  test.each([
    ['another path', '/other'],
    ['a slash at the end', './re-02/'],
    ['the same origin in full', 'ORIGIN/other'],
    ['itself', ''],
  ])('RE-02 on the same origin: %s', async (row, target) => {
    const path = `/m/re-02-${row.replaceAll(' ', '-')}`;
    const url = hostile.on(path, (_, socket) => {
      socket.write(response(308, '', { location: target.replace('ORIGIN', hostile.origin) || path }));
    });
    const before = hostile.heard.length;
    expect(troubleOf(await askAt(url), 'bad-answer').message).toContain('moved to another path');
    expect(hostile.heard.length - before).toBe(1);
  });

  test.each([
    ['http instead of https, same host', 'http://example.com/mcp', 'http://example.com'],
    ['another port', 'http://127.0.0.1:1/mcp', 'http://127.0.0.1:1'],
    ['user info', 'https://user:pass@example.com/', 'https://example.com.'],
    ['a script', 'javascript:alert(1)', 'another address'],
    ['nothing', '', 'another address'],
    ['no address', 'https://', 'another address'],
    ['20 KB', `https://${'a'.repeat(20_000)}.com/`, 'another address'],
    ['20 KB of path', `https://example.com/${'a'.repeat(20_000)}`, 'https://example.com.'],
    ['an internationalised host', 'https://ex\u00e4mple.com/', 'https://xn--'],
  ])('RE-03 to %s', async (row, location, shown) => {
    const path = `/m/re-03-${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, (_, socket) => void socket.write(response(302, '', { location })));
    expect(troubleOf(await askAt(url), 'bad-answer').message).toContain(`moved to ${shown}`);
    expect(hostile.requests(path)).toHaveLength(1);
  });

  test('RE-04 in a loop: one request only', async () => {
    const url = hostile.on(
      '/m/re-04',
      (_, socket) => void socket.write(response(302, '', { location: '/m/re-04' })),
    );
    troubleOf(await askAt(url, 'tools/list'), 'bad-answer');
    expect(hostile.requests('/m/re-04')).toHaveLength(1);
  });

  test.each([300, 304, 305, 306])('RE-05 %i is told as it is', async (status) => {
    const url = hostile.on(`/m/re-05-${status}`, (_, socket) => {
      socket.write(response(status, '', { location: elsewhere.origin }));
    });
    expect(troubleOf(await askAt(url), 'bad-answer').message).toContain(`status ${status}`);
  });

  test('RE-06 on the standing stream, on a continued stream and on DELETE', async () => {
    const url = hostile.on('/m/re-06', ({ method, rpc, id }, socket) => {
      if (rpc === 'initialize') {
        socket.write(
          response(200, result(id), { 'content-type': 'application/json', 'mcp-session-id': 's1' }),
        );
      } else if (rpc === 'tools/call') {
        socket.end(streamHead() + event('', { id: 'e1' }));
      } else if (method === 'POST') socket.write(json(result(id)));
      else socket.write(response(307, '', { location: `${elsewhere.origin}/mcp` }));
    });
    await using http = quickHttp();
    const channel = connect(workspaceAt(url), http);
    const { signal } = new AbortController();
    await ask(channel, 'initialize');
    await channel.listen(() => undefined, signal);
    const { end } = await ask(channel);
    expect(end).toMatchObject({ kind: 'resumable', lastEventId: 'e1' });
    await expect(channel.resume('e1', '1', () => undefined, signal)).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    await channel[Symbol.asyncDispose]();
    const methods = hostile.requests('/m/re-06').map(({ method }) => method);
    expect(methods).toEqual(['POST', 'GET', 'POST', 'GET', 'DELETE']);
  });
});
