import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { clientOver } from '#bridge/control/client.ts';
import { freshPaths, linkTo, reachOwner, startOwner } from './an-owner.ts';

/** A workspace that answers nothing until it is told to; `asked` resolves when somebody asks. */
async function silentWorkspace() {
  const asked = Promise.withResolvers<void>();
  const waiting: ServerResponse[] = [];
  let refuses = false;
  const refuse = (response: ServerResponse): void => void response.writeHead(404).end();
  const server = createServer((request, response) => {
    request.resume();
    if (refuses) refuse(response);
    else waiting.push(response);
    asked.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    asked: asked.promise,
    /** What waits, and what still comes: a refused handshake is followed by a probe for the newer era. */
    refuseAll: () => {
      refuses = true;
      for (const response of waiting) refuse(response);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('who finds an owner attaches to it', async () => {
  const paths = await freshPaths();
  await using _bridge = await startOwner(paths);
  await using owner = reachOwner(paths);
  expect(await owner.client.status()).toMatchObject({ home: paths.home, pid: process.pid });
  expect(owner.isHosted).toBe(false);
});

test('who finds no owner becomes it, for as long as it needs', async () => {
  const paths = await freshPaths();
  {
    await using owner = reachOwner(paths, () => startOwner(paths));
    await owner.client.pause();
    expect(owner.isHosted).toBe(true);
  }
  await using next = reachOwner(paths, () => startOwner(paths));
  expect((await next.client.status()).paused).toBe(true);
});

test('of many that start at once one becomes the owner and the others attach', async () => {
  const paths = await freshPaths();
  await using stack = new AsyncDisposableStack();
  const owners = Array.from({ length: 6 }, () => stack.use(reachOwner(paths, () => startOwner(paths))));
  const started = await Promise.all(owners.map(async ({ client }) => (await client.status()).startedAt));
  expect(new Set(started).size).toBe(1);
  expect(owners.filter(({ isHosted }) => isHosted)).toHaveLength(1);
});

test('who becomes the owner while a person types the passphrase for longer than one waits for it is attached to', async () => {
  const paths = await freshPaths();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => void vi.useRealTimers());
  await using owner = reachOwner(paths, async () => {
    // All but the passing of time is real.
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(60_000);
    stack.use(await startOwner(paths));
    return startOwner(paths);
  });
  expect(await owner.client.status()).toMatchObject({ home: paths.home });
  expect(owner.isHosted).toBe(false);
});

test('when the owner goes, the next call finds or becomes its successor', async () => {
  const paths = await freshPaths();
  const first = await startOwner(paths);
  await using owner = reachOwner(paths, () => startOwner(paths));
  const before = await owner.client.status();
  await first[Symbol.asyncDispose]();
  const after = await owner.client.status();
  expect(owner.isHosted).toBe(true);
  expect(after.startedAt > before.startedAt).toBe(true);
});

test('an owner that stops first finishes the calls of its guests', async () => {
  const paths = await freshPaths();
  await using workspace = await silentWorkspace();
  const bridge = await startOwner(paths);
  await using owner = reachOwner(paths);
  using other = await linkTo(paths);
  const adding = owner.client.accounts
    .add({ connector: 'custom', url: workspace.url, ownNetwork: true, signIn: 'none' })
    .catch((error: unknown) => error);
  await workspace.asked;
  const stopping = bridge[Symbol.asyncDispose]();
  for (let turn = 0; turn < 10; turn += 1) {
    await expect(clientOver(other).status()).rejects.toMatchObject({ code: 'stopping' });
  }
  workspace.refuseAll();
  // The workspace's own answer, not a lost connection.
  expect(await adding).not.toMatchObject({ code: 'stopping' });
  await stopping;
});

test('a call that comes while the owner is stopping is answered by its successor', async () => {
  const paths = await freshPaths();
  await using workspace = await silentWorkspace();
  const bridge = await startOwner(paths);
  await using owner = reachOwner(paths, () => startOwner(paths));
  const adding = owner.client.accounts
    .add({ connector: 'custom', url: workspace.url, ownNetwork: true, signIn: 'none' })
    .catch((error: unknown) => error);
  await workspace.asked;
  const stopping = bridge[Symbol.asyncDispose]();
  const status = owner.client.status();
  workspace.refuseAll();
  await Promise.all([adding, stopping]);
  expect((await status).home).toBe(paths.home);
  expect(owner.isHosted).toBe(true);
});

test('a call that crosses the farewell of the owner was not taken, and says so', async () => {
  const paths = await freshPaths();
  const bridge = await startOwner(paths);
  using link = await linkTo(paths);
  const client = clientOver(link);
  await client.status();
  const stopping = bridge[Symbol.asyncDispose]();
  const refused = await client.pause().catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'stopping' });
  expect(refused).not.toMatchObject({ details: { mayHaveRun: true } });
  await stopping;
  await using next = reachOwner(paths, () => startOwner(paths));
  expect((await next.client.status()).paused).toBe(false);
});

test('a call that is lost with its connection may have run, and says so', async () => {
  const paths = await freshPaths();
  await using workspace = await silentWorkspace();
  await using _bridge = await startOwner(paths);
  const link = await linkTo(paths);
  const adding = clientOver(link)
    .accounts.add({ connector: 'custom', url: workspace.url, ownNetwork: true, signIn: 'none' })
    .catch((error: unknown) => error);
  await workspace.asked;
  link[Symbol.dispose]();
  expect(await adding).toMatchObject({ code: 'stopping', details: { mayHaveRun: true } });
});

test('streams end when the owner stops', async () => {
  const paths = await freshPaths();
  const bridge = await startOwner(paths);
  await using owner = reachOwner(paths);
  const changes = await owner.client.watch();
  await changes.next();
  const next = changes.next();
  await bridge[Symbol.asyncDispose]();
  expect((await next).done).toBe(true);
});

test('who gives up waits no longer for an owner', async () => {
  const paths = await freshPaths();
  await using _bridge = await startOwner(paths);
  await using owner = reachOwner(paths);
  await owner.reach();
  const leaving = new AbortController();
  const changes = await owner.client.watch(undefined, { signal: leaving.signal });
  await changes.next();
  const next = changes.next();
  leaving.abort();
  expect((await next).done).toBe(true);
  await expect(owner.client.status(undefined, { signal: leaving.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
