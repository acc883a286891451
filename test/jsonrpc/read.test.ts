import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INVALID_REQUEST, idKey, isPlainInteger, PARSE_ERROR, readMessage } from '#bridge/jsonrpc/read.ts';
import {
  answerRows,
  bytesOf,
  forwarded,
  lookalikeRows,
  messageRows,
  refusedRows,
  request,
  unreadableRows,
} from './rows.ts';

describe('what cannot be a message is refused', () => {
  test.each(refusedRows)('%s', (_, text, code, id) => {
    expect(readMessage(bytesOf(text))).toEqual({ kind: 'refused', code, id, because: expect.any(String) });
  });

  test.each(answerRows)('%s: an answer without an id of a question', (_, text) => {
    const refused = { kind: 'refused', code: INVALID_REQUEST, id: null, isAnswer: true };
    expect(readMessage(bytesOf(text))).toEqual({ ...refused, because: expect.any(String) });
  });

  test.each(unreadableRows)('%s', (_, bytes) => {
    expect(readMessage(bytes)).toMatchObject({ kind: 'refused', code: PARSE_ERROR, id: null });
  });
});

describe('what is a message keeps every byte', () => {
  test.each(messageRows)('%s', (_, text, more) => {
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

  test.each(lookalikeRows)('JR-23 a key that a lax parser takes for another is left out: %s', (_, text) => {
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
