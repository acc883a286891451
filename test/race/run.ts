import { join } from 'node:path';
import { hasEnded } from '#contract/sign-in.ts';
import { signInByScript } from '../browser/scripted.ts';
import { statesOf } from '../sign-in/person.ts';
import { type PelcroWithOAuth, startPelcroWithOAuth } from '../workspaces/pelcro-oauth.ts';
import { OwnerProcess } from './owner.ts';
import { Seat } from './seat.ts';

export interface RaceOptions {
  readonly folder: string;
  readonly seconds: number;
  readonly clients: number;
  readonly tokenSeconds: number;
  readonly killEverySeconds: number;
  /** Told what happens, one line each. */
  readonly say: (line: string) => void;
}

/** What a race brought to light. */
export interface RaceReport {
  readonly seconds: number;
  readonly answered: number;
  readonly misrouted: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly unexpected: readonly string[];
  readonly kills: number;
  readonly switches: number;
  readonly renewals: number;
  /** Renewals that the authorization server refused. */
  readonly refusedRenewals: number;
  /** Sign-ins lost because an owner was killed between the server's answer and the end of its saving. */
  readonly interrupted: number;
  /** Sign-ins lost for any other reason, in words. */
  readonly unplanned: readonly string[];
  /** Clients were told to sign in while no account was interrupted. */
  readonly strayRefusals: number;
  /** Sign-ins that nobody here began. */
  readonly uninvited: number;
  /** From the arrival of a token answer to its being safe on disk: milliseconds, sorted. */
  readonly windowsMs: readonly number[];
}

const ACCOUNTS = [
  { id: 'herald', name: 'The Herald', sites: ['site_1'] },
  { id: 'gazette', name: 'The Gazette', sites: ['site_9'] },
];
const SWITCH_MS = 1_500;
const LOOK_MS = 500;

/**
 * Many clients on two accounts whose tokens live for seconds, on a server that revokes everything when a refresh token
 * comes twice, with switches all the time and an owner that is killed again and again.
 */
export async function runRace(options: RaceOptions): Promise<RaceReport> {
  await using stack = new AsyncDisposableStack();
  const sample = stack.use(
    await startPelcroWithOAuth({ accounts: ACCOUNTS, accessTokenSeconds: options.tokenSeconds }),
  );
  const owner = stack.use(await OwnerProcess.start(join(options.folder, 'race')));
  const race = new Race(sample, owner, options);
  try {
    await race.prepare();
    return await race.run();
  } catch (error) {
    for (const line of owner.log.slice(-20)) options.say(JSON.stringify(line));
    throw error;
  }
}

class Race {
  readonly #sample: PelcroWithOAuth;
  readonly #owner: OwnerProcess;
  readonly #options: RaceOptions;
  readonly #seats: Seat[] = [];
  readonly #unplanned: string[] = [];
  /** From the kill to the new sign-in, in milliseconds since 1970. */
  readonly #interruptions: { from: number; to: number }[] = [];
  #begun = 0;
  #seen = 0;
  #kills = 0;
  #switches = 0;
  #lastKillAt = 0;

  constructor(sample: PelcroWithOAuth, owner: OwnerProcess, options: RaceOptions) {
    this.#sample = sample;
    this.#owner = owner;
    this.#options = options;
  }

  async prepare(): Promise<void> {
    const { control, home } = this.#owner;
    // The shims must not start owners of their own, which would not know the passphrase.
    await control.settings.set({ startOwner: false });
    for (const { id, name } of ACCOUNTS) {
      const url = this.#sample.pelcro.origin;
      await control.accounts.add({ connector: 'pelcro', label: id, url, environment: 'production' });
      await this.#signIn(id);
      this.#options.say(`signed in to ${name}`);
    }
    const addresses = [...ACCOUNTS.map(({ id }) => id), 'current', 'pelcro'];
    for (let index = 0; index < this.#options.clients; index += 1) {
      const address = addresses[index % addresses.length] ?? 'current';
      const expected = ACCOUNTS.find(({ id }) => id === address)?.name;
      // Half of them by each door, and each address by both.
      const byHttp = Math.floor(index / addresses.length) % 2 === 1;
      const endpoint = byHttp ? await control.endpoint.mint({ client: `race ${index}`, address }) : undefined;
      this.#seats.push(new Seat({ address, expected, home, ...(endpoint ? { endpoint } : {}) }));
    }
  }

  async run(): Promise<RaceReport> {
    const ending = new AbortController();
    const { signal } = ending;
    const work = this.#seats.map((seat) => seat.work(signal));
    const endsAt = Date.now() + this.#options.seconds * 1000;
    const killMs = this.#options.killEverySeconds * 1000;
    let killAt = Date.now() + killMs;
    let switchAt = 0;
    while (Date.now() < endsAt) {
      if (Date.now() >= killAt) {
        await this.#kill();
        killAt = Date.now() + killMs;
      }
      if (Date.now() >= switchAt) {
        await this.#switch();
        switchAt = Date.now() + SWITCH_MS;
      }
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    ending.abort();
    await Promise.all(work);
    return this.#report();
  }

  async #kill(): Promise<void> {
    this.#lastKillAt = Date.now();
    await this.#noteSignIns();
    await this.#owner.kill();
    this.#kills += 1;
    this.#seen = 0;
    this.#begun = 0;
    await this.#owner.start();
  }

  async #switch(): Promise<void> {
    const account = ACCOUNTS[this.#switches % ACCOUNTS.length]?.id ?? '';
    this.#switches += 1;
    // An account that needs a sign-in is not switched to.
    await this.#owner.control.accounts.use({ account }).catch(() => undefined);
  }

  /** Signs in again where it is needed, and notes why. */
  async #look(): Promise<void> {
    for (const { slug, state, signInReason } of await this.#owner.control.accounts.list()) {
      if (state === 'ready') continue;
      if (signInReason === 'interrupted') {
        const interruption = { from: this.#lastKillAt, to: Number.POSITIVE_INFINITY };
        this.#interruptions.push(interruption);
        await this.#signIn(slug);
        interruption.to = Date.now();
      } else {
        this.#unplanned.push(`${slug}: ${signInReason}`);
        await this.#signIn(slug);
      }
      this.#options.say(`${slug} had to be signed in to again: ${signInReason}`);
    }
  }

  async #signIn(account: string): Promise<void> {
    const { control } = this.#owner;
    this.#begun += 1;
    const { id } = await control.signIn.start({ account });
    for await (const state of statesOf(control, id)) {
      if (state.step === 'waiting') await signInByScript(state.link, { account });
      if (!hasEnded(state)) continue;
      if (state.step !== 'done') throw new Error(`Signing in ended as ${JSON.stringify(state)}.`);
      return;
    }
  }

  async #noteSignIns(): Promise<void> {
    const { length } = await this.#owner.control.signIn.list();
    this.#seen += Math.max(0, length - this.#begun);
  }

  async #report(): Promise<RaceReport> {
    await this.#noteSignIns();
    const counts = this.#seats.map((seat) => seat.counts);
    const errors: Record<string, number> = {};
    for (const [kind, count] of counts.flatMap((one) => [...one.errors]))
      errors[kind] = (errors[kind] ?? 0) + count;
    const renewals = this.#sample.oauth.requests.tokens('refresh_token');
    const refusals = counts.flatMap(({ signInNeededAt }) => signInNeededAt);
    const isExplained = (at: number): boolean =>
      this.#interruptions.some(({ from, to }) => at >= from && at <= to + LOOK_MS);
    return {
      seconds: this.#options.seconds,
      answered: sum(counts.map(({ answered }) => answered)),
      misrouted: sum(counts.map(({ misrouted }) => misrouted)),
      errors,
      unexpected: counts.flatMap(({ unexpected }) => unexpected),
      kills: this.#kills,
      switches: this.#switches,
      renewals: renewals.length,
      refusedRenewals: renewals.filter(({ status }) => status !== 200).length,
      interrupted: this.#interruptions.length,
      unplanned: this.#unplanned,
      strayRefusals: refusals.filter((at) => !isExplained(at)).length,
      uninvited: this.#seen,
      windowsMs: this.#owner.log
        .filter(({ msg }) => msg === 'grants.renewed')
        .map(({ savedMs }) => Number(savedMs))
        .sort((one, other) => one - other),
    };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
