import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { pause } from '#bridge/base/tasks.ts';
import { Listen } from '#bridge/relay/modern/listen.ts';
import { modernAt, requestWith } from '../../upstream/modern/asking.ts';
import { type ModernWorkspace, startModern } from '../../workspaces/modern.ts';
import { SUBSCRIPTION } from './listen-stage.ts';

const NOTE = 'note://first';

/** A client's listen through the bridge at one of two real workspaces. */
class Following implements AsyncDisposable {
  readonly listen: Listen;
  readonly running: Promise<void>;
  /** Methods of what went down. */
  readonly heard: string[] = [];
  readonly endings: unknown[] = [];
  account: ModernWorkspace;
  readonly #seats: ReadonlyMap<ModernWorkspace, ReturnType<typeof modernAt>>;

  constructor(workspaces: readonly [ModernWorkspace, ...ModernWorkspace[]], notifications: object) {
    this.account = workspaces[0];
    this.#seats = new Map(workspaces.map((workspace) => [workspace, modernAt(workspace.url)]));
    this.listen = new Listen({
      message: requestWith('subscriptions/listen', { notifications }, { id: '"l1"' }),
      reply: {
        resumable: true,
        gone: new AbortController().signal,
        event: ({ data }) => {
          const said = JSON.parse(Buffer.from(data ?? []).toString()) as {
            method: string;
            params: { _meta: object };
          };
          expect(said.params._meta).toMatchObject({ [SUBSCRIPTION]: 'l1' });
          this.heard.push(said.method);
        },
        answer: (body) => void this.endings.push(JSON.parse(Buffer.from(body).toString())),
        end: () => void this.endings.push(null),
      },
      carry: async (message, signal, onMessage) =>
        this.#seats.get(this.account)?.channel.request({ message, repeatable: true, signal, onMessage }),
      // Between two tries, not at all.
      pause: (ms, signal) => pause(ms < 5000 ? 0 : ms, signal),
    });
    this.running = this.listen.run();
  }

  /** Waits for the next of these, and takes everything up to it. */
  async hears(method: string): Promise<string[]> {
    while (!this.heard.includes(method)) await turn();
    return this.heard.splice(0, this.heard.indexOf(method) + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listen.end();
    await this.running;
    for (const seat of this.#seats.values()) await seat[Symbol.asyncDispose]();
  }
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const TOOLS = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';

test('a listen follows the account: the new one is heard, the old one no longer', async () => {
  await using first = await startModern({ name: 'first' });
  await using second = await startModern({ name: 'second' });
  const asked = { toolsListChanged: true, resourceSubscriptions: [NOTE] };
  await using following = new Following([first, second], asked);
  expect(await following.hears(ACKNOWLEDGED)).toEqual([ACKNOWLEDGED]);
  await first.changeTools();
  expect(await following.hears(TOOLS)).toEqual([TOOLS]);
  await first.touch(NOTE);
  expect(await following.hears(UPDATED)).toEqual([UPDATED]);

  following.account = second;
  following.listen.moved();
  expect(await following.hears(UPDATED)).toEqual([TOOLS, UPDATED]);
  await Promise.all([first.listens.atMost(0), second.listens.atLeast(1)]);
  await first.changeTools();
  await second.touch(NOTE);
  expect(await following.hears(UPDATED)).toEqual([UPDATED]);

  following.listen.end();
  await following.running;
  await second.listens.atMost(0);
  expect(following.endings).toEqual([
    { jsonrpc: '2.0', id: 'l1', result: { resultType: 'complete', _meta: { [SUBSCRIPTION]: 'l1' } } },
  ]);
  expect(following.heard).toEqual([]);
});

test('a listen whose connection broke is opened again, and everything is announced', async () => {
  await using workspace = await startModern();
  await using following = new Following([workspace], { toolsListChanged: true });
  await following.hears(ACKNOWLEDGED);
  workspace.cutConnections();
  expect(await following.hears(TOOLS)).toEqual([TOOLS]);
  expect(workspace.listens.opened).toBe(2);
  await workspace.changeTools();
  expect(await following.hears(TOOLS)).toEqual([TOOLS]);
});

test('a workspace without listens leaves the listen open, and what Gangway changes is heard', async () => {
  await using workspace = await startModern();
  workspace.answerNext({
    status: 404,
    headers: { 'content-type': 'application/json' },
    body: ({ rpc }) =>
      JSON.stringify({ jsonrpc: '2.0', id: rpc?.id, error: { code: -32601, message: 'Method not found' } }),
  });
  await using following = new Following([workspace], { toolsListChanged: true });
  expect(await following.hears(ACKNOWLEDGED)).toEqual([ACKNOWLEDGED]);
  following.listen.listsChanged();
  expect(await following.hears(TOOLS)).toEqual([TOOLS]);
  expect(workspace.listens.opened).toBe(0);
  following.listen.moved();
  expect(await following.hears(TOOLS)).toEqual([TOOLS]);
  await workspace.listens.atLeast(1);
  expect(following.endings).toEqual([]);
});
