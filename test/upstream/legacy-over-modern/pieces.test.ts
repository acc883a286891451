import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResponseMessage } from '#bridge/jsonrpc/message.ts';
import { edited, without } from '#bridge/jsonrpc/object-text.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { enveloped, readClient } from '#bridge/upstream/legacy-over-modern/envelope.ts';
import {
  answered,
  type InputRequest,
  lackedBy,
  readInputRequired,
} from '#bridge/upstream/legacy-over-modern/input-requests.ts';
import { plainAnswer, withoutMark } from '#bridge/upstream/legacy-over-modern/results.ts';
import { knownVersion, welcomeOf } from '#bridge/upstream/legacy-over-modern/welcome.ts';
import { SUBSCRIPTION } from './scripted-channel.ts';

const HOST = 'north.example';
const prefix = 'io.modelcontextprotocol/';

describe('members of an object', () => {
  test('what is taken out leaves every other byte but blanks before a comma', () => {
    const text = '{ "a" : 1.0, "b":{"a":[1,{"b":2}]} , "c":"x,}" }';
    expect(without(text, new Set(['a']))).toBe('{ "b":{"a":[1,{"b":2}]}, "c":"x,}" }');
    expect(without(text, new Set(['b']))).toBe('{ "a" : 1.0, "c":"x,}" }');
    expect(without(text, new Set(['c']))).toBe('{ "a" : 1.0, "b":{"a":[1,{"b":2}]} }');
    expect(without(text, new Set(['z']))).toBe(text);
  });

  test('a name that stands there twice is taken out twice, however it is written', () => {
    expect(without('{"a":1,"b":2,"\\u0061":3}', new Set(['a']))).toBe('{"b":2}');
    expect(without('{"a":1}', new Set(['a']))).toBe('{}');
  });

  test('any object loses the named members and nothing else', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.array(fc.string()), fc.constantFrom(0, 1, 3), (given, extra, indent) => {
        const names = new Set([...Object.keys(given).filter((_, at) => at % 2 === 0), ...extra]);
        const left = Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)));
        const text = without(JSON.stringify(given, null, indent), names);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(left)));
      }),
    );
  });

  test('what is put in goes to its old place, or to the end', () => {
    expect(edited('{"a":1,"b":2}', { a: '[]' })).toBe('{"a":[],"b":2}');
    expect(edited('{"a":1 }', { b: '2' })).toBe('{"a":1,"b":2 }');
    expect(edited('{ }', { b: '2' })).toBe('{"b":2 }');
    expect(edited('{"a":{}}', { b: '2' })).toBe('{"a":{},"b":2}');
  });
});

describe('the envelope of a request', () => {
  const envelope = {
    version: '2026-07-28',
    capabilities: '{"roots":{}}',
    info: '{"name":"x","version":"1"}',
    logLevel: undefined,
  };

  test("is added to the client's own members, which keep their bytes", () => {
    const request =
      '{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"arguments":{"n":9007199254740993},"_meta":{"progressToken":1.50,"traceparent":"00-a"}},"x":[]}';
    expect(enveloped(request, envelope)).toBe(
      `{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"arguments":{"n":9007199254740993},"_meta":{"progressToken":1.50,"traceparent":"00-a","${prefix}protocolVersion":"2026-07-28","${prefix}clientCapabilities":{"roots":{}},"${prefix}clientInfo":{"name":"x","version":"1"}}},"x":[]}`,
    );
  });

  test('replaces what a client says in the same place, and stands where there were no params', () => {
    const spoofed = `{"id":1,"params":{"_meta":{"${prefix}clientCapabilities":{"sampling":{}},"${prefix}clientCapabilities":{}}}}`;
    const { params } = JSON.parse(enveloped(spoofed, { ...envelope, logLevel: 'info' })) as {
      params: { _meta: Record<string, unknown> };
    };
    expect(params._meta).toEqual({
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientCapabilities`]: { roots: {} },
      [`${prefix}clientInfo`]: { name: 'x', version: '1' },
      [`${prefix}logLevel`]: 'info',
    });
    expect(enveloped(spoofed, envelope)).not.toContain('sampling');
    for (const bare of ['{"id":1}', '{"id":1,"params":null}', '{"id":1,"params":{"_meta":7}}']) {
      expect(JSON.parse(enveloped(bare, envelope))).toHaveProperty([
        'params',
        '_meta',
        `${prefix}protocolVersion`,
      ]);
    }
  });

  test('declares neither tasks nor changes of roots, and everything else as the client did', () => {
    const given =
      '{"params":{"capabilities":{"tasks":{"list":{}},"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{"url":{}},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{"n":1.0}},"odd":1e3},"clientInfo":{"name":"c","version":"2","odd":1.0}}}';
    expect(readClient(given)).toEqual({
      capabilities:
        '{"roots":{},"sampling":{"tools":{}},"elicitation":{"url":{}},"extensions":{"io.modelcontextprotocol/ui":{"n":1.0}},"odd":1e3}',
      info: '{"name":"c","version":"2","odd":1.0}',
    });
    expect(readClient('{"params":{"capabilities":[],"clientInfo":"x"}}')).toEqual({
      capabilities: '{}',
      info: undefined,
    });
  });
});

describe('the welcome', () => {
  const full = `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"extensions":{"a":{}},"tasks":{},"odd":1.0},"instructions":"Be \\u0061ware","ttlMs":5,"cacheScope":"public","odd":9007199254740993,"_meta":{"${prefix}serverInfo":{"name":"s","version":"3","icons":[]},"mine":1.0}}`;

  test('says what the workspace said when it was discovered', () => {
    expect(welcomeOf(full, '2025-06-18', HOST)).toBe(
      '{"capabilities":{"tools":{"listChanged":true},"odd":1.0},"instructions":"Be \\u0061ware","odd":9007199254740993,"_meta":{"mine":1.0},"protocolVersion":"2025-06-18","serverInfo":{"name":"s","version":"3","icons":[]}}',
    );
  });

  test('is in a revision that the client can know', () => {
    const versionFor = (asked: unknown): unknown =>
      (JSON.parse(welcomeOf(full, asked, HOST)) as { protocolVersion: unknown }).protocolVersion;
    expect(['2024-11-05', '2026-07-28', 'x', undefined].map(versionFor)).toEqual([
      '2024-11-05',
      '2025-11-25',
      '2025-11-25',
      '2025-11-25',
    ]);
  });

  test('always names the server', () => {
    const named = (_meta: unknown): unknown => {
      const welcome = JSON.parse(welcomeOf(JSON.stringify({ _meta }), '2025-11-25', HOST)) as object;
      return { ...welcome, protocolVersion: undefined };
    };
    const unnamed = { capabilities: {}, serverInfo: { name: HOST, version: 'unknown' } };
    expect(named(undefined)).toEqual(unnamed);
    expect(named({ [`${prefix}serverInfo`]: 'x' })).toEqual(unnamed);
    expect(named({ [`${prefix}serverInfo`]: { title: 'T', version: 4 } })).toEqual({
      capabilities: {},
      serverInfo: { title: 'T', version: 'unknown', name: HOST },
    });
  });

  test('is possible in the newest revision that both sides know', () => {
    expect(knownVersion(['2026-07-28', '2027-01-01'])).toBe('2026-07-28');
    expect(knownVersion(['2025-11-25'])).toBeUndefined();
    expect(knownVersion('2026-07-28')).toBeUndefined();
    expect(knownVersion(['b', 'a'], ['c', 'a', 'b'])).toBe('a');
  });
});

const response = (text: string): ResponseMessage => readMessage(Buffer.from(text)) as ResponseMessage;
const answer = (result: string): ResponseMessage => response(`{"jsonrpc":"2.0","id":1,"result":${result}}`);
const plain = (result: string, method: string): string => {
  const text = plainAnswer(answer(result), method);
  return text.slice('{"jsonrpc":"2.0","id":1,"result":'.length, -1);
};

describe('an answer in the older era', () => {
  test('has no type, no cache hints and no name of the server', () => {
    const text = `{"tools":[{"name":"a","x":1.0}],"ttlMs":5,"resultType":"complete","cacheScope":"public","_meta":{"${prefix}serverInfo":{}}}`;
    expect(plain(text, 'tools/list')).toBe('{"tools":[{"name":"a","x":1.0}]}');
    expect(plain(`{"a":1,"_meta":{"${prefix}serverInfo":{},"n":1.0}}`, 'x')).toBe(
      '{"a":1,"_meta":{"n":1.0}}',
    );
  });

  test('keeps members that only look like cache hints', () => {
    expect(plain('{"content":[],"ttlMs":5}', 'tools/call')).toBe('{"content":[],"ttlMs":5}');
  });

  test('lists no output schema that its clients would refuse', () => {
    const object = '{"name":"o","outputSchema":{"type":"object","n":1.0}}';
    const array = '{"name":"a","outputSchema":{"type":"array"},"n":1.0}';
    expect(plain(`{"tools":[${object},${array},7]}`, 'tools/list')).toBe(
      `{"tools":[${object},{"name":"a","n":1.0},7]}`,
    );
  });

  test('lists no property that is described by a bare true or false, which its clients would refuse', () => {
    const input = (any: string, none: string): string =>
      `{"name":"b","inputSchema":{"type":"object","properties":{"true":${any},"b": ${none} ,"c":{"n":1.0,"items":true}}}}`;
    const output = (any: string): string =>
      `{"name":"o","outputSchema":{"type":"object","properties":{"a":${any}},"additionalProperties":false}}`;
    const list = (tools: string): string => `{"tools":[${tools}]}`;
    expect(plain(list(`${input('true', 'false')}, ${output('true')}`), 'tools/list')).toBe(
      list(`${input('{}', '{"not":{}}')}, ${output('{}')}`),
    );
  });

  test('wraps structured content that is no object, and tells it as text where nobody else does', () => {
    const call = (text: string): unknown => JSON.parse(plain(text, 'tools/call'));
    expect(call('{"content":[{"type":"text","text":"x"}],"structuredContent":[1]}')).toEqual({
      content: [{ type: 'text', text: 'x' }],
      structuredContent: { result: [1] },
    });
    expect(call('{"structuredContent":7}')).toEqual({
      content: [{ type: 'text', text: '7' }],
      structuredContent: { result: 7 },
    });
    const image = { type: 'image' };
    expect(call(JSON.stringify({ content: [image], structuredContent: null }))).toEqual({
      content: [image, { type: 'text', text: 'null' }],
      structuredContent: { result: null },
    });
    expect(plain('{"structuredContent":{"a":1.0}}', 'tools/call')).toBe('{"structuredContent":{"a":1.0}}');
  });

  test('names the capability that the client lacks, and keeps code and data', () => {
    const missing = response(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"no","data":{"requiredCapabilities":{"sampling":{}},"n":1.0}}}',
    );
    expect(plainAnswer(missing, 'tools/call')).toBe(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"The workspace needs an app that offers sampling; this app does not. It says: no","data":{"requiredCapabilities":{"sampling":{}},"n":1.0}}}',
    );
    const other = '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no","data":{"n":1.0}}}';
    expect(plainAnswer(response(other), 'tools/call')).toBe(other);
  });
});

describe('a notification of a listen', () => {
  test('loses the mark of the listen alone', () => {
    const marked = `{"method":"m","params":{"uri":"x","_meta":{"${SUBSCRIPTION}":"l","n":1.0}}}`;
    expect(withoutMark(marked, SUBSCRIPTION)).toBe('{"method":"m","params":{"uri":"x","_meta":{"n":1.0}}}');
    const bare = `{"method":"m","params":{"_meta":{ "${SUBSCRIPTION}":"l" }}}`;
    expect(withoutMark(bare, SUBSCRIPTION)).toBe('{"method":"m","params":{}}');
    expect(withoutMark('{"method":"m"}', SUBSCRIPTION)).toBe('{"method":"m"}');
  });
});

describe('what a workspace needs before it goes on', () => {
  test('is read with the bytes it came with', () => {
    const required = readInputRequired(
      answer(
        '{"resultType":"input_required","requestState":"s\\u0074","inputRequests":{"a.b":{"method":"sampling/createMessage","params":{"maxTokens":1e3}},"r":{"method":"roots/list"}}}',
      ),
    );
    expect(required).toEqual({
      requests: [
        { key: 'a.b', method: 'sampling/createMessage', params: '{"maxTokens":1e3}' },
        { key: 'r', method: 'roots/list', params: '{}' },
      ],
      state: '"s\\u0074"',
    });
  });

  test('by a link has the id that the older era demands', () => {
    const ask = (params: string): string => {
      const text = `{"inputRequests":{"u":{"method":"elicitation/create","params":${params}}}}`;
      const required = readInputRequired(answer(text));
      return typeof required === 'string' ? required : (required.requests[0]?.params ?? '');
    };
    expect(JSON.parse(ask('{"mode":"url","url":"https://x.example"}'))).toEqual({
      mode: 'url',
      url: 'https://x.example',
      elicitationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(ask('{"mode":"url","elicitationId":"mine"}')).toBe('{"mode":"url","elicitationId":"mine"}');
    expect(ask('{"mode":"form"}')).toBe('{"mode":"form"}');
  });

  test.each([
    ['{}', 'with neither a question nor a state'],
    ['{"inputRequests":{"a":7}}', 'with a question that has no method'],
    ['{"inputRequests":{"a":{"method":"m","params":{"x":1,"X":2}}}}', 'with a question that cannot be read'],
    [
      `{"inputRequests":{${Array.from({ length: 65 }, (_, n) => `"k${n}":{"method":"roots/list"}`).join(',')}}}`,
      'with too many questions at once',
    ],
  ])('may be nonsense: %#', (result, why) => {
    expect(readInputRequired(answer(result))).toBe(why);
  });

  test.each<[method: string, params: string, capabilities: object, lacked: string | undefined]>([
    ['elicitation/create', '{}', {}, 'elicitation'],
    ['elicitation/create', '{}', { elicitation: {} }, undefined],
    ['elicitation/create', '{"mode":"form"}', { elicitation: { form: {} } }, undefined],
    ['elicitation/create', '{"mode":"form"}', { elicitation: { url: {} } }, 'elicitation by form'],
    ['elicitation/create', '{"mode":"url"}', { elicitation: {} }, 'elicitation by URL'],
    ['elicitation/create', '{"mode":"\\u0075rl"}', { elicitation: {} }, 'elicitation by URL'],
    ['elicitation/create', '{"mode":"url"}', { elicitation: { url: {} } }, undefined],
    ['sampling/createMessage', '{}', { elicitation: {} }, 'sampling'],
    ['sampling/createMessage', '{}', { sampling: {} }, undefined],
    ['roots/list', '{}', { sampling: {} }, 'roots'],
    ['roots/list', '{}', { roots: {} }, undefined],
    ['tools/call', '{}', { tools: {} }, 'tools/call'],
  ])('%s %s may be asked of a client with %j: lacks %s', (method, params, capabilities, lacked) => {
    const asked: InputRequest = { key: 'k', method, params };
    expect(lackedBy(capabilities as Record<string, unknown>, asked)).toBe(lacked);
  });

  test('goes up with the same request, another id and the state as it came', () => {
    const request = '{"id":1,"method":"tools/call","params":{"name":"n","n":1.0}}';
    const responses = new Map([['a"b', '{"action":"accept","n":1.0}']]);
    expect(answered(request, '"x"', responses, '"s\\u0074"')).toBe(
      '{"id":"x","method":"tools/call","params":{"name":"n","n":1.0,"inputResponses":{"a\\"b":{"action":"accept","n":1.0}},"requestState":"s\\u0074"}}',
    );
    expect(answered(request, '2', new Map(), undefined)).toBe(request.replace('1', '2'));
  });
});
