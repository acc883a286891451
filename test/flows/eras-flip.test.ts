import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../canary/home.ts';
import { NODE } from '../compiled/node.ts';
import { type ModernWorkspace, type Speaks, startModern } from '../workspaces/modern.ts';
import { talkative } from '../workspaces/talkative.ts';
import { knock } from './pinned.ts';
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

const clients: readonly { readonly kind: string; readonly mode: Mode | 'SDK 1.x' }[] = [
  { kind: 'SDK 1.x', mode: 'SDK 1.x' },
  { kind: 'SDK 2.x, handshake', mode: 'legacy' },
  { kind: 'SDK 2.x, either era', mode: 'auto' },
  { kind: 'SDK 2.x, newer era only', mode: pinned },
];

const flips: readonly { readonly from: Speaks; readonly to: Speaks }[] = [
  { from: 'legacy', to: 'modern' },
  { from: 'modern', to: 'legacy' },
  { from: 'legacy', to: 'both' },
  { from: 'both', to: 'modern' },
  { from: 'both', to: 'legacy' },
];

const COMMAND = new URL('../workspaces/modern-command.ts', import.meta.url).href;

/** A local workspace that can be replaced by one of another era, as by an update of its program. */
class LocalPlace implements AsyncDisposable {
  readonly command: string[];
  readonly #folder: Awaited<ReturnType<typeof temporaryHome>>;

  private constructor(folder: Awaited<ReturnType<typeof temporaryHome>>) {
    this.#folder = folder;
    this.command = [...NODE, join(folder.path, 'start.mjs')];
  }

  static async start(speaks: Speaks): Promise<LocalPlace> {
    const place = new LocalPlace(await temporaryHome());
    const file = (name: string): string => JSON.stringify(join(place.#folder.path, name));
    const program = [
      "import { readFileSync, writeFileSync } from 'node:fs';",
      `writeFileSync(${file('pid')}, String(process.pid));`,
      `process.argv.push('--name=north', '--speaks=' + readFileSync(${file('speaks')}, 'utf8'));`,
      `await import(${JSON.stringify(COMMAND)});`,
    ];
    await writeFile(join(place.#folder.path, 'start.mjs'), program.join('\n'));
    await writeFile(join(place.#folder.path, 'speaks'), speaks);
    return place;
  }

  async becomes(speaks: Speaks): Promise<void> {
    await writeFile(join(this.#folder.path, 'speaks'), speaks);
    process.kill(Number(await readFile(join(this.#folder.path, 'pid'), 'utf8')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** A workspace that can be replaced by one of another era at the same address, as by an update. */
class Place implements AsyncDisposable {
  workspace: ModernWorkspace;

  constructor(workspace: ModernWorkspace) {
    this.workspace = workspace;
  }

  async becomes(speaks: Speaks): Promise<void> {
    const port = Number(new URL(this.workspace.url).port);
    await this.workspace[Symbol.asyncDispose]();
    this.workspace = await startModern({ name: 'north', speaks, port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workspace[Symbol.asyncDispose]();
  }
}

async function connect(
  world: World,
  { door, mode, from }: { door: Door; mode: Mode | 'SDK 1.x'; from: Speaks },
): Promise<AnyClient> {
  if (mode === 'SDK 1.x') return world.connectOld(door);
  const entry = mode === pinned && from === 'legacy' ? (await knock(world, door)).entry : undefined;
  return world.connect(door, 'current', talkative, mode, entry);
}

describe.each(doors)('by %s', (door) => {
  describe.each(clients)('a client of $kind', ({ mode }) => {
    test.each(flips)('goes on when its workspace of $from becomes one of $to', async ({ from, to }) => {
      const place = new Place(await startModern({ name: 'north', speaks: from }));
      onTestFinished(() => place[Symbol.asyncDispose]());
      await using world = await startWorld();
      await world.add({ connector: 'custom', label: 'North', url: place.workspace.url, signIn: 'none' });
      const client = await connect(world, { door, mode, from });
      expect(await text(client, 'echo', { text: 'before' })).toBe('north: before');
      await place.becomes(to);
      // It counts its changes: whatever the bridge tried on the way was not carried out.
      expect(await text(client, 'change')).toBe('north: extra-1');
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names.filter((name) => /interview|extra/.test(name))).toEqual(['interview', 'extra-1']);
      if (mode !== 'SDK 1.x') {
        expect(await text(client, 'interview', { questions: ['a', 'b'] })).toBe('north: re: a, re: b');
      }
      await client.close();
    });
  });
});

// A local program is asked the same at every door; one is enough here.
describe.each(clients)('a client of $kind', ({ mode }) => {
  test.each(flips)('goes on when a local program of $from becomes one of $to', async ({ from, to }) => {
    const place = await LocalPlace.start(from);
    onTestFinished(() => place[Symbol.asyncDispose]());
    await using world = await startWorld();
    await world.add({ connector: 'custom', label: 'North', command: place.command });
    const client = await connect(world, { door: 'stdio', mode, from });
    expect(await text(client, 'echo', { text: 'before' })).toBe('north: before');
    await place.becomes(to);
    // A call that meets the end of the program cannot be saved; it is not known whether it ran.
    await text(client, 'echo', { text: 'between' }).catch(() => undefined);
    expect(await text(client, 'echo', { text: 'after' })).toBe('north: after');
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('interview');
    await client.close();
  });
});
