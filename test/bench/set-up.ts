import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Endpoint } from '#contract/control.ts';
import { OwnerProcess } from '../race/owner.ts';
import type { Conversation } from './conversation.ts';
import { CREDENTIALS, type Era, KEY, USER } from './door.ts';
import { HttpConversation } from './http-conversation.ts';
import { LineConversation } from './line-conversation.ts';
import { buildShims, type Shim, type Shims } from './shims.ts';

export const doors = ['stdio', 'http'] as const;
export type Door = (typeof doors)[number];

/** The addresses of the workspace: see workspace.ts. */
const allPlaces = ['mcp', 'events', 'far'] as const;
export type Place = (typeof allPlaces)[number];

/** From a client to the workspace: by nothing, by the reference, or by Gangway, over stdio through one of its shims. */
export type Way = 'direct' | 'reference' | 'Gangway' | Shim;

export interface SetUpOptions {
  /** Built before; otherwise they are built now. */
  readonly shims?: Shims;
  /** Which of both bridges there is; both, if not said. */
  readonly bridge?: 'reference' | 'Gangway';
  /** The addresses of the workspace that the bridges know. */
  readonly places?: readonly Place[];
  /** Options of the owner's Node. */
  readonly ownerArgs?: (folder: string) => readonly string[];
}

/** A program of the bench, and the first line that it said. */
interface Program {
  readonly child: ChildProcess;
  readonly said: string;
}

/** The workspace, the reference bridge and a real owner, each a process of its own, in a folder that ends with them. */
export class SetUp implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'gangway-bench-'));
  readonly shims: Shims;
  readonly #started: ChildProcess[] = [];
  readonly #daemons = new Map<Place, ChildProcess>();
  #owner: OwnerProcess | undefined;
  #endpoint: Endpoint | undefined;
  #origin = '';
  #proxy: Program | undefined;

  private constructor(shims: Shims | undefined) {
    this.shims = shims ?? buildShims(this.folder);
  }

  /** @throws Error when a part of it does not start, with the last words of the owner's log. */
  static async start({ shims, bridge, places = allPlaces, ownerArgs }: SetUpOptions = {}): Promise<SetUp> {
    const setUp = new SetUp(shims);
    try {
      setUp.#origin = (await setUp.#start('workspace.ts')).said;
      if (bridge !== 'Gangway') await setUp.#startReference(places);
      if (bridge !== 'reference') await setUp.#startGangway(places, ownerArgs?.(setUp.folder) ?? []);
      return setUp;
    } catch (error) {
      const log = JSON.stringify(setUp.#owner?.log.slice(-3));
      await setUp[Symbol.asyncDispose]();
      throw new Error(`The bench cannot begin. Log of the owner: ${log}`, { cause: error });
    }
  }

  get owner(): OwnerProcess {
    if (!this.#owner) throw new Error('There is no owner.');
    return this.#owner;
  }

  async #startReference(places: readonly Place[]): Promise<void> {
    this.#proxy = await this.#start('reference.ts', 'http', `${this.#origin}/mcp`);
    for (const place of places) {
      const words = ['daemon', this.#socket(place), `${this.#origin}/${place}`];
      this.#daemons.set(place, (await this.#start('reference.ts', ...words)).child);
    }
  }

  async #startGangway(places: readonly Place[], nodeArgs: readonly string[]): Promise<void> {
    this.#owner = await OwnerProcess.start(this.folder, undefined, nodeArgs);
    const { control } = this.#owner;
    for (const place of places) {
      await control.accounts.add({
        connector: 'custom',
        label: place,
        url: `${this.#origin}/${place}`,
        signIn: 'key',
        key: KEY,
        headers: { 'x-user-email': USER },
        ownNetwork: true,
      });
    }
    this.#endpoint = await control.endpoint.mint({ client: 'bench', address: 'mcp' });
  }

  /** A new client of that door. */
  open(way: Way, door: Door, era: Era, place: Place = 'mcp'): Conversation {
    if (way === 'direct') return new HttpConversation(era, `${this.#origin}/${place}`, CREDENTIALS);
    if (door === 'http') {
      if (way === 'reference') return new HttpConversation(era, this.#proxy?.said ?? '', {});
      const { url = '', headers = {} } = this.#endpoint ?? {};
      return new HttpConversation(era, url, headers);
    }
    if (way === 'reference') {
      return new LineConversation(era, [process.execPath, file('reference-shim.cjs'), this.#socket(place)]);
    }
    // What people install.
    const shim = way === 'Gangway' ? 'native shim' : way;
    return new LineConversation(era, [...this.shims[shim], '--home', this.owner.home, place]);
  }

  /** The processes that are the bridge for these clients: their shims, and whatever those lead to. */
  bridgePids(way: Way, door: Door, clients: readonly Conversation[]): number[] {
    if (way === 'direct') return [];
    const reference = door === 'http' ? this.#proxy?.child : this.#daemons.get('mcp');
    const behind = way === 'reference' ? reference?.pid : this.owner.pid;
    return [behind, ...clients.map(({ pid }) => pid)].filter((pid) => pid !== undefined);
  }

  #socket(place: Place): string {
    return join(this.folder, `${place}.sock`);
  }

  async #start(name: string, ...words: string[]): Promise<Program> {
    const child = spawn(process.execPath, [file(name), ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#started.push(child);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return { child, said: String(line) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner?.[Symbol.asyncDispose]();
    for (const child of this.#started) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function file(name: string): string {
  return join(import.meta.dirname, name);
}
