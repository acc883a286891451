import { describe, expect, test } from 'vitest';
import type { RequestMessage, ResponseMessage } from '#bridge/jsonrpc/message.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import { eventIdDown, readEventId } from '#bridge/relay/event-id.ts';
import { announce, localWelcome, readGreeting } from '#bridge/relay/greeting.ts';
import { Questions } from '#bridge/relay/questions.ts';
import { withoutTools } from '#bridge/relay/tool-list.ts';
import { troubleAnswer } from '#bridge/relay/trouble.ts';
import { BridgeError } from '#contract/errors.ts';

const read = (text: string): ReturnType<typeof readMessage> => readMessage(Buffer.from(text));
const request = (text: string): RequestMessage => read(text) as RequestMessage;
const response = (text: string): ResponseMessage => read(text) as ResponseMessage;

describe('questions of workspaces', () => {
  const ask = (id: string, token: string): RequestMessage =>
    request(
      `{"jsonrpc":"2.0","id":${id},"method":"elicitation/create","params":{"_meta":{"progressToken":${token}},"message":"1e999"}}`,
    );

  test('two workspaces that count from 0 get different ids, and each its own answer', () => {
    const questions = new Questions<string>(1);
    const first = JSON.parse(Buffer.from(questions.ask(ask('0', '0'), 'a')).toString()) as { id: number };
    const second = JSON.parse(Buffer.from(questions.ask(ask('0', '0'), 'b')).toString()) as { id: number };
    expect(second.id).not.toBe(first.id);
    const answer = questions.answer(response(`{"jsonrpc":"2.0","id":${second.id},"result":{"n":1.0}}`));
    expect(answer?.up).toBe('b');
    expect(Buffer.from(answer?.bytes ?? []).toString()).toBe('{"jsonrpc":"2.0","id":0,"result":{"n":1.0}}');
  });

  test('only the id and the progress token change', () => {
    const down = Buffer.from(new Questions<string>(1).ask(ask('"x\\u0041"', '"t"'), 'a')).toString();
    expect(down).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"_meta":{"progressToken":1},"message":"1e999"}}',
    );
  });

  test('progress of the client carries the token the workspace gave', () => {
    const questions = new Questions<string>(1);
    questions.ask(ask('5', '"abc"'), 'a');
    const progress = read(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":2}}',
    );
    const found = progress.kind === 'notification' ? questions.progress(progress) : undefined;
    expect(Buffer.from(found?.bytes ?? []).toString()).toContain('"progressToken":"abc"');
  });

  test('JR-19 JR-20 an answer nobody waits for leads nowhere', () => {
    const questions = new Questions<string>(1);
    questions.ask(ask('5', '1'), 'a');
    const answer = response('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(questions.answer(answer)?.up).toBe('a');
    expect(questions.answer(answer)).toBeUndefined();
    expect(questions.answer(response('{"jsonrpc":"2.0","id":77,"result":{}}'))).toBeUndefined();
    expect(questions.answer(response('{"jsonrpc":"2.0","id":"1","result":{}}'))).toBeUndefined();
  });

  test('a question that its workspace withdrew cannot be answered any more', () => {
    const questions = new Questions<string>(1);
    questions.ask(ask('5', '1'), 'a');
    const cancelled = read('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}');
    if (cancelled.kind !== 'notification') throw new Error('no notification');
    expect(questions.withdraw(cancelled, 'b')).toBeUndefined();
    expect(Buffer.from(questions.withdraw(cancelled, 'a') ?? []).toString()).toContain('"requestId":1');
    expect(questions.answer(response('{"jsonrpc":"2.0","id":1,"result":{}}'))).toBeUndefined();
  });
});

describe('the welcome', () => {
  const welcome = {
    result:
      '{"protocolVersion":"2025-11-25","x":1e999,"capabilities":{"tools":{},"logging":{}},"serverInfo":{"name":"s"}}',
    version: '2025-11-25',
    capabilities: { tools: {}, logging: {} },
  };

  test('a session that follows switches announces every group; a pinned one only what is there', () => {
    expect(announce(welcome, true)).toContain(
      '"capabilities":{"tools":{"listChanged":true},"logging":{},"prompts":{"listChanged":true},"resources":{"listChanged":true}}',
    );
    expect(announce(welcome, false)).toContain('"capabilities":{"tools":{"listChanged":true},"logging":{}}');
  });

  test('everything else keeps its bytes', () => {
    expect(announce(welcome, true)).toContain('"x":1e999,');
    expect(announce(welcome, true)).toContain('"serverInfo":{"name":"s"}');
  });

  test('JR-47 an unknown version is answered with the newest one known', () => {
    const greeting = readGreeting(
      request(
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"1900-01-01","capabilities":{}}}',
      ),
    );
    expect(greeting && localWelcome(greeting, '1').version).toBe('2025-11-25');
  });
});

test('LH-27 only event ids of ours lead back to a stream', () => {
  expect(readEventId(eventIdDown('u3', 'request', 'a.b.c'))).toEqual({
    upKey: 'u3',
    stream: 'request',
    id: 'a.b.c',
  });
  expect(['', 'x', 'u1.q.5', 'u1r5', '../u1.r.5'].map(readEventId)).toEqual(Array(5).fill(undefined));
});

test('hidden tools are cut out of the list, and the others keep their bytes', () => {
  const answer = response(
    '{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"name":"a","n":1.0} ,{"name":"b"}, {"name":"c","n":1e999}],"nextCursor":"z"}}',
  );
  const text = withoutTools(answer, (tool) => (tool as { name: string }).name !== 'b');
  expect(text).toBe(
    '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","n":1.0},{"name":"c","n":1e999}],"nextCursor":"z"}}',
  );
  expect(withoutTools(answer, () => true)).toBe(answer.text);
});

test('the bridge names itself in its own errors, and an unforeseen one keeps its text to itself', () => {
  const known = JSON.parse(
    troubleAnswer('7', new BridgeError('wait', 'Wait.', { retryAfterSeconds: 3 })).toString(),
  ) as object;
  expect(known).toMatchObject({
    id: 7,
    error: { code: -31005, data: { source: 'bridge', retryAfterSeconds: 3, mayHaveRun: false } },
  });
  expect(troubleAnswer('7', new Error('hush')).toString()).not.toContain('hush');
});
