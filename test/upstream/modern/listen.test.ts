import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf } from '../asking.ts';
import { event, result, streamHead } from '../raw-http.ts';
import { notice } from '../with-session.ts';
import { modernAt, noticesOf, requestWith, tell } from './asking.ts';
import { type Scripted, startScripted } from './scripted.ts';

let scripted: Scripted;
beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => scripted[Symbol.asyncDispose]());

describe('a listen', () => {
  const listen = () =>
    requestWith('subscriptions/listen', { notifications: { toolsListChanged: true } }, { id: '"l"' });
  const acknowledged = '{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}';

  test('brings its events and its result', async () => {
    const { url } = scripted.serve((one, socket) => {
      socket.end(streamHead() + event(acknowledged) + event(notice('a')) + event(result(one.id)));
    });
    await using seat = modernAt(url);
    const outcome = await tell(seat.channel, listen());
    answerOf(outcome);
    expect(noticesOf(outcome)).toEqual(['notifications/subscriptions/acknowledged', 'notifications/message']);
  });

  test('may bring more than any answer in its time', async () => {
    const large = event(notice('x'.repeat(15 << 20)));
    const { url } = scripted.serve(async (one, socket) => {
      socket.write(streamHead());
      for (let count = 0; count < 20; count += 1) {
        if (!socket.write(large)) await new Promise((drained) => socket.once('drain', drained));
      }
      socket.end(event(result(one.id)));
    });
    await using seat = modernAt(url);
    let notices = 0;
    await seat.channel.request({
      message: listen(),
      repeatable: true,
      signal: new AbortController().signal,
      onMessage: ({ message }) => {
        if (message?.kind === 'notification') notices += 1;
      },
    });
    expect(notices).toBe(20);
  });

  test('ends with its signal, and its stream with it', async () => {
    const closed = Promise.withResolvers<void>();
    const { url } = scripted.serve((_, socket) => {
      socket.on('close', () => closed.resolve());
      socket.write(streamHead() + event(acknowledged));
    });
    await using seat = modernAt(url);
    const stop = new AbortController();
    const reason = new Error('enough');
    const outcome = await tell(seat.channel, listen(), {
      signal: stop.signal,
      onMessage: () => stop.abort(reason),
    });
    expect(outcome.error).toBe(reason);
    await closed.promise;
  });
});
