import { inputRequired } from '@modelcontextprotocol/server';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { canary } from '../canary/canary.ts';
import { type ModernWorkspace, type Speaks, startModern } from '../workspaces/modern.ts';
import type { ModernSeat } from '../workspaces/modern-tools.ts';
import { question } from '../workspaces/questions.ts';
import { reads, say, type TableTool, tableTool } from '../workspaces/tool-table.ts';
import { bare } from './bare.ts';
import { knock } from './pinned.ts';
import {
  type Door,
  doors,
  type Entry,
  failure,
  type Mode,
  pinned,
  startWorld,
  text,
  type World,
} from './world.ts';

const pairs: readonly { readonly pair: string; readonly mode: Mode; readonly speaks: Speaks }[] = [
  { pair: 'older to newer', mode: 'legacy', speaks: 'modern' },
  { pair: 'newer to older', mode: pinned, speaks: 'legacy' },
  { pair: 'newer to newer', mode: 'auto', speaks: 'modern' },
];

/** A tool that tells what nobody may know, in a result or in a question. */
function indiscreet(key: string): TableTool<ModernSeat> {
  return tableTool({
    name: 'indiscreet',
    description: 'Tells the key it was called with.',
    annotations: reads,
    input: z.object({ how: z.enum(['result', 'question', 'log', 'error']) }),
    run: async ({ how }, { workspace }: ModernSeat, context) => {
      const { inputResponses } = context.mcpReq;
      if (how === 'error') throw new Error(`${workspace}: ${key} is not enough`);
      if (how === 'log') await context.mcpReq.log('warning', { said: key }, workspace);
      if (how === 'question' && inputResponses === undefined) {
        return inputRequired({ inputRequests: { [key]: question(`Is it ${key}?`) } });
      }
      return say(`${workspace}: it is ${key}, "${encodeURIComponent(key)}"`);
    },
  });
}

interface Scene extends AsyncDisposable {
  readonly key: string;
  readonly workspace: ModernWorkspace;
  readonly world: World;
}

async function stage(speaks: Speaks): Promise<Scene> {
  await using starting = new AsyncDisposableStack();
  const key = canary('bearer');
  const workspace = starting.use(
    await startModern({ name: 'north', speaks, tokens: { ada: key }, tools: [indiscreet(key)] }),
  );
  const world = starting.use(await startWorld());
  await world.add({ connector: 'custom', label: 'North', url: workspace.url, key });
  const running = starting.move();
  return { key, workspace, world, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What a pinned client needs at a workspace of the older era. */
async function entryFor(world: World, door: Door, mode: Mode, speaks: Speaks): Promise<Entry | undefined> {
  return mode === pinned && speaks === 'legacy' ? (await knock(world, door)).entry : undefined;
}

describe.each(doors)('by %s', (door) => {
  test.each(pairs)('$pair: a workspace that tells its key tells no client', async ({ mode, speaks }) => {
    await using scene = await stage(speaks);
    const { key, world } = scene;
    const heard: string[] = [];
    const entry = await entryFor(world, door, mode, speaks);
    const client = await world.connect(
      door,
      'current',
      (fresh) => {
        fresh.setRequestHandler('elicitation/create', ({ params }) => {
          heard.push(JSON.stringify(params));
          return { action: 'accept', content: { answer: 'yes' } };
        });
        fresh.setNotificationHandler('notifications/message', ({ params }) => {
          heard.push(JSON.stringify(params));
        });
      },
      mode,
      entry,
    );
    heard.push(await text(client, 'indiscreet', { how: 'result' }));
    heard.push(await text(client, 'indiscreet', { how: 'question' }));
    heard.push((await failure(text(client, 'indiscreet', { how: 'error' }))).message);
    if (mode === 'legacy') await client.setLoggingLevel('info');
    const _meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    await client.callTool({ name: 'indiscreet', arguments: { how: 'log' }, _meta });
    await vi.waitFor(() => expect(heard).toHaveLength(5));
    // Whatever stands in place of the key: what was said around it has arrived.
    expect(heard.filter((one) => /Is it|it is|is not enough|said/.test(one))).toHaveLength(5);
    for (const one of heard) expect(one.includes(key)).toBe(false);
    await client.close();
  });

  test('not in a question to a client of the newer era, where it stands as a name too', async () => {
    await using scene = await stage('modern');
    await using client = await bare(scene.world, door);
    const answer = await client.call('indiscreet', { how: 'question' });
    expect(answer.result).toMatchObject({ resultType: 'input_required' });
    expect(answer.text.includes('Is it ')).toBe(true);
    expect(answer.text.includes(scene.key)).toBe(false);
  });

  test.each([400, 404, 422, 500])('not in the body of an answer %i', async (status) => {
    await using scene = await stage('modern');
    const { key, workspace, world } = scene;
    await using client = await bare(world, door);
    for (const [type, body] of [
      [
        'application/json',
        (id: unknown) =>
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            error: { code: -32602, message: `No: ${key}`, data: { [key]: key } },
          }),
      ],
      ['text/plain', () => `No: ${key}`],
      ['application/json', () => JSON.stringify({ error: `No: ${key}` })],
    ] as const) {
      workspace.answerNext({
        status,
        headers: { 'content-type': type },
        when: ({ rpc }) => rpc?.method === 'prompts/get',
        body: ({ rpc }) => body(rpc?.id),
        times: 3,
      });
    }
    for (let count = 0; count < 3; count += 1) {
      const answer = await client.ask('prompts/get', { name: 'greet' });
      expect(answer.error?.message).toEqual(expect.any(String));
      expect(answer.text.includes(key)).toBe(false);
    }
  });

  test('not in what a listen hears', async () => {
    await using scene = await stage('modern');
    const { key, workspace, world } = scene;
    const heard: string[] = [];
    const client = await world.connect(
      door,
      'current',
      (fresh) => {
        fresh.setNotificationHandler('notifications/tools/list_changed', ({ params }) => {
          heard.push(JSON.stringify(params));
        });
        fresh.setNotificationHandler('notifications/resources/updated', ({ params }) => {
          heard.push(JSON.stringify(params));
        });
      },
      'auto',
    );
    const uri = 'note://north/first';
    const asked = { toolsListChanged: true, resourceSubscriptions: [uri] };
    workspace.answerNext({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      when: ({ rpc }) => rpc?.method === 'subscriptions/listen',
      body: ({ rpc }) =>
        [
          ['subscriptions/acknowledged', { notifications: asked }],
          ['tools/list_changed', { said: key }],
          ['resources/updated', { uri, said: key }],
        ]
          .map(([kind, more]) => {
            const _meta = { 'io.modelcontextprotocol/subscriptionId': rpc?.id, told: key };
            const params = { ...(more as object), _meta };
            const notice = { jsonrpc: '2.0', method: `notifications/${String(kind)}`, params };
            return `data: ${JSON.stringify(notice)}\n\n`;
          })
          .join(''),
    });
    await client.listen(asked);
    await vi.waitFor(() => expect(heard.some((one) => one.includes('told'))).toBe(true));
    await vi.waitFor(() => expect(heard.some((one) => one.includes(uri))).toBe(true));
    for (const one of heard) expect(one.includes(key)).toBe(false);
    await client.close();
  });
});
