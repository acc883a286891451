import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModernWorkspace, startModern } from '../workspaces/modern.ts';
import { extraTool } from '../workspaces/plain-tools.ts';
import { Notices } from './notices.ts';
import { commandOf } from './upstreams.ts';
import {
  type AnyClient,
  type Door,
  doors,
  type Mode,
  pinned,
  startWorld,
  text,
  type World,
} from './world.ts';

let world: World;
let older: ModernWorkspace;
let newer: ModernWorkspace;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  older = opened.use(
    await startModern({ name: 'older', speaks: 'legacy', tools: [extraTool('only-older')] }),
  );
  newer = opened.use(
    await startModern({ name: 'newer', speaks: 'modern', tools: [extraTool('only-newer')] }),
  );
  world = opened.use(await startWorld());
  for (const { name, url } of [older, newer]) {
    await world.add({ connector: 'custom', label: name, url, signIn: 'none' });
  }
  const locals = { 'local-older': 'legacy', 'local-newer': 'modern' } as const;
  for (const [label, speaks] of Object.entries(locals)) {
    await world.add({ connector: 'custom', label, command: commandOf(label, speaks) });
  }
});

afterAll(() => opened.disposeAsync());

const use = (account: string): Promise<unknown> => world.bridge.control.accounts.use({ account });

const kinds: readonly { readonly kind: string; readonly mode: Mode | 'SDK 1.x' }[] = [
  { kind: 'SDK 1.x', mode: 'SDK 1.x' },
  { kind: 'SDK 2.x, handshake', mode: 'legacy' },
  { kind: 'SDK 2.x, either era', mode: 'auto' },
  { kind: 'SDK 2.x, newer era only', mode: pinned },
];

function connect(door: Door, mode: Mode | 'SDK 1.x', prepare?: (client: Client) => void): Promise<AnyClient> {
  if (mode === 'SDK 1.x') return world.connectOld(door);
  return world.connect(door, 'current', prepare, mode);
}

/** Connects while an account of the newer era is current, so that each client starts in the newest era it knows. */
async function connectNew(door: Door, mode: Mode, prepare?: (client: Client) => void): Promise<Client> {
  await use('newer');
  return world.connect(door, 'current', prepare, mode);
}

const namesOf = async (client: AnyClient): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

describe.each(doors)('by %s', (door) => {
  test.each(kinds)(
    'a client of $kind goes to each account in turn, whatever that speaks',
    async ({ mode }) => {
      await use('newer');
      const client = await connect(door, mode);
      for (const account of [
        'newer',
        'older',
        'local-newer',
        'local-older',
        'newer',
        'local-older',
        'older',
      ]) {
        await use(account);
        const seen = [older.requests.calls().length, newer.requests.calls().length];
        expect(await text(client, 'echo', { text: account })).toBe(`${account}: ${account}`);
        const era = account.endsWith('older') ? 'legacy' : 'modern';
        expect(JSON.parse(await text(client, 'whoami'))).toMatchObject({ workspace: account, era });
        const counts = [older.requests.calls().length, newer.requests.calls().length];
        expect(counts).toEqual([
          seen[0]! + (account === 'older' ? 2 : 0),
          seen[1]! + (account === 'newer' ? 2 : 0),
        ]);
      }
      await client.close();
    },
  );

  test.each(kinds)('a client of $kind sees the lists of the account it is at now', async ({ mode }) => {
    await use('newer');
    const client = await connect(door, mode);
    // The workspace allows everybody to keep its lists for a minute.
    expect(await namesOf(client)).toContain('only-newer');
    await use('older');
    const names = await namesOf(client);
    expect(names).toContain('only-older');
    expect(names).not.toContain('only-newer');
    await use('newer');
    expect(await namesOf(client)).toContain('only-newer');
    await client.close();
  });

  test('a client that shook hands is told at once that everything changed', async () => {
    const notices = new Notices();
    const client = await connectNew(door, 'legacy', notices.listen);
    await client.listTools();
    await use('older');
    await Promise.all([
      notices.atLeast('tools', 1),
      notices.atLeast('prompts', 1),
      notices.atLeast('resources', 1),
    ]);
    await use('newer');
    await Promise.all([
      notices.atLeast('tools', 2),
      notices.atLeast('prompts', 2),
      notices.atLeast('resources', 2),
    ]);
    await client.close();
  });

  test.each([
    { kind: 'handshake', mode: 'legacy' as const, from: 'older', to: 'newer' },
    { kind: 'handshake', mode: 'legacy' as const, from: 'newer', to: 'older' },
    { kind: 'newer era', mode: pinned, from: 'older', to: 'newer' },
    { kind: 'newer era', mode: pinned, from: 'newer', to: 'older' },
  ])('$kind: the answer to a question of $from reaches it although $to is current by then', async (row) => {
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const client = await connectNew(door, row.mode, (fresh) =>
      fresh.setRequestHandler('elicitation/create', async ({ params }) => {
        if (params.message === 'first') {
          asked.resolve();
          await held.promise;
        }
        return { action: 'accept', content: { answer: `re: ${params.message}` } };
      }),
    );
    await use(row.from);
    const first = text(client, 'ask', { question: 'first' });
    await asked.promise;
    await use(row.to);
    expect(await text(client, 'ask', { question: 'second' })).toBe(`${row.to}: re: second`);
    held.resolve();
    expect(await first).toBe(`${row.from}: re: first`);
    await client.close();
  });

  test.each([
    { kind: 'handshake', mode: 'legacy' as const },
    { kind: 'newer era', mode: pinned },
  ])('$kind: a call that runs at the switch ends where it began', async ({ mode }) => {
    const client = await connectNew(door, mode);
    const gate = `${door}-${String(mode)}`;
    const slow = text(client, 'slow', { gate });
    await newer.gates.reached(gate);
    await use('older');
    expect(await text(client, 'echo', { text: 'x' })).toBe('older: x');
    newer.gates.release(gate);
    expect(await slow).toBe('newer: done waiting');
    await client.close();
  });
});
