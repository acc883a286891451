import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EraChanged } from '#bridge/upstream/modern/channel.ts';
import { canary } from '../../canary/canary.ts';
import { answerOf, troubleOf } from '../asking.ts';
import type { Scenario } from '../hostile.ts';
import { event, head, json, response, result, streamHead } from '../raw-http.ts';
import { notice, noticesIn } from '../with-session.ts';
import { call, modernAt, requestWith, tell } from './asking.ts';
import { answered, rpcError, type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

describe('what goes up', () => {
  test.each<[string, object, Record<string, string>]>([
    ['tools/call', { name: 'write' }, { 'mcp-name': 'write' }],
    ['prompts/get', { name: 'Zürich' }, { 'mcp-name': '=?base64?WsO8cmljaA==?=' }],
    ['prompts/get', { name: 'a\r\nx-injected: 1' }, { 'mcp-name': '=?base64?YQ0KeC1pbmplY3RlZDogMQ==?=' }],
    ['resources/read', { uri: 'note://a b' }, { 'mcp-name': 'note://a b' }],
    ['tasks/get', { taskId: 't-1' }, { 'mcp-name': 't-1' }],
    ['tasks/update', { taskId: 't-1' }, { 'mcp-name': 't-1' }],
    ['tasks/cancel', { taskId: 't-1' }, { 'mcp-name': 't-1' }],
    ['tools/list', { name: 'not this' }, {}],
    ['constructor', { name: 'not this' }, {}],
  ])('the headers of %s repeat its body', async (method, params, headers) => {
    const { url, heard } = scripted.serve((one, socket) => void socket.write(answered(one)));
    await using seat = modernAt(url);
    const message = requestWith(method, params);
    answerOf(await tell(seat.channel, message));
    const [arrived] = heard();
    expect(arrived?.body).toBe(message.text);
    expect(
      Object.entries(arrived?.headers ?? {})
        .filter(([name]) => /^(mcp|x)-/.test(name))
        .sort(),
    ).toEqual(
      Object.entries({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...headers }).sort(),
    );
    expect(arrived?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${seat.workspace.key}`,
    });
  });

  test('the headers of parameters as the client gave them, and no other header of its', async () => {
    const { url, heard } = scripted.serve((one, socket) => void socket.write(answered(one)));
    await using seat = modernAt(url);
    seat.eras.schemas(seat.workspace.account).learn('write', [{ path: ['a'], header: 'Mcp-Param-A' }]);
    const paramHeaders = {
      'mcp-param-region': '=?base64?eu',
      'mcp-param-bad': 'a\r\nb',
      cookie: 'a',
      'mcp-name': 'b',
    };
    answerOf(await tell(seat.channel, call('write', { a: 'x' }), { paramHeaders }));
    const headers = heard()[0]?.headers ?? {};
    expect(headers['mcp-param-region']).toBe('=?base64?eu');
    expect(headers['mcp-name']).toBe('write');
    expect(Object.keys(headers)).not.toContain('cookie');
    expect(Object.keys(headers).filter((name) => name.startsWith('mcp-param-'))).toEqual([
      'mcp-param-region',
    ]);
  });
});

describe('what comes back', () => {
  test('keeps every byte: unknown members, unknown result types, numbers beyond 2^53', async () => {
    const value = '{"resultType":"x-odd", "n":12345678901234567890, "u\\u0061":[1.0,{}] ,"_meta":{"a":null}}';
    const { url } = scripted.serve((one, socket) => {
      const text = `{"vendor":{"x":1}, "jsonrpc":"2.0","result":${value},"id":${one.id}}`;
      if (one.nth === 1) socket.write(json(text));
      else socket.end(streamHead() + event(text));
    });
    await using seat = modernAt(url);
    for (const streamed of [false, true]) {
      const { heard } = await tell(seat.channel, call('write', {}, { id: '"a\\u0062"' }));
      expect(heard).toMatchObject([{ streamed, message: { kind: 'response' } }]);
      const [one] = heard;
      const text = one?.message?.kind === 'response' ? one.message.text : '';
      expect(text).toBe(`{"vendor":{"x":1}, "jsonrpc":"2.0","result":${value},"id":"a\\u0062"}`);
      expect(one?.status).toBe(streamed ? undefined : 200);
    }
  });

  test.each<[number, number, (id: string) => string, string]>([
    [400, -32020, (id) => id, 'of a call with headers of its own'],
    [400, -32021, (id) => id, ''],
    [400, -32022, (id) => id, ''],
    [400, -32602, () => 'null', ''],
    [400, -32000, (id) => id, ''],
    [404, -32601, (id) => id, ''],
    [404, -32601, () => 'null', ''],
    [422, -32050, (id) => id, ''],
    [200, -32603, (id) => id, ''],
  ])('an error with status %s and code %s is the answer, with its status', async (status, code, id) => {
    const { url } = scripted.serve((one, socket) => {
      socket.write(response(status, rpcError(id(one.id), code, ',"data":{"big":12345678901234567890}')));
    });
    await using seat = modernAt(url);
    const { heard, error } = await tell(seat.channel, call('write'), { paramHeaders: {} });
    expect(error).toBeUndefined();
    expect(heard).toMatchObject([{ status, message: { error: { code } } }]);
    const [one] = heard;
    expect(one?.message?.kind === 'response' && one.message.text).toContain('12345678901234567890');
  });

  test('an error whose id is missing is the answer too', async () => {
    const { url } = scripted.serve((_, socket) => {
      socket.write(response(400, '{"jsonrpc":"2.0","error":{"code":-32602,"message":"no"}}'));
    });
    await using seat = modernAt(url);
    expect(answerOf(await tell(seat.channel, call('write')))).toMatchObject({ error: { code: -32602 } });
  });

  test('an answer to somebody else is none', async () => {
    const { url } = scripted.serve((_, socket) => void socket.write(json(result('"other"'))));
    await using seat = modernAt(url);
    troubleOf(await tell(seat.channel, call('write')), 'bad-answer', true);
  });

  test('SS-11 a stream brings notifications in order, no question, then the answer, and nothing behind it', async () => {
    const { url } = scripted.serve((one, socket) => {
      const asks = '{"jsonrpc":"2.0","id":1,"method":"roots/list"}';
      const events = [
        notice('a'),
        asks,
        'no json',
        notice('b'),
        result('"other"'),
        result(one.id),
        notice('late'),
      ];
      socket.end(streamHead() + events.map((text) => event(text)).join(''));
    });
    await using seat = modernAt(url);
    const outcome = await tell(seat.channel, call('write', {}, { id: '"mine"' }));
    expect(answerOf(outcome)).toMatchObject({ id: 'mine' });
    expect(noticesIn(outcome.heard)).toEqual(['a', 'b']);
    const kinds = outcome.heard.map(({ message }) => message?.kind);
    expect(kinds).toEqual(['notification', 'notification', 'response']);
  });

  test('a compressed body is read, and one beyond the cap is stopped', async () => {
    const { url } = scripted.serve((one, socket) => {
      const text = one.nth === 1 ? result(one.id) : result(one.id, JSON.stringify('x'.repeat(33 << 20)));
      socket.write(
        response(200, gzipSync(text), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      );
    });
    await using seat = modernAt(url);
    answerOf(await tell(seat.channel, call('write')));
    troubleOf(await tell(seat.channel, call('write')), 'too-large', true);
  });
});

describe('a request that fails', () => {
  test.each<[string, string]>([
    ['401', 'sign-in-needed'],
    ['403', 'refused'],
    ['500', 'outcome-unknown'],
    ['501', 'bad-answer'],
    ['503', 'outcome-unknown'],
    ['413', 'too-large'],
    ['307', 'bad-answer'],
  ])('with status %s is told in words', async (status, code) => {
    const { url, heard } = scripted.serve((_, socket) => {
      socket.write(response(Number(status), '<html>', { location: 'https://elsewhere.example.com/mcp' }));
    });
    await using seat = modernAt(url);
    const error = troubleOf(await tell(seat.channel, call('write')), code as 'refused');
    expect(error).not.toBeInstanceOf(EraChanged);
    expect(heard()).toHaveLength(1);
    expect(seat.workspace.observed).toEqual([[Number(status)]]);
  });

  test('is sent once more with a renewed credential', async () => {
    const { url, heard } = scripted.serve((one, socket) => {
      socket.write(one.nth === 1 ? response(401, rpcError('null', -32600)) : answered(one));
    });
    const sent: unknown[] = [];
    await using seat = modernAt(url, {
      renewed: async (headers) => {
        sent.push(headers['mcp-name']);
        return true;
      },
    });
    answerOf(await tell(seat.channel, call('write')));
    expect(heard()).toHaveLength(2);
    expect(sent).toEqual(['write']);
  });

  test('because of too many requests is sent again after the time the workspace asks for', async () => {
    const { url } = scripted.serve((one, socket) => {
      socket.write(one.nth === 1 ? response(429, '', { 'retry-after': '3' }) : answered(one));
    });
    await using seat = modernAt(url);
    answerOf(await tell(seat.channel, call('write')));
    expect(seat.http.pauses).toEqual([3000]);
  });

  test.each<[string, Scenario]>([
    ['before any answer', (_, socket) => void socket.destroy()],
    ['within the head', (_, socket) => void socket.end('HTTP/1.1 200 O')],
    [
      'within a JSON body',
      (_, socket) => void socket.end(`${head(200, { 'content-type': 'application/json' })}{"a`),
    ],
    ['within a stream', (_, socket) => void socket.end(streamHead() + event(notice('a')))],
    ['within an event', (_, socket) => void socket.end(`${streamHead()}data: {"jsonrpc"`)],
    [
      'by a reset within a stream',
      (_, socket) => void socket.write(streamHead(), () => socket.resetAndDestroy()),
    ],
  ])('by a connection that ends %s leaves the outcome of a call unknown', async (_, scenario) => {
    const { url, heard } = scripted.serve(scenario);
    await using seat = modernAt(url);
    troubleOf(await tell(seat.channel, call('write')), 'outcome-unknown', true);
    expect(heard()).toHaveLength(1);
  });

  test('its text holds no secret that the workspace echoes', async () => {
    const key = canary('bearer');
    const { url } = scripted.serve(
      (_, socket) => void socket.write(response(403, `{"message":"not with ${key}"}`)),
    );
    await using seat = modernAt(url, { withoutSecrets: (text) => text.replaceAll(key, '[secret]') });
    expect(troubleOf(await tell(seat.channel, call('write')), 'refused').message).toContain('[secret]');
  });
});

describe('an answer that only the other era gives', () => {
  test.each<[number, string]>([
    [400, ''],
    [400, 'No session'],
    [400, rpcError('null', -32000)],
    [400, rpcError('"server-error"', -32600)],
    [404, ''],
    [404, rpcError('null', -32001)],
    [405, ''],
    [406, ''],
    [415, ''],
  ])('%s %s takes the verdict back, and nothing was carried out', async (status, body) => {
    const { url } = scripted.serve((_, socket) => void socket.write(response(status, body)));
    await using seat = modernAt(url);
    const { account } = seat.workspace;
    seat.eras.learn(account, 'modern', true);
    const error = troubleOf(await tell(seat.channel, call('write')), 'bad-answer', false);
    expect(error).toBeInstanceOf(EraChanged);
    expect(seat.eras.speaks(account, 'modern')).toBe(false);
  });

  test.each<[number, string]>([
    [404, '<html>'],
    [422, 'no'],
  ])('%s from a workspace that still speaks this one is its refusal of one call', async (status, body) => {
    const { url, heard } = scripted.serve((one, socket) => {
      const isProbe = one.body.includes('server/discover');
      const result = `{"jsonrpc":"2.0","id":${one.id},"result":{"supportedVersions":["2026-07-28"]}}`;
      socket.write(isProbe ? json(result) : response(status, body));
    });
    await using seat = modernAt(url);
    const { account } = seat.workspace;
    seat.eras.learn(account, 'modern', true);
    const error = (await tell(seat.channel, call('write'))).error;
    expect(error).not.toBeInstanceOf(EraChanged);
    expect(String(error)).toContain(`(${status})`);
    expect(seat.eras.speaks(account, 'modern')).toBe(true);
    expect(heard()).toHaveLength(2);
  });

  test('is handed over as it is by a workspace that still speaks this one', async () => {
    const { url } = scripted.serve((one, socket) => {
      const isProbe = one.body.includes('server/discover');
      const result = `{"jsonrpc":"2.0","id":${one.id},"result":{"supportedVersions":["2026-07-28"]}}`;
      socket.write(isProbe ? json(result) : response(400, rpcError('null', -32000)));
    });
    await using seat = modernAt(url);
    expect(answerOf(await tell(seat.channel, call('write')))).toMatchObject({ error: { code: -32000 } });
  });

  test('says nothing while the workspace cannot say which one it speaks', async () => {
    const { url } = scripted.serve((one, socket) => {
      socket.write(response(one.body.includes('server/discover') ? 503 : 404, ''));
    });
    await using seat = modernAt(url);
    const { account } = seat.workspace;
    seat.eras.learn(account, 'modern', true);
    const error = troubleOf(await tell(seat.channel, call('write')), 'bad-answer', false);
    expect(error).not.toBeInstanceOf(EraChanged);
    expect(seat.eras.speaks(account, 'modern')).toBeUndefined();
  });
});
