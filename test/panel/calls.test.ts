import { once } from 'node:events';
import { ORPCError } from '@orpc/client';
import { expect, test, vi } from 'vitest';
import { limits } from '#bridge/base/limits.ts';
import { controlThrough } from '#bridge/control/through.ts';
import { BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { freshPaths, reachOwner, startOwner } from '../control/an-owner.ts';
import { Raw } from '../downstream/raw-http.ts';
import { startPlain } from '../workspaces/plain.ts';
import { ask, bytesOf, enter, enterSecretly, servePanel, startPanel, windowOf } from './a-panel.ts';

/** A stream that tells when it begins and ends, and lives until its reader leaves. */
function longStreams() {
  const open = new Set<object>();
  async function* stream(signal: AbortSignal | undefined) {
    const own = {};
    open.add(own);
    try {
      yield { recent: [] };
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    } finally {
      open.delete(own);
    }
  }
  return { open, stream };
}

const failureOf = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => Promise.reject(new Error('It was expected to fail.')),
    (error: unknown) => error,
  );

test('the window in a browser changes and sees the bridge, also one in another process', async () => {
  const paths = await freshPaths();
  await using _bridge = await startOwner(paths);
  await using owner = reachOwner(paths);
  const panel = await servePanel({ control: controlThrough(owner.client) });
  const window = windowOf(panel.port, await enterSecretly(panel));
  await using workspace = await startPlain();
  const leaving = new AbortController();
  const changes = await window.watch(undefined, { signal: leaving.signal });
  expect((await changes.next()).value).toMatchObject({ accounts: [], status: { home: paths.home } });
  const added = {
    connector: 'custom',
    url: workspace.url,
    label: 'Acme',
    ownNetwork: true,
    signIn: 'none',
  } as const;
  expect((await window.accounts.add(added)).account).toMatchObject({ slug: 'acme' });
  for await (const { accounts } of changes) if (accounts?.some(({ slug }) => slug === 'acme')) break;
  leaving.abort();
  expect(await failureOf(window.accounts.use({ account: 'nobody' }))).toMatchObject({
    code: 'account-unknown',
  });
  expect(await failureOf(window.settings.set({ port: 1 }))).toMatchObject({ code: 'invalid-input' });
});

test('code, message and details of a failure arrive, nothing else does', async () => {
  const secret = canary('bearer');
  const trouble = new BridgeError(
    'refused',
    'The workspace refused.',
    { host: 'acme.example' },
    new Error(secret),
  );
  const world = await startPanel({}, (name) => {
    throw name === 'status' ? trouble : new TypeError(secret);
  });
  const cookie = await enter(world);
  const window = windowOf(world.port, cookie);
  const failure = await failureOf(window.status());
  expect(failure).toBeInstanceOf(ORPCError);
  expect(failure).toMatchObject({
    code: 'refused',
    message: 'The workspace refused.',
    data: { host: 'acme.example' },
  });
  expect(world.log).toEqual([]);
  expect(await failureOf(window.resume())).toMatchObject({ code: 'internal' });
  const { body } = await ask(world, cookie, { line: 'POST /rpc/control/resume HTTP/1.1' });
  expect(Object.keys(JSON.parse(body).json).sort()).toEqual(['code', 'data', 'defined', 'message', 'status']);
});

test('who is not let in is told so in the code that the window knows', async () => {
  const world = await startPanel();
  expect(await failureOf(windowOf(world.port, undefined).status())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a browser has four streams at once; a fifth is asked to wait until one has ended', async () => {
  const streams = longStreams();
  const world = await startPanel({}, (name, _, signal) =>
    name === 'status' ? 'answered' : streams.stream(signal),
  );
  const window = windowOf(world.port, await enter(world));
  // Node's fetch may lose the link between a signal and a running answer, so the streams themselves are ended.
  const begin = async (): Promise<{ return(): Promise<unknown> }> => {
    const changes = await window.watch(undefined);
    await changes.next();
    return { return: () => changes.return(undefined) };
  };
  const first = await begin();
  const others = [];
  for (let count = 1; count < limits.panelStreams; count += 1) others.push(await begin());
  const failure = await failureOf(window.activity.follow({}));
  expect(failure).toMatchObject({ code: 'wait', message: expect.stringContaining('too many tabs') });
  expect(streams.open.size).toBe(4);
  // Calls, and other browsers, are served all the same.
  expect(await window.status()).toBe('answered');
  const other = windowOf(world.port, await enter(world));
  const elsewhere = await other.watch(undefined);
  await elsewhere.next();
  await first.return();
  // The place is free a moment after the stream has ended.
  others.push(await vi.waitFor(begin, { timeout: 10_000 }));
  await Promise.all([...others.map((stream) => stream.return()), elsewhere.return(undefined)]);
  await expect.poll(() => streams.open.size).toBe(0);
});

test('an export is no stream without an end, so it is not counted', async () => {
  async function* pieces() {
    yield 'a,b';
  }
  const streams = longStreams();
  const world = await startPanel({}, (name, _, signal) =>
    name === 'activity.export' ? pieces() : streams.stream(signal),
  );
  const window = windowOf(world.port, await enter(world));
  const leaving = new AbortController();
  for (let count = 0; count < limits.panelStreams; count += 1) {
    await (await window.watch(undefined, { signal: leaving.signal })).next();
  }
  const text: string[] = [];
  for await (const piece of await window.activity.export({ format: 'csv', filter: {} })) text.push(piece);
  expect(text).toEqual(['a,b']);
  leaving.abort();
});

test('LH-28 at the panel: the bridge hears when a browser hangs up', async () => {
  const streams = longStreams();
  const heard = Promise.withResolvers<void>();
  const world = await startPanel({}, (name, _, signal) => {
    if (name === 'watch') return streams.stream(signal);
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason);
        heard.resolve();
      });
    });
  });
  const cookie = await enter(world);
  const watching = new Raw(world.port).write(
    bytesOf(world.port, cookie, { line: 'POST /rpc/control/watch HTTP/1.1' }),
  );
  await watching.sees('"recent"');
  watching.socket.destroy();
  await expect.poll(() => streams.open.size).toBe(0);
  const asking = new Raw(world.port).write(bytesOf(world.port, cookie));
  await expect.poll(() => world.calls).toContain('status');
  asking.socket.destroy();
  await heard.promise;
  expect((await ask(world, cookie, { line: 'GET / HTTP/1.1' })).status).toBe(200);
  expect(world.log).toEqual([]);
});

test('a session that is over ends its streams, and its calls are locked out', async () => {
  let nowMs = 0;
  const streams = longStreams();
  const world = await startPanel({ now: () => nowMs }, (_, __, signal) => streams.stream(signal));
  const cookie = await enter(world);
  const watching = new Raw(world.port).write(
    bytesOf(world.port, cookie, { line: 'POST /rpc/control/watch HTTP/1.1' }),
  );
  await watching.sees('"recent"');
  nowMs += limits.panelSessionMs;
  expect((await ask(world, cookie)).status).toBe(401);
  await watching.closed;
  expect(streams.open.size).toBe(0);
});

test('LH-32 at the panel: when it ends, streams end, a running call is answered, and new ones get 503', async () => {
  const answer = Promise.withResolvers<string>();
  const streams = longStreams();
  const world = await startPanel({}, (name, _, signal) =>
    name === 'watch' ? streams.stream(signal) : answer.promise,
  );
  const cookie = await enter(world);
  const watching = new Raw(world.port).write(
    bytesOf(world.port, cookie, { line: 'POST /rpc/control/watch HTTP/1.1' }),
  );
  await watching.sees('"recent"');
  const asking = new Raw(world.port).write(bytesOf(world.port, cookie));
  await expect.poll(() => world.calls).toContain('status');
  const late = new Raw(world.port);
  await once(late.socket, 'connect');
  const ended = Promise.resolve(world.panel[Symbol.asyncDispose]());
  late.write(bytesOf(world.port, cookie));
  expect(await late.all()).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 2[\s\S]*"code":"stopping"/);
  await watching.closed;
  answer.resolve('in time');
  expect(await asking.all()).toContain('in time');
  await ended;
  await expect(fetch(`http://127.0.0.1:${world.port}/`)).rejects.toThrow();
});

test('LH-30 at the panel: a port that is taken is said so', async () => {
  const world = await startPanel();
  await expect(startPanel({ port: world.port })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(String(world.port)),
  });
});
