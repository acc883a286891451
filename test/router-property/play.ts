import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '#bridge/contract/account.ts';
import { MODERN } from './client.ts';
import { scheduleTimers } from './clock.ts';
import type { Program } from './program.ts';
import { hops, settle } from './schedule.ts';
import { Stores } from './stores.ts';
import { World } from './world.ts';

/** How long what waits for a timer of the bridge may take at the end of a run. */
const PATIENCE_MS = 1_000;

export interface Tally {
  runs: number;
  steps: number;
  answers: number;
  results: number;
}

/** Plays programs, each in a world of its own that begins with the same accounts. */
export class Stage {
  readonly tally: Tally = { runs: 0, steps: 0, answers: 0, results: 0 };
  readonly #stores: Stores;
  readonly #accounts: readonly Account[];

  private constructor(stores: Stores, accounts: readonly Account[]) {
    this.#stores = stores;
    this.#accounts = accounts;
  }

  static async set(): Promise<Stage> {
    const stores = new Stores();
    const world = new World(stores);
    const owner = await world.start();
    await world.pumpUntil(world.addFirst());
    const { accounts } = owner.registry.snapshot;
    await owner.quit();
    return new Stage(stores, accounts);
  }

  /** @throws Error with everything that should not have been. */
  async play({ clients, steps }: Program): Promise<void> {
    this.tally.runs += 1;
    this.tally.steps += steps.length;
    const world = new World(await this.#stores.copy());
    using _timers = scheduleTimers(world.schedule);
    world.know(this.#accounts);
    await world.start();
    for (const client of clients) world.open(client);
    for (const step of steps) {
      await world.take(step);
      await (step.rest === 'all' ? settle() : hops(step.rest));
      if (world.judge.complaints.length > 0) break;
    }
    await end(world);
    const { complaints, answered, succeeded } = world.judge;
    this.tally.answers += answered;
    this.tally.results += succeeded;
    if (complaints.length > 0) throw new Error(complaints.slice(0, 10).join('\n'));
  }
}

/** Answers every question, lets everything come to its end, and looks at what is left. */
async function end(world: World): Promise<void> {
  const { judge, clients, places, schedule } = world;
  world.isEnding = true;
  const isOpen = (): boolean =>
    world.changes.size > 0 ||
    judge.asked.some(({ answers, excuse }) => answers === 0 && excuse === undefined);
  const since = Date.now();
  await world.pump();
  for (let rounds = 0; isOpen() && Date.now() - since < PATIENCE_MS; rounds += 1) {
    for (const client of clients) while (client.questions > 0 && !client.isClosed) client.answer(0, false);
    await world.pump();
    for (const place of places) place.giveUp();
    await world.pump();
    // Only a long timer can be what it waits for now.
    if (rounds > 5) await delay(5);
  }
  judge.closeBooks();
  if (world.changes.size > 0) judge.accuse(`${world.changes.size} changes of the person never ended`);
  for (const client of clients) client.close();
  await world.pump();
  for (const { client, address, door, protocolVersion } of world.owner?.sessions.list() ?? []) {
    // There is no end of what has no session, and none of one whose client never heard its id.
    const isUnknown = judge.asked.some(
      (asked) => asked.client === client && asked.method === 'initialize' && asked.answers === 0,
    );
    const isLasting = door === 'http' && (protocolVersion === MODERN || isUnknown);
    if (!isLasting) judge.accuse(`a conversation of ${client} at ${address} is left`);
  }
  if (world.owner) await world.pumpUntil(world.owner.quit());
  await world.pump();
  for (const place of places) {
    if (place.streams.size > 0) judge.accuse(`${place.streams.size} streams are open at ${place.url.host}`);
    for (const id of place.left) judge.accuse(`the session ${id} is left`);
  }
  if (schedule.size > 0) judge.accuse(`${schedule.names[0]} is left`);
}
