import { expect, test } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { describeShims, startShim } from './running-shim.ts';
import { freshPaths, initialize, initialized, request, startOwner } from './test-owner.ts';

const listen = (id: unknown): object => request(id, 'subscriptions/listen', { notifications: {} });
const acknowledged = { jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged' };
/** Whoever waits for a listen to be done by itself gives up after this time. */
const PROMPT_MS = limits.stdinDrainMs / 2;

describeShims((kind) => {
  test(
    'ST-20 closing stdin ends the shim although the client listens, and its session',
    async () => {
      const paths = await freshPaths();
      const owner = await startOwner(paths);
      const shim = startShim({ kind, home: paths.home });
      shim.say(listen(1));
      expect(await shim.next()).toEqual(acknowledged);
      shim.say(listen(2));
      shim.child.stdin?.end();
      expect(await shim.exit).toBe(0);
      await owner.sessions.only.closed;
      expect(owner.sessions.only.listens).toBe(0);
    },
    PROMPT_MS,
  );

  test(
    'a call that runs when stdin is closed is still answered, although the client listens',
    async () => {
      const paths = await freshPaths();
      const owner = await startOwner(paths);
      const shim = startShim({ kind, home: paths.home });
      shim.say(listen(1));
      expect(await shim.next()).toEqual(acknowledged);
      shim.say(request(2, 'hold'));
      shim.child.stdin?.end(JSON.stringify(request(3)));
      expect(await shim.next()).toMatchObject({ id: 3 });
      owner.sessions.only.held[0]?.release();
      expect(await shim.next()).toMatchObject({ id: 2, result: 'released' });
      expect(await shim.exit).toBe(0);
    },
    PROMPT_MS,
  );

  test('ST-04 a listen of an owner that is gone is answered with an error, and the client listens to the next', async () => {
    const paths = await freshPaths();
    const first = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(listen('one'));
    expect(await shim.next()).toEqual(acknowledged);
    await first[Symbol.asyncDispose]();
    expect(await shim.next()).toMatchObject({
      id: 'one',
      error: { code: -31010, data: { source: 'bridge' } },
    });
    const second = await startOwner(paths);
    shim.say(listen('two'));
    expect(await shim.next()).toEqual(acknowledged);
    shim.say(request('call'));
    expect(await shim.next()).toMatchObject({ id: 'call', result: {} });
    expect(second.sessions.only.methods).toEqual(['subscriptions/listen', 'echo']);
  });

  test('ST-04 of a client that speaks both eras only the handshake is said again', async () => {
    const paths = await freshPaths();
    const first = await startOwner(paths);
    const shim = startShim({ kind, home: paths.home });
    shim.say(request('probe', 'server/discover'));
    await shim.next();
    shim.say(initialize);
    await shim.next();
    shim.say(initialized);
    await first.sessions.only.hears(3);
    await first[Symbol.asyncDispose]();
    const second = await startOwner(paths);
    expect(await shim.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
    expect(second.sessions.only.methods).toEqual(['initialize', 'notifications/initialized']);
  });
});
