import { createORPCClient, ORPCError } from '@orpc/client';
import { isContractProcedure } from '@orpc/contract';
import { isProcedure, os } from '@orpc/server';
import { expect, onTestFinished, test } from 'vitest';
import { type ControlClient, clientOver } from '#bridge/control/client.ts';
import { type ServeTextOptions, serveText } from '#bridge/control/text-port.ts';
import { controlThrough } from '#bridge/control/through.ts';
import { control as contract } from '#contract/control.ts';
import { asBridgeError, BridgeError } from '#contract/errors.ts';
import { canary } from '../canary/canary.ts';
import { startPlain } from '../workspaces/plain.ts';
import { freshPaths, reachOwner, startOwner } from './an-owner.ts';
import { linkOf, nextText, portPair } from './text-ports.ts';

type Window = { readonly control: ControlClient };

/** A window whose texts reach a client of the bridge. */
function openWindow(control: ControlClient, options: Partial<ServeTextOptions> = {}) {
  const [guest, host] = portPair();
  const serving = serveText({ control: controlThrough(control) }, host, {
    limitBytes: 64 * 1024,
    ...options,
  });
  onTestFinished(() => {
    serving[Symbol.dispose]();
    guest.close();
  });
  return { guest, serving, window: createORPCClient<Window>(linkOf(guest)).control };
}

const failureOf = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => Promise.reject(new Error('It was expected to fail.')),
    (error: unknown) => error,
  );

/** Paths of the procedures of a tree. */
function pathsOf(tree: object, isLeaf: (node: unknown) => boolean, path: string[] = []): string[] {
  return Object.entries(tree).flatMap(([name, node]) =>
    isLeaf(node) ? [[...path, name].join('.')] : pathsOf(node as object, isLeaf, [...path, name]),
  );
}

test('every procedure of the contract is passed on, with what was said and under its own name', async () => {
  const told: unknown[] = [];
  const router = controlThrough(
    clientOver({ call: async (path, input) => void told.push([path.join('.'), input]) }),
  );
  const paths = pathsOf(contract, isContractProcedure);
  expect(pathsOf(router, isProcedure)).toEqual(paths);
  const { window } = openWindow(
    clientOver({ call: async (path, input) => void told.push([path.join('.'), input]) }),
  );
  for (const path of paths) {
    const call = path
      .split('.')
      .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], window);
    await (call as (input: unknown) => Promise<unknown>)({ of: path });
  }
  expect(told).toEqual(paths.map((path) => [path, { of: path }]));
});

test.each(['hosted here', 'attached to another process'])(
  'a window changes and sees a bridge that is %s',
  async (way) => {
    const paths = await freshPaths();
    await using bridge = await startOwner(paths);
    await using owner = reachOwner(paths);
    const { window } = openWindow(way === 'hosted here' ? bridge.control : owner.client);
    await using workspace = await startPlain();
    const leaving = new AbortController();
    const changes = await window.watch(undefined, { signal: leaving.signal });
    expect((await changes.next()).value).toMatchObject({ accounts: [], settings: {} });
    const { account } = await window.accounts.add({
      connector: 'custom',
      url: workspace.url,
      label: 'Acme',
      ownNetwork: true,
      signIn: 'none',
    });
    expect(account).toMatchObject({ slug: 'acme', current: true });
    for await (const { accounts } of changes) if (accounts?.some(({ slug }) => slug === 'acme')) break;
    leaving.abort();
    expect(await failureOf(window.accounts.use({ account: 'nobody' }))).toMatchObject({
      code: 'account-unknown',
    });
    expect(await failureOf(window.settings.set({ port: 1 }))).toMatchObject({ code: 'invalid-input' });
  },
);

test('code, message and details of a failure arrive, its cause and stack stay', async () => {
  const secret = canary('bearer');
  const trouble = new BridgeError(
    'refused',
    'The workspace refused. Ask its support.',
    { account: 'Acme', host: 'acme.example', mayHaveRun: true, scope: 'orders' },
    new Error(secret),
  );
  const { window } = openWindow(clientOver({ call: () => Promise.reject(trouble) }));
  const failure = await failureOf(window.status());
  expect(failure).toBeInstanceOf(ORPCError);
  expect(failure).toMatchObject({ code: 'refused', message: trouble.message, data: trouble.details });
});

test('a fault nobody foresaw arrives without its text', async () => {
  const secret = canary('generic');
  const { window } = openWindow(clientOver({ call: () => Promise.reject(new TypeError(secret)) }));
  expect(await failureOf(window.status())).toMatchObject({
    code: 'internal',
    message: asBridgeError(new Error('x')).message,
  });
});

test('a stream that breaks says why, as a call does', async () => {
  async function* broken() {
    yield { recent: [] };
    throw new BridgeError('stopping', 'Gangway has stopped. Start it again.', { mayHaveRun: true });
  }
  const { window } = openWindow(clientOver({ call: async () => broken() }));
  const changes = await window.watch();
  expect((await changes.next()).value).toEqual({ recent: [] });
  expect(await failureOf(changes.next())).toMatchObject({
    code: 'stopping',
    message: 'Gangway has stopped. Start it again.',
    data: { mayHaveRun: true },
  });
});

test.each(['gives up', 'leaves its stream', 'is gone', 'is served no longer'])(
  'the bridge hears when a window %s',
  async (how) => {
    const asked = Promise.withResolvers<AbortSignal>();
    const ended = Promise.withResolvers<void>();
    async function* endless(signal: AbortSignal) {
      try {
        yield {};
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      } finally {
        ended.resolve();
      }
    }
    const { guest, serving, window } = openWindow(
      clientOver({
        call: async (_path, _input, { signal }) => {
          if (!signal) throw new Error('No signal came along.');
          asked.resolve(signal);
          return endless(signal);
        },
      }),
    );
    const leaving = new AbortController();
    const changes = await window.watch(undefined, { signal: leaving.signal });
    await changes.next();
    const { aborted } = await asked.promise;
    expect(aborted).toBe(false);
    if (how === 'gives up') leaving.abort();
    if (how === 'leaves its stream') await changes.return?.();
    if (how === 'is gone') guest.close();
    if (how === 'is served no longer') serving[Symbol.dispose]();
    await ended.promise;
  },
);

test('other routers beside it are served with the same failures', async () => {
  const [guest, host] = portPair();
  const quit = os.handler(() => {
    throw new BridgeError('conflict', 'An app is connected. Close it first.');
  });
  using _serving = serveText({ desktop: { quit } }, host, { limitBytes: 1000 });
  const client = createORPCClient<{ desktop: { quit(): Promise<unknown> } }>(linkOf(guest));
  expect(await failureOf(client.desktop.quit())).toMatchObject({
    code: 'conflict',
    message: 'An app is connected. Close it first.',
  });
});

test.each([
  'no json',
  '{}',
  'null',
  '{"i":1,"p":{"u":"/control/status"}}',
  '{"i":"1","p":{"u":"http://elsewhere.example/control/status"}}',
  '{"i":"1","p":{"u":"/control/../status"}}',
  '{"i":"1","p":{"u":"/control/status?x"}}',
  '{"i":"1","p":{"u":"/__proto__/toString"}}',
  '{"i":"1","p":{"u":"/control/status","h":{"content-type":"multipart/form-data"}}}',
  '{"i":"1","p":{"u":"/control/status","m":"GET"}}',
  '{"i":"1","t":3,"p":{"e":"message"}}',
])('DL-08 a text that no window of ours sends reaches nobody, and the window goes on: %s', async (text) => {
  const refused: string[] = [];
  let calls = 0;
  const control = clientOver({ call: async () => ++calls });
  const { guest, window } = openWindow(control, { refused: (why) => void refused.push(why) });
  guest.postMessage(text);
  expect(await window.status()).toBe(1);
  expect(refused).toEqual(['malformed']);
});

test('DL-08 a call of ten megabytes is answered with too-large and reaches nobody', async () => {
  const refused: string[] = [];
  let calls = 0;
  const control = clientOver({ call: async () => ++calls });
  const { guest, window } = openWindow(control, { refused: (why) => void refused.push(why) });
  const url = 'x'.repeat(10 * 1024 * 1024);
  expect(await failureOf(window.workspaces.look({ url }))).toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('too long'),
  });
  guest.postMessage(`{"p":"${url}"}`);
  expect(await window.status()).toBe(1);
  expect(refused).toEqual(['too-large', 'too-large']);
});

test('the limit counts bytes, not characters', async () => {
  const control = clientOver({ call: async () => 'passed' });
  const { guest, window } = openWindow(control, { limitBytes: 2000 });
  expect(await window.workspaces.look({ url: 'x'.repeat(1000) })).toBe('passed');
  expect(await failureOf(window.workspaces.look({ url: '€'.repeat(1000) }))).toMatchObject({
    code: 'too-large',
  });
  guest.close();
});

test('an answer for a port that broke meanwhile harms nobody', async () => {
  const answer = Promise.withResolvers<unknown>();
  const [guest, host] = portPair();
  using _serving = serveText(
    { control: controlThrough(clientOver({ call: () => answer.promise })) },
    { ...host, closed: new Promise(() => undefined) },
    { limitBytes: 1000 },
  );
  const asked = nextText(host);
  void createORPCClient<Window>(linkOf(guest))
    .control.status()
    .catch(() => undefined);
  await asked;
  guest.close();
  answer.resolve({});
  // A rejection nobody waits for would fail this file.
  await new Promise((resolve) => setImmediate(resolve));
});
