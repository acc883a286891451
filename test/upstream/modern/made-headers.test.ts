import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf } from '../asking.ts';
import type { Heard } from '../hostile.ts';
import { json, response, result } from '../raw-http.ts';
import { call, modernAt, requestFrom, requestWith, tell } from './asking.ts';
import { answered, mismatched, rpcError, type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

describe('headers of parameters that the bridge makes itself', () => {
  const tool = (name: string, header: string) =>
    `{"name":"${name}","inputSchema":{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"${header}"}}}}`;
  const list = (heard: Heard, ...tools: string[]) =>
    json(result(heard.id, `{"tools":[${tools.join(' , ')}]}`));

  test('are learnt from every list that passes', async () => {
    const { url, heard } = scripted.serve((one, socket) => {
      socket.write(one.rpc === 'tools/list' ? list(one, tool('write', 'Region')) : answered(one));
    });
    await using seat = modernAt(url);
    answerOf(await tell(seat.channel, requestWith('tools/list'), { paramHeaders: {} }));
    answerOf(await tell(seat.channel, call('write', { a: 'Zürich' })));
    expect(heard('tools/call')[0]?.headers['mcp-param-region']).toBe('=?base64?WsO8cmljaA==?=');
  });

  test('UP-400d are learnt anew, page by page, when the workspace misses one, and the call is made once more', async () => {
    const { url, heard } = scripted.serve((one, socket) => {
      if (one.rpc === 'tools/call') {
        return void socket.write(one.headers['mcp-param-new'] === 'x' ? answered(one) : mismatched(one));
      }
      if (one.body.includes('"cursor":"2"')) return void socket.write(list(one, tool('write', 'New')));
      socket.write(json(result(one.id, `{"tools":[${tool('other', 'Other')}],"nextCursor":"2"}`)));
    });
    await using seat = modernAt(url);
    seat.eras.schemas(seat.workspace.account).learn('write', [{ path: ['a'], header: 'Mcp-Param-Old' }]);
    const message = call('write', { a: 'x' }, { _meta: { progressToken: 5, traceparent: 't' } });
    answerOf(await tell(seat.channel, message));
    expect(heard().map(({ rpc }) => rpc)).toEqual(['tools/call', 'tools/list', 'tools/list', 'tools/call']);
    const [first, again] = heard('tools/call');
    expect(first?.headers['mcp-param-old']).toBe('x');
    expect(again?.headers).not.toHaveProperty('mcp-param-old');
    const own = requestFrom(heard('tools/list')[0]?.body ?? '').params._meta;
    expect(own).toMatchObject({ 'io.modelcontextprotocol/protocolVersion': '2026-07-28', traceparent: 't' });
    expect(own).not.toHaveProperty('progressToken');
  });

  test.each<[string, (heard: Heard) => Buffer]>([
    ['nothing new is learnt', (one) => list(one)],
    ['the tools cannot be listed', () => response(403)],
    ['the list is an error', (one) => json(rpcError(one.id, -32603))],
  ])('the workspace’s own answer passes when %s', async (_, listed) => {
    const { url, heard } = scripted.serve((one, socket) => {
      socket.write(one.rpc === 'tools/list' ? listed(one) : mismatched(one));
    });
    await using seat = modernAt(url);
    const { heard: came } = await tell(seat.channel, call('write', { a: 'x' }));
    expect(came).toMatchObject([{ status: 400, message: { error: { code: -32020 } } }]);
    expect(heard('tools/call')).toHaveLength(1);
  });

  test('a second mismatch passes, so that nothing goes round in circles', async () => {
    const { url, heard } = scripted.serve((one, socket) => {
      socket.write(one.rpc === 'tools/list' ? list(one, tool('write', 'New')) : mismatched(one));
    });
    await using seat = modernAt(url);
    expect(answerOf(await tell(seat.channel, call('write', { a: 'x' })))).toMatchObject({
      error: { code: -32020 },
    });
    expect(heard('tools/call')).toHaveLength(2);
  });

  test('a mismatch of headers that the client made passes at once', async () => {
    const { url, heard } = scripted.serve((one, socket) => void socket.write(mismatched(one)));
    await using seat = modernAt(url);
    const outcome = await tell(seat.channel, call('write'), { paramHeaders: {} });
    expect(answerOf(outcome)).toMatchObject({ error: { code: -32020 } });
    expect(heard()).toHaveLength(1);
  });

  test('UB-23 tools that nobody could call are left out of the list, all other bytes stay', async () => {
    const good = '{ "n":12345678901234567890,"name":"good","inputSchema":{} }';
    const { url } = scripted.serve(
      (one, socket) => void socket.write(list(one, tool('bad', 'no name'), good, '7')),
    );
    await using seat = modernAt(url);
    for (const [paramHeaders, tools] of [
      [undefined, `[${good},7]`],
      [{}, `[${tool('bad', 'no name')} , ${good} , 7]`],
    ] as const) {
      const { heard } = await tell(seat.channel, requestWith('tools/list', {}, { id: '9' }), {
        paramHeaders,
      });
      const [one] = heard;
      const text = one?.message?.kind === 'response' ? one.message.text : '';
      expect(text).toBe(`{"jsonrpc":"2.0","id":9,"result":{"tools":${tools}}}`);
    }
  });
});
