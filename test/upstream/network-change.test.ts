import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '#bridge/upstream/connect.ts';
import { BridgeError } from '#contract/errors.ts';
import { answerOf, ask, quickHttp, workspaceAt } from './asking.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { call, modernAt, requestWith, tell } from './modern/asking.ts';
import { event, json, response, result, streamHead } from './raw-http.ts';
import { notice, noticesIn } from './with-session.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('when the network changed', () => {
  test('a standing stream goes on, because some servers allow only one in a session', async () => {
    const path = '/changed/standing';
    const url = hostile.on(path, async ({ method, rpc, id }, socket) => {
      if (method === 'GET') {
        socket.write(streamHead() + event(notice('before')));
        await renewed.promise;
        socket.write(event(notice('after')));
      } else socket.write(rpc === 'initialize' ? json(result(id)) : response(202));
    });
    const renewed = Promise.withResolvers<void>();
    const stopping = new AbortController();
    await using http = quickHttp();
    await using channel = connect(workspaceAt(url), http);
    answerOf(await ask(channel, 'initialize'));
    const heard: unknown[] = [];
    await channel.listen((message) => {
      heard.push(...noticesIn([message]));
      if (heard.length === 2) return stopping.abort();
      http.renew();
      renewed.resolve();
    }, stopping.signal);
    expect(heard).toEqual(['before', 'after']);
    expect(hostile.requests(path).filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('a listen of MCP 2026-07-28 ends, to be opened again, and a call goes on', async () => {
    const path = '/changed/modern';
    const carriedOut = Promise.withResolvers<void>();
    const url = hostile.on(path, async ({ rpc, id }, socket) => {
      if (rpc === 'tools/call') {
        await carriedOut.promise;
        socket.write(json(result(id)));
      } else socket.write(streamHead() + event(notice('heard')));
    });
    await using seat = modernAt(url);
    const running = tell(seat.channel, call('slow'));
    await hostile.until((heard) => heard.path === path && heard.rpc === 'tools/call');
    const listening = tell(seat.channel, requestWith('subscriptions/listen', { notifications: {} }), {
      onMessage: () => seat.http.renew(),
    });
    const { error, heard } = await listening;
    expect(noticesIn(heard)).toEqual(['heard']);
    expect(error).toBeInstanceOf(BridgeError);
    expect(error).toMatchObject({ code: 'unreachable' });
    carriedOut.resolve();
    answerOf(await running);
  });
});
