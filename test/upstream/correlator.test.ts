import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { UpMessage } from '#bridge/upstream/channel.ts';
import { Correlator } from '#bridge/upstream/correlator.ts';
import { result } from './raw-http.ts';

const noSignal = (): AbortSignal => new AbortController().signal;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const progress = (params: string): Uint8Array =>
  bytesOf(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`);

function waitingFor(correlator: Correlator, id: string, meta = '{}') {
  const heard: UpMessage[] = [];
  const gate = Promise.withResolvers<void>();
  const answered = correlator.expect(
    {
      bytes: bytesOf(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"_meta":${meta}}}`),
      id,
      method: 'tools/call',
      repeatable: false,
      signal: noSignal(),
      onMessage: (message) => {
        heard.push(message);
        return gate.promise;
      },
    },
    async () => undefined,
  );
  return { heard, answered, read: gate.resolve };
}

test('UB-06 a second answer finds nobody, even while the first is still being handed over', async () => {
  const correlator = new Correlator();
  const request = waitingFor(correlator, '1');
  const received = [
    correlator.receive(bytesOf(result('1'))),
    correlator.receive(bytesOf(result('1', '"second"'))),
  ];
  request.read();
  await Promise.all([...received, request.answered]);
  expect(request.heard).toHaveLength(1);
});

test('JR-15 an id may be used again as soon as its answer has been handed over', async () => {
  const correlator = new Correlator();
  const first = waitingFor(correlator, '1');
  const received = correlator.receive(bytesOf(result('1')));
  const second = waitingFor(correlator, '1');
  first.read();
  await Promise.all([received, first.answered]);
  second.read();
  await correlator.receive(bytesOf(result('1', '"again"')));
  await second.answered;
  expect([first.heard.length, second.heard.length]).toEqual([1, 1]);
});

test('progress without a token belongs to no request, least of all to one without a token', async () => {
  const correlator = new Correlator();
  const [plain, text, number] = [
    waitingFor(correlator, '1'),
    waitingFor(correlator, '2', '{"progressToken":"7"}'),
    waitingFor(correlator, '3', '{"progressToken":7}'),
  ];
  for (const request of [plain, text, number]) request.read();
  await correlator.receive(progress('{}'));
  await correlator.receive(progress('{"progressToken":7}'));
  await correlator.receive(progress('{"progressToken":"nobody"}'));
  expect([plain, text, number].map(({ heard }) => heard.length)).toEqual([0, 0, 1]);
  const pushed: UpMessage[] = [];
  const ending = new AbortController();
  ending.abort();
  await correlator.listen((message) => void pushed.push(message), ending.signal);
  expect(pushed).toHaveLength(2);
  for (const id of ['1', '2', '3']) await correlator.receive(bytesOf(result(id)));
  await Promise.all([plain, text, number].map(({ answered }) => answered));
});

test('what nobody listens to is kept in bounds', async () => {
  const correlator = new Correlator();
  for (let count = 0; count < 300; count += 1) await correlator.receive(progress(`{"n":${count}}`));
  const pushed: UpMessage[] = [];
  const ending = new AbortController();
  ending.abort();
  await correlator.listen((message) => void pushed.push(message), ending.signal);
  expect(pushed).toHaveLength(256);
});

test('who listens leaves no trace on a signal that outlives the transport', async () => {
  const { signal } = new AbortController();
  const correlator = new Correlator();
  const listening = correlator.listen(() => undefined, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  correlator.fail(new Error('gone'));
  await listening;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
