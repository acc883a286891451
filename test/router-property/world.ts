import type { AccountRegistry } from '#bridge/accounts/registry.ts';
import type { Account, AccountId } from '#bridge/contract/account.ts';
import { BridgeError } from '#bridge/contract/errors.ts';
import { Client } from './client.ts';
import { runAhead } from './clock.ts';
import { type Expected, Judge } from './judge.ts';
import { Owner } from './owner.ts';
import type { Opening, Step } from './program.ts';
import { type Fault, Schedule, settle } from './schedule.ts';
import { keyOf, localTokens, ProcessVault, type Stores, tokenOf } from './stores.ts';
import { HttpWay, StdioWay } from './ways.ts';
import { type Arrival, type Response, Wire } from './wire.ts';
import { type Era, Place } from './workspace.ts';

const PLACES: readonly { readonly name: string; readonly era: Era; readonly standing: boolean }[] = [
  { name: 'north', era: 'legacy', standing: true },
  { name: 'south', era: 'modern', standing: false },
  { name: 'west', era: 'both', standing: true },
  { name: 'east', era: 'legacy', standing: false },
];
const USERS = ['ann@example.com', 'bob@example.com', 'cleo@example.com', 'dan@example.com'];
const ADDRESSES = ['current', 'current', 'current', 'allv', 'a', 'b', 'c', 'd'];
/** The accounts that there are at first: two of them at the same workspace. */
const FIRST = [
  { place: 0, user: 0 },
  { place: 0, user: 1 },
  { place: 1, user: 2 },
  { place: 2, user: 3 },
];
type Change = Extract<Step, { readonly do: 'use' | 'act' | 'remove' | 'add' | 'rotate' }>;

const MOST_CLIENTS = 8;
/** What comes to an end does so within these. */
const MOST_EVENTS = 10_000;
const MOST_PAUSES = 20;

/** The bridge with clients on one side and workspaces on the other, all in this process. */
export class World {
  readonly schedule = new Schedule();
  readonly judge: Judge;
  readonly clients: Client[] = [];
  readonly places: readonly Place[];
  owner: Owner | undefined;
  /** Changes of the person that are under way. */
  readonly changes = new Set<Promise<unknown>>();
  readonly #stores: Stores;
  #starting: Promise<Owner> | undefined;
  #nextKey = 0;
  #nextLabel = 0;
  /** The name of each account's key: `b#1`. */
  readonly #names = new Map<AccountId, string>();
  readonly #rotating = new Map<AccountId, string>();
  readonly #recognised = new Map<string, { readonly name: string; readonly address: string }>();

  constructor(stores: Stores) {
    this.#stores = stores;
    this.judge = new Judge(() => this.#secrets());
    this.places = PLACES.map(
      (place) =>
        new Place({
          ...place,
          schedule: this.schedule,
          accuse: (what) => this.judge.accuse(what),
          carriedOut: (nonce, method, fault) => this.judge.carriedOut(nonce, method, fault),
        }),
    );
  }

  *#secrets(): Generator<string, void> {
    for (const { keys } of this.places) yield* keys.keys();
    yield* localTokens();
  }

  async start(): Promise<Owner> {
    this.#starting = this.#startOwner();
    this.owner = await this.#starting;
    return this.owner;
  }

  #startOwner(): Promise<Owner> {
    const vault = new ProcessVault(this.#stores.vault);
    return Owner.start({
      vault,
      file: this.#stores.file(this.schedule, () => {
        this.judge.isCalm = false;
      }),
      wire: new Wire(this.schedule, {
        receive: (arrival, fault) => this.#receive(arrival, fault),
        lost: (arrival) => this.#placeAt(arrival).lost(arrival),
      }),
      recognise: (token) => this.#recognised.get(token),
      witness: (sessions, registry) =>
        this.judge.witness(sessions, (address) => this.#leadsTo(address, registry)),
      stored: (account) => {
        this.#learnKey(account, vault.savedKey(account));
      },
      onFault: (event, error) => {
        const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        this.judge.accuse(`fault of the bridge: ${event}: ${what}`);
      },
    });
  }

  #placeAt({ url }: Arrival): Place {
    const place = this.places.find((one) => one.url.host === url.host);
    if (!place) throw new Error(`nobody is at ${url.host}`);
    return place;
  }

  #receive(arrival: Arrival, fault: Fault): Response {
    if (fault !== 'none') this.judge.isCalm = false;
    const place = this.#placeAt(arrival);
    const said = Object.values(arrival.headers).join('\n') + arrival.text;
    for (const secret of this.#secrets()) {
      if (!place.keys.has(secret) && said.includes(secret)) {
        this.judge.accuse(`a secret of somebody else came to ${place.url.host}`);
      }
    }
    return place.receive(arrival, fault);
  }

  #learnKey(account: AccountId, key: string | undefined): void {
    const name = this.places.map(({ keys }) => keys.get(key ?? '')).find((one) => one !== undefined);
    if (name !== undefined) this.#names.set(account, name);
  }

  /** Who requests to an address belong to now, by the list of accounts alone. */
  #leadsTo(address: string, { snapshot }: AccountRegistry): Expected {
    const { current, active, accounts } = snapshot;
    const wanted = (account: Account): boolean => {
      if (address === 'current') return account.id === current;
      return address === 'allv' ? account.id === active.allv : account.slug === address;
    };
    const account = accounts.find(wanted);
    const who = account && this.#names.get(account.id);
    if (!account || who === undefined) return undefined;
    return { who, user: (account.actingAs ?? account.user)?.value ?? '' };
  }

  /** The names of the keys that accounts begin with. */
  know(accounts: readonly Account[]): void {
    for (const [index, account] of accounts.entries()) {
      const place = this.places[FIRST[index]?.place ?? 0];
      place?.keys.set(keyOf(index), `${account.label}#0`);
      this.#names.set(account.id, `${account.label}#0`);
    }
    this.#nextKey = accounts.length;
    this.#nextLabel = accounts.length;
  }

  /** Adds the accounts that every run begins with. */
  async addFirst(): Promise<void> {
    for (const { place, user } of FIRST) await this.#add(place, user);
  }

  async #add(placeAt: number, user: number): Promise<void> {
    const place = this.places[placeAt % this.places.length];
    const label = 'abcdefghijklmnopqrstuvwxyz'[this.#nextLabel];
    if (!place || label === undefined) return;
    this.#nextLabel += 1;
    const key = keyOf(this.#nextKey);
    this.#nextKey += 1;
    if (this.places.some(({ keys }) => keys.has(key))) return;
    place.keys.set(key, `${label}#0`);
    const entered = {
      connector: 'allv',
      label,
      url: place.url.href,
      key,
      user: USERS[user],
      check: false,
    } as const;
    const added = await this.owner?.accounts.add(entered, new AbortController().signal);
    if (added) this.#names.set(added.account.id, `${label}#0`);
  }

  open({ door, era, address: at }: Opening): void {
    if (this.clients.length >= MOST_CLIENTS) return;
    const number = this.clients.length;
    const client = new Client(`client-${number}`, era, this.judge);
    this.clients.push(client);
    const address = ADDRESSES[at % ADDRESSES.length] ?? 'current';
    if (door === 'stdio') {
      const admit = async () => (await this.#present()).admit(client.name, address);
      client.begin(new StdioWay(client, admit));
      return;
    }
    const token = tokenOf(number);
    this.#recognised.set(token, { name: client.name, address });
    const connect = () => this.owner?.connect();
    client.begin(new HttpWay({ client, address, token, judge: this.judge, connect }));
  }

  async #present(): Promise<Owner> {
    if (!this.#starting) throw new Error('no owner was ever started');
    return this.#starting;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return this.open(step.client);
      case 'close':
        return this.#client(step.client)?.close();
      case 'call':
        return this.#client(step.client)?.call(step);
      case 'cancel':
        return this.#client(step.client)?.cancel(step.pick);
      case 'answer':
        return this.#client(step.client)?.answer(step.pick, step.isRefused);
      case 'listen':
        return this.#client(step.client)?.listen();
      case 'happen':
        if (step.fault !== 'none' && this.schedule.size > 0) this.judge.isCalm = false;
        return void this.schedule.next(step.pick, step.fault);
      case 'notice':
        return this.places[step.place]?.notice(step.pick);
      case 'forget':
        this.judge.isCalm = false;
        return this.places[step.place]?.restart();
      case 'restart':
        return this.restart(step.isKilled);
      default:
        return this.#change(step);
    }
  }

  #client(pick: number): Client | undefined {
    return this.clients[pick % this.clients.length];
  }

  /** What a person does takes its time; the program goes on meanwhile. */
  #change(step: Change): void {
    const { owner } = this;
    if (!owner) return;
    const { accounts } = owner.registry.snapshot;
    const account = accounts[('account' in step ? step.account : 0) % Math.max(accounts.length, 1)];
    const change =
      step.do === 'add' ? this.#add(step.place, step.user) : account && this.#of(step, owner, account);
    if (change) this.#during(change);
  }

  #of(
    step: Exclude<Change, { readonly do: 'add' }>,
    owner: Owner,
    account: Account,
  ): Promise<unknown> | undefined {
    switch (step.do) {
      case 'use':
        return owner.switching.use(account.id);
      case 'act':
        return owner.switching.actAs(account.id, USERS[step.user % USERS.length] ?? null);
      case 'remove':
        this.#goes(account);
        return owner.accounts.remove(account.id, new AbortController().signal);
      case 'rotate':
        return this.#rotate(owner, account, step.check);
      default:
        return step satisfies never;
    }
  }

  /** Without its secret the bridge cannot end the sessions of an account. */
  #goes({ label }: Account): void {
    this.judge.isCalm = false;
    for (const { removed } of this.places) removed.add(label);
  }

  #rotate(owner: Owner, { id, label, upstream }: Account, check: boolean): Promise<unknown> | undefined {
    const place = this.places.find(({ url }) => upstream.kind === 'http' && url.href === upstream.url);
    const key = keyOf(this.#nextKey);
    if (!place || this.#rotating.has(id) || this.places.some(({ keys }) => keys.has(key))) return undefined;
    this.judge.isCalm = false;
    const name = `${label}#${this.#nextKey}`;
    this.#nextKey += 1;
    place.keys.set(key, name);
    this.#rotating.set(id, name);
    const rotated = owner.accounts.rotateKey(id, key, check, new AbortController().signal);
    return rotated.finally(() => {
      // An owner that was killed may hear of the end of its own while the next one is at another.
      if (this.#rotating.get(id) === name) this.#rotating.delete(id);
    });
  }

  #during(change: Promise<unknown>): void {
    const ended = change.then(
      () => undefined,
      (error: unknown) => {
        const isRefused = error instanceof BridgeError && error.code !== 'internal';
        if (!isRefused || (this.judge.isCalm && !this.isEnding))
          this.judge.accuse(`a change failed: ${error}`);
      },
    );
    this.changes.add(ended);
    void ended.then(() => this.changes.delete(ended));
  }

  isEnding = false;

  async restart(isKilled: boolean): Promise<void> {
    const { owner } = this;
    if (!owner) return;
    this.judge.isCalm = false;
    runAhead(1000);
    if (isKilled) {
      owner.kill();
      this.changes.clear();
      this.#rotating.clear();
      for (const { sessions } of this.places)
        for (const session of sessions.values()) session.isExcused = true;
    } else {
      // Who quits has finished with a new key; what clients do goes on until the end.
      if (this.#rotating.size > 0) await this.pump();
      await this.pumpUntil(owner.quit());
    }
    for (const account of this.#names.keys()) {
      this.#learnKey(account, await this.#stores.keyOf(account));
    }
    await this.start();
  }

  /** Lets everything happen, in order, until nothing waits but what is tried again and again. */
  async pump(): Promise<void> {
    for (let events = 0, pauses = 0; events < MOST_EVENTS; events += 1) {
      await settle();
      if (this.schedule.nextEvent()) continue;
      pauses += 1;
      if (pauses > MOST_PAUSES) return;
      if (!this.schedule.next(0, 'none') && !this.schedule.nextLate()) return;
    }
    this.judge.accuse(`no end of: ${this.schedule.names.slice(0, 5).join(', ')}`);
  }

  async pumpUntil(done: Promise<unknown>): Promise<void> {
    let isDone = false;
    void done.finally(() => {
      isDone = true;
    });
    const since = Date.now();
    while (!isDone && Date.now() - since < 10_000) await this.pump();
    if (!isDone) this.judge.accuse('it never came to an end');
  }
}
