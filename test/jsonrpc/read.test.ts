import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  idKey,
  isPlainInteger,
  PARSE_ERROR,
  readMessage,
} from '#bridge/jsonrpc/read.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const request = (members: string): string => `{"jsonrpc":"2.0",${members}}`;
const long = (length: number): string => 'x'.repeat(length);
const nested = (depth: number): string =>
  // The envelope and the params are two levels themselves.
  request(`"id":1,"method":"a","params":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}`);

describe('what cannot be a message is refused', () => {
  test.each<[row: string, text: string, code: number, id: string | null]>([
    ['JR-01 broken JSON', '{not json', PARSE_ERROR, null],
    ['JR-02 nothing', '', PARSE_ERROR, null],
    ['JR-02 blanks', '  \r\n', PARSE_ERROR, null],
    ['JR-03 null', 'null', INVALID_REQUEST, null],
    ['JR-03 true', 'true', INVALID_REQUEST, null],
    ['JR-03 a number', '42', INVALID_REQUEST, null],
    ['JR-03 a string', '"x"', INVALID_REQUEST, null],
    ['JR-04 an empty batch', '[]', INVALID_REQUEST, null],
    [
      'JR-06 a batch of 10,000',
      `[${Array(10_000).fill(request('"method":"a"')).join(',')}]`,
      INVALID_REQUEST,
      null,
    ],
    ['JR-07 version 1.0', '{"jsonrpc":"1.0","id":7,"method":"a"}', INVALID_REQUEST, '7'],
    ['JR-07 no version', '{"id":"q","method":"a"}', INVALID_REQUEST, '"q"'],
    ['JR-07 version as number', '{"jsonrpc":2.0,"id":7,"method":"a"}', INVALID_REQUEST, '7'],
    ['JR-08 no method', request('"id":7'), INVALID_REQUEST, '7'],
    ['JR-08 a number as method', request('"id":7,"method":1'), INVALID_REQUEST, '7'],
    ['JR-08 an empty method', request('"id":7,"method":""'), INVALID_REQUEST, '7'],
    ['JR-08 a method of 10 KB', request(`"id":7,"method":"${long(10_240)}"`), INVALID_REQUEST, '7'],
    ['JR-08 a method with NUL', request('"id":7,"method":"a\\u0000"'), INVALID_REQUEST, '7'],
    ['JR-08 a method with a line break', request('"id":7,"method":"a\\nb"'), INVALID_REQUEST, '7'],
    ['JR-09 a null id', request('"id":null,"method":"a"'), INVALID_REQUEST, null],
    ['JR-11 a fraction as id', request('"id":0.1,"method":"a"'), INVALID_REQUEST, null],
    ['JR-11 an id beyond all numbers', request('"id":1e400,"method":"a"'), INVALID_REQUEST, null],
    ['JR-12 an id of 257', request(`"id":"${long(257)}","method":"a"`), INVALID_REQUEST, null],
    ['JR-12 an id of 1 MB', request(`"id":"${long(1 << 20)}","method":"a"`), INVALID_REQUEST, null],
    ['JR-12 a number of 257 digits', request(`"id":${'1'.repeat(257)},"method":"a"`), INVALID_REQUEST, null],
    ['JR-16 an object as id', request('"id":{},"method":"a"'), INVALID_REQUEST, null],
    ['JR-16 an array as id', request('"id":[1],"method":"a"'), INVALID_REQUEST, null],
    ['JR-16 a truth as id', request('"id":true,"method":"a"'), INVALID_REQUEST, null],
    ['JR-18 question and answer', request('"id":1,"method":"a","result":{}'), INVALID_REQUEST, '1'],
    ['JR-18 result and error', request('"id":1,"result":{},"error":{"code":1}'), INVALID_REQUEST, '1'],
    ['JR-18 an error that is text', request('"id":1,"error":"no"'), INVALID_REQUEST, '1'],
    ['JR-18 an answer with a bad id', request('"id":{},"result":{}'), INVALID_REQUEST, null],
    ['JR-21 params as array', request('"id":7,"method":"a","params":[]'), INVALID_PARAMS, '7'],
    ['JR-21 params as text', request('"id":7,"method":"a","params":"x"'), INVALID_PARAMS, '7'],
    [
      'JR-22 a key twice',
      request('"id":7,"method":"tools/list","method":"tools/call"'),
      INVALID_REQUEST,
      null,
    ],
    ['JR-22 a key twice, escaped', request('"method":"a","m\\u0065thod":"b"'), INVALID_REQUEST, null],
    [
      'JR-22 a tool name twice',
      request('"id":7,"method":"a","params":{"name":1,"name":2}'),
      INVALID_REQUEST,
      '7',
    ],
    [
      'JR-22 a tool name in two cases',
      request('"id":7,"method":"a","params":{"name":1,"Name":2}'),
      INVALID_REQUEST,
      '7',
    ],
    ['JR-25 __proto__ in the envelope', request('"id":7,"method":"a","__proto__":{}'), INVALID_REQUEST, null],
    ['JR-25 __proto__, escaped', request('"id":7,"method":"a","__pr\\u006fto__":{}'), INVALID_REQUEST, null],
    ['JR-26 201 levels', nested(201), INVALID_REQUEST, null],
    ['JR-26 500,000 levels', nested(500_000), INVALID_REQUEST, null],
    ['JR-26 500,000 open arrays', '['.repeat(500_000), INVALID_REQUEST, null],
    ['JR-26 500,000 open objects', '{"a":'.repeat(500_000), INVALID_REQUEST, null],
    ['JR-33 a byte order mark', `\ufeff${request('"id":1,"method":"a"')}`, PARSE_ERROR, null],
    ['JR-40 a comment', request('"id":1,/* */"method":"a"'), PARSE_ERROR, null],
    ['JR-40 a trailing comma', request('"id":1,"method":"a",'), PARSE_ERROR, null],
    ['JR-40 single quotes', "{'jsonrpc':'2.0','id':1,'method':'a'}", PARSE_ERROR, null],
    ['JR-40 NaN', request('"id":NaN,"method":"a"'), PARSE_ERROR, null],
    ['JR-40 hexadecimal', request('"id":0x1,"method":"a"'), PARSE_ERROR, null],
    ['JR-40 two messages', `${request('"method":"a"')}${request('"method":"b"')}`, PARSE_ERROR, null],
  ])('%s', (_, text, code, id) => {
    expect(readMessage(bytesOf(text))).toEqual({ kind: 'refused', code, id, because: expect.any(String) });
  });

  test.each([
    [
      'JR-29 invalid UTF-8 in a string',
      Buffer.concat([bytesOf('{"jsonrpc":"2.0","method":"'), Buffer.from([0xff, 0xc3]), bytesOf('"}')]),
    ],
    ['JR-29 an overlong form', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['JR-34 UTF-16LE', Buffer.from(request('"id":1,"method":"a"'), 'utf16le')],
  ])('%s', (_, bytes) => {
    expect(readMessage(bytes)).toMatchObject({ kind: 'refused', code: PARSE_ERROR, id: null });
  });
});

describe('what is a message keeps every byte', () => {
  test.each<[row: string, text: string, more: object]>([
    ['JR-10 an id beyond 2^53', request('"id":9007199254740993,"method":"a"'), { id: '9007199254740993' }],
    ['JR-11 1.0', request('"id":1.0,"method":"a"'), { id: '1.0' }],
    ['JR-11 1e2', request('"id":1e2,"method":"a"'), { id: '1e2' }],
    ['JR-11 -0', request('"id":-0,"method":"a"'), { id: '-0' }],
    ['JR-12 an id of 256', request(`"id":"${long(256)}","method":"a"`), { id: `"${long(256)}"` }],
    ['an empty text as id', request('"id":"","method":"a"'), { id: '""' }],
    ['JR-21 params as null', request('"id":1,"method":"a","params":null'), { params: {} }],
    ['JR-27 200 levels', nested(200), { method: 'a' }],
    [
      'JR-30 a lone surrogate',
      request('"id":1,"method":"a","params":{"a":"\\ud800"}'),
      { params: { a: '\ud800' } },
    ],
    [
      'JR-31 NUL in an argument',
      request('"id":1,"method":"a","params":{"a":"\\u0000"}'),
      { params: { a: '\0' } },
    ],
    [
      'JR-32 all sorts of text',
      request('"id":1,"method":"a","params":{"a":"\u2028\u2029👩‍🚀e\u0301\u05d0"}'),
      {},
    ],
    [
      'JR-35 numbers of any size',
      request(`"id":1,"method":"a","params":{"a":[1E999,-1e-999,${'7'.repeat(400)}]}`),
      {},
    ],
    ['JR-41 an unknown method', request('"id":1,"method":"foo/bar"'), { method: 'foo/bar' }],
    [
      'an unknown key that looks like none of ours',
      request('"id":1,"method":"a","extra":1'),
      { method: 'a' },
    ],
  ])('%s', (_, text, more) => {
    const message = readMessage(bytesOf(text));
    expect(message).toMatchObject({ kind: 'request', text, ...more });
    expect(message.kind === 'request' && Buffer.from(message.bytes).toString()).toBe(text);
  });

  test('JR-24 prototype keys in params are data and change nothing', () => {
    const params =
      '{"arguments":{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}}';
    const text = request(`"id":1,"method":"tools/call","params":${params}`);
    const message = readMessage(bytesOf(text));
    expect(message).toMatchObject({ kind: 'request', text });
    expect(JSON.stringify(message.kind === 'request' && message.params)).toBe(params);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('JR-28 200,000 keys are read', () => {
    const keys = Array.from({ length: 200_000 }, (_, index) => `"k${index}":${index}`);
    const text = request(`"id":1,"method":"a","params":{"arguments":{${keys.join(',')}}}`);
    expect(readMessage(bytesOf(text)).kind).toBe('request');
  });

  test.each([
    ['Method', '{"Method":"tools/call","jsonrpc":"2.0","id":1,"method":"tools/list"}'],
    ['METHOD and Id', '{"METHOD":"tools/call","jsonrpc":"2.0","Id":2,"id":1,"method":"tools/list"}'],
    ['a long s', '{"jsonrpc":"2.0","id":1,"method":"tools/list","re\u017fult":{}}'],
  ])('JR-23 a key that a lax parser takes for another is left out: %s', (_, text) => {
    const forwarded = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const message = readMessage(bytesOf(text));
    expect(message).toMatchObject({ kind: 'request', method: 'tools/list', id: '1', text: forwarded });
    expect(message.kind === 'request' && Buffer.from(message.bytes).toString()).toBe(forwarded);
  });
});

describe('kinds', () => {
  test('a message without an id is a notification', () => {
    expect(readMessage(bytesOf(request('"method":"a","params":{"b":1}')))).toMatchObject({
      kind: 'notification',
      method: 'a',
      params: { b: 1 },
    });
  });

  test('answers carry their result or error; an error may have no id', () => {
    expect(readMessage(bytesOf(request('"id":1,"result":{"a":1}')))).toMatchObject({
      kind: 'response',
      id: '1',
      result: { a: 1 },
    });
    const error = '"error":{"code":-32600,"message":"no"}';
    expect(readMessage(bytesOf(request(`"id":null,${error}`)))).toMatchObject({ kind: 'response', id: null });
    expect(readMessage(bytesOf(request(error)))).toMatchObject({
      kind: 'response',
      id: null,
      error: { code: -32600 },
    });
  });

  test('JR-05 a batch is read part by part, bad parts and batches in it refused', () => {
    const parts = [request('"id":1,"method":"a"'), '3', '[]', request('"method":"b"')];
    const message = readMessage(bytesOf(`[${parts.join(' , ')}]`));
    expect(message).toMatchObject({
      kind: 'batch',
      messages: [
        { kind: 'request', id: '1', text: parts[0] },
        { kind: 'refused', code: INVALID_REQUEST },
        { kind: 'refused', code: INVALID_REQUEST },
        { kind: 'notification', method: 'b', text: parts[3] },
      ],
    });
  });
});

describe('ids', () => {
  test('JR-13 a number and the text of it are two ids', () => {
    const keys = ['1', '"1"', '1.0', '1e0', '-0', '0', '9007199254740992', '9007199254740993'].map(idKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('one text in two spellings is one id', () => {
    expect(idKey('"\\u0061"')).toBe(idKey('"a"'));
  });

  test('only an integer that every implementation writes alike is plain', () => {
    const plain = ['0', '-1', '9007199254740991'];
    expect([...plain, '1.0', '1e2', '-0', '9007199254740992', '"1"'].filter(isPlainInteger)).toEqual(plain);
  });
});

describe('any bytes', () => {
  const biased = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 0a\n\u00e9'.split('')), maxLength: 60 }).map(bytesOf),
    fc.json({ maxDepth: 4 }).map(bytesOf),
    fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '1.0'),
          id: fc.jsonValue(),
          method: fc.jsonValue(),
          params: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((value) => bytesOf(JSON.stringify(value))),
  );

  test('are read without an exception, and a refusal never quotes them', () => {
    fc.assert(
      fc.property(biased, (bytes) => {
        const message = readMessage(bytes);
        if (message.kind === 'refused') expect(message.because.length).toBeLessThan(100);
        else if (message.kind !== 'batch') expect(JSON.parse(message.text)).toMatchObject({ jsonrpc: '2.0' });
      }),
      { numRuns: 1500 },
    );
  });
});
