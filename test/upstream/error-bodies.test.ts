import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redactor } from '#bridge/base/redactor.ts';
import { answerOf, askAt } from './asking.ts';
import { type Hostile, startHostile } from './hostile.ts';
import { json, response } from './raw-http.ts';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile[Symbol.asyncDispose]());

describe('errors of the workspace', () => {
  const errors: readonly [row: string, sent: string, received: object][] = [
    ['a text as code', '{"code":"E1","message":"no"}', { code: -32603, message: 'no' }],
    [
      'a fraction as code',
      '{"code":1.5,"message":"no","data":9007199254740993}',
      { code: -32603, message: 'no', data: 9007199254740992 },
    ],
    ['a code beyond all integers', '{"code":1e300,"message":"no"}', { code: -32603 }],
    ['no message', '{"code":-32000}', { code: -32000, message: 'The workspace gave no reason.' }],
    [
      'data of 10 MB',
      `{"code":-32000,"message":"no","data":"${'x'.repeat(10 << 20)}"}`,
      { code: -32000, message: 'no' },
    ],
    [
      'a message of 1 MB',
      `{"code":-32000,"message":"${'x'.repeat(1 << 20)}"}`,
      { message: 'x'.repeat(2000) },
    ],
    [
      'nothing wrong',
      '{"code":-32000,"message":"no","data":{"a":1}}',
      { code: -32000, message: 'no', data: { a: 1 } },
    ],
  ];

  test.each(errors)('UB-16 with %s can be read by a strict client', async (row, sent, received) => {
    const url = hostile.on(`/m/ub-16-${row.replaceAll(/\W+/g, '-')}`, ({ id }, socket) => {
      socket.write(json(`{"jsonrpc":"2.0","id":${id},"error":${sent}}`));
    });
    const { error } = answerOf(await askAt(url));
    expect(error).toMatchObject(received);
    expect(JSON.stringify(error).length).toBeLessThan(4096);
  });

  const escaped = (text: string): string =>
    [...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

  test.each<[row: string, status: number, body: (id: string, key: string) => string]>([
    [
      'in an error for this request',
      400,
      (id, key) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"bad ${key}"}}`,
    ],
    ['in the reason', 422, (_, key) => `{"message":"bad Bearer ${key}"}`],
    ['in the reason, as escapes', 422, (_, key) => `{"message":"bad ${escaped(key)}"}`],
    ['in the scope', 403, (_, key) => `{"required_scope":"${key}"}`],
    ['in base64', 400, (_, key) => `{"message":"bad ${Buffer.from(`Bearer ${key}`).toString('base64')}"}`],
  ])('UB-17 a key that is sent back %s is taken out', async (row, status, body) => {
    const path = `/m/ub-17-${row.replaceAll(/\W+/g, '-')}`;
    const url = hostile.on(path, ({ id, headers }, socket) => {
      socket.write(response(status, body(id, headers.authorization?.slice('Bearer '.length) ?? '')));
    });
    const outcome = await askAt(url);
    const text = outcome.error === undefined ? JSON.stringify(answerOf(outcome)) : String(outcome.error);
    if (status !== 403) expect(text).toContain('[removed]');
    expect(text).not.toContain(outcome.workspace.key);
  });

  test('UB-17 a key in the header fields of an answer is taken out', async () => {
    const url = hostile.on('/m/ub-17-heads', ({ rpc, headers }, socket) => {
      const key = headers.authorization?.slice('Bearer '.length) ?? '';
      if (rpc === 'a') socket.write(response(200, '', { 'content-type': `text/${key}` }));
      else if (rpc === 'b') socket.write(response(307, '', { location: `https://${key}.example.com/` }));
      else socket.write(response(403, '', { 'www-authenticate': `Bearer scope="${key}"` }));
    });
    for (const method of ['a', 'b', 'c']) {
      const { error } = await askAt(url, method);
      expect(String(error)).not.toContain('CANARY');
    }
  });

  test('UB-17 a key with slashes is taken out as PHP writes it in JSON', () => {
    const redactor = new Redactor();
    redactor.learn('ab/cd/efgh');
    expect(redactor.cleanKnown('{"message":"bad ab\\/cd\\/efgh"}')).toBe('{"message":"bad [removed]"}');
  });
});
