import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityMark } from '#bridge/relay/modern/request-state.ts';
import { markTaskIds, readTaskId, withTaskId, withTaskIds } from '#bridge/relay/modern/task-ids.ts';
import { readRequest } from './messages.ts';

const mark = identityMark('somebody');
const other = identityMark('somebody else');
const ids = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '.', 'a.b.c', '\ud800', `${mark}.x`));

const answer = (result: string): string => `{"jsonrpc":"2.0","id":1,"result":${result}}`;
const about = (method: string, params: string): string =>
  `{"jsonrpc":"2.0","method":"${method}","params":${params}}`;

describe('a task id', () => {
  test('leads back to its account and to the id that the workspace knows, whatever that is', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const task = JSON.stringify({ resultType: 'task', taskId: id, status: 'working' });
        const down = JSON.parse(markTaskIds(answer(task), mark)) as { result: { taskId: string } };
        expect(readTaskId(down.result.taskId)).toEqual({ mark, id });
        const get = { jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { taskId: down.result.taskId } };
        const up = withTaskId(readRequest(JSON.stringify(get)), id);
        expect(up.params.taskId).toBe(id);
        expect(up).toEqual(readRequest(up.text));
      }),
    );
  });

  test.each(['', 'abc', '786512e2-9e0d-44bd-8f29-789f320fe840', mark, `${mark.slice(1)}.x`, `${mark}-x`])(
    'that no answer of ours gave leads nowhere: %s',
    (id) => {
      expect(readTaskId(id)).toBeUndefined();
    },
  );

  test('capital letters make it a foreign one', () => {
    expect(readTaskId(`${'ABCDEF0123456789'}.x`)).toBeUndefined();
    expect(readTaskId(`${'abcdef0123456789'}.x`)).toEqual({ mark: 'abcdef0123456789', id: 'x' });
  });
});

describe('the mark', () => {
  test.each([
    ['a new task', answer('{ "resultType":"task","taskId" : "t" ,"ttlMs":1E999}')],
    [
      'a task that was asked for',
      answer('{"resultType":"complete","taskId" : "t" ,"status":"completed","result":{"taskId":"t2"}}'),
    ],
    ['a notice about a task', about('notifications/tasks', '{"taskId" : "t" ,"status":"working"}')],
  ])('is put on %s, and every other character stays', (_, text) => {
    expect(markTaskIds(text, mark)).toBe(text.replace('"t"', `"${mark}.t"`));
  });

  test('is put on the tasks that a listen acknowledges', () => {
    const text = about(
      'notifications/subscriptions/acknowledged',
      '{"notifications":{"toolsListChanged":true,"taskIds":["a", "b"]}}',
    );
    expect(markTaskIds(text, mark)).toBe(text.replace('"a"', `"${mark}.a"`).replace('"b"', `"${mark}.b"`));
  });

  test.each([
    answer('{"resultType":"complete","content":[],"structuredContent":{"taskId":"t","status":"x"}}'),
    answer('{"resultType":"complete","content":[],"taskId":"t"}'),
    answer('{"resultType":"task","taskId":5}'),
    answer('{"resultType":"complete"}'),
    answer('null'),
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no","data":{"taskId":"t"}}}',
    about('notifications/progress', '{"taskId":"t","progress":1}'),
    about('notifications/subscriptions/acknowledged', '{"notifications":{"toolsListChanged":true}}'),
    '{"jsonrpc":"2.0","method":"notifications/tasks"}',
  ])('is put on nothing else: %s', (text) => {
    expect(markTaskIds(text, mark)).toBe(text);
  });
});

describe('the tasks that a listen asks for', () => {
  const listen = (notifications: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"_meta":{"n":9007199254740993},"notifications":${notifications}}}`;

  test('are those of the account of now, by the ids it knows', () => {
    const asked = JSON.stringify([`${mark}.a`, `${other}.b`, 'foreign', `${mark}.c.d`, 5]);
    const up = withTaskIds(readRequest(listen(`{ "taskIds" : ${asked} ,"toolsListChanged":true}`)), mark);
    expect(up.text).toBe(listen('{ "taskIds" : ["a","c.d"] ,"toolsListChanged":true}'));
    expect(up).toEqual(readRequest(up.text));
  });

  test('are left out when they all belong to other accounts', () => {
    const up = withTaskIds(readRequest(listen(`{"toolsListChanged":true,"taskIds":["${other}.b"]}`)), mark);
    expect(up.text).toBe(listen('{"toolsListChanged":true}'));
    expect(up).toEqual(readRequest(up.text));
  });

  test.each(['{"toolsListChanged":true}', '{"taskIds":"x"}', 'null'])(
    'may be none, and then the message goes up as it is: %s',
    (notifications) => {
      const message = readRequest(listen(notifications));
      expect(withTaskIds(message, mark)).toBe(message);
    },
  );
});
