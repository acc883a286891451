import { INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR } from '#bridge/jsonrpc/read.ts';

/*
 * What a client may say, good and bad, as one table: the reader is tested with it, and so are both doors with everything
 * behind them.
 */

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
export const request = (members: string): string => `{"jsonrpc":"2.0",${members}}`;
const long = (length: number): string => 'x'.repeat(length);
const many = Array.from({ length: 2000 }, (_, at) => `"key-${at}":${at}`).join(',');
const nested = (depth: number): string =>
  // The envelope and the params are two levels themselves.
  request(`"id":1,"method":"a","params":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}`);

/** No messages, with the error they get and the id it carries. */
export const refusedRows: readonly (readonly [row: string, text: string, code: number, id: string | null])[] =
  [
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
      'JR-22 a tool name twice, far apart',
      request(`"id":7,"method":"a","params":{"name":1,${many},"name":2}`),
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
  ];

/** Answers that are none. */
export const answerRows: readonly (readonly [row: string, text: string])[] = [
  ['JR-18 result and error', request('"id":1,"result":{},"error":{"code":1}')],
  ['JR-18 an error that is text', request('"id":1,"error":"no"')],
  ['JR-18 an answer with a bad id', request('"id":{},"result":{}')],
  ['JR-07 an answer of another version', '{"jsonrpc":"1.0","id":1,"result":{}}'],
];

/** Bytes that are no text: parse errors. */
export const unreadableRows: readonly (readonly [row: string, bytes: Uint8Array])[] = [
  [
    'JR-29 invalid UTF-8 in a string',
    Buffer.concat([bytesOf('{"jsonrpc":"2.0","method":"'), Buffer.from([0xff, 0xc3]), bytesOf('"}')]),
  ],
  ['JR-29 an overlong form', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
  ['JR-34 UTF-16LE', Buffer.from(request('"id":1,"method":"a"'), 'utf16le')],
];

/** Requests, with members that they have when they are read; each is forwarded as it is. */
export const messageRows: readonly (readonly [row: string, text: string, more: object])[] = [
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
  ['an unknown key that looks like none of ours', request('"id":1,"method":"a","extra":1'), { method: 'a' }],
];

/** Requests with a key that a lax parser takes for another; `forwarded` is left of each. */
export const lookalikeRows: readonly (readonly [row: string, text: string])[] = [
  ['Method', '{"Method":"tools/call","jsonrpc":"2.0","id":1,"method":"tools/list"}'],
  ['METHOD and Id', '{"METHOD":"tools/call","jsonrpc":"2.0","Id":2,"id":1,"method":"tools/list"}'],
  ['a long s', '{"jsonrpc":"2.0","id":1,"method":"tools/list","re\u017fult":{}}'],
];

export const forwarded = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
