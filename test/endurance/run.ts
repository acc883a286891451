import { setTimeout as sleep } from 'node:timers/promises';
import { OwnerProcess } from '../race/owner.ts';
import { buildNativeShim } from '../shim/native-shim.ts';
import { signInAs } from '../sign-in/person.ts';
import { accounts, numberOf, type PlaceName, places } from './accounts.ts';
import { chance } from './chance.ts';
import type { ClientDuties, Work } from './clients.ts';
import { Colleague } from './colleague.ts';
import { entryOf, freshSecrets } from './entries.ts';
import type { Inside } from './inside.ts';
import { judge } from './judge.ts';
import { Ledger } from './ledger.ts';
import { flatnessOf, openFiles, residentMB, type Sample, WARM_SECONDS } from './memory.ts';
import { lookInside, openToLooks } from './owner-inside.ts';
import { plansOf } from './plans.ts';
import type { ClientPlan } from './records.ts';
import { type EnduranceReport, reportOf } from './report.ts';
import type { WorkspaceDuties } from './workspaces.ts';

export interface EnduranceOptions {
  readonly folder: string;
  readonly clients: number;
  /** The run ends with the first of both: so many calls, so many seconds. */
  readonly calls: number;
  readonly seconds: number;
  /** Calls per second; 0: as many as possible. */
  readonly rate: number;
  readonly lanes: number;
  readonly seed: number;
  readonly killEverySeconds: number;
  readonly restartEverySeconds: number;
  readonly tokenSeconds: number;
  /** Which part of the run, at its end, is one owner's undisturbed life. */
  readonly calmShare: number;
  /** Told what happens, one line each. */
  readonly say: (line: string) => void;
}

const SWITCH_MS = 200;
const LOOK_MS = 500;
const SAY_MS = 10_000;
/** Longer than a shim waits for the next owner. */
const STOP_MS = 45_000;
/** How long after a new sign-in somebody may still be told of the old one's end. */
const ECHO_MS = 3_000;

/** Runs everything, and says what came of it. */
export async function runEndurance(options: EnduranceOptions): Promise<EnduranceReport> {
  buildNativeShim();
  await using stack = new AsyncDisposableStack();
  const workspaces = stack.use(new Colleague<WorkspaceDuties>(new URL('./workspaces.ts', import.meta.url)));
  const clients = stack.use(new Colleague<ClientDuties>(new URL('./clients.ts', import.meta.url)));
  const owner = stack.use(await OwnerProcess.start(options.folder, undefined, openToLooks(options.folder)));
  const run = new EnduranceRun(options, owner, workspaces, clients);
  try {
    await run.prepare();
    return await run.run();
  } catch (error) {
    for (const line of owner.log.slice(-20)) options.say(JSON.stringify(line));
    throw error;
  }
}

class EnduranceRun {
  readonly #options: EnduranceOptions;
  readonly #owner: OwnerProcess;
  readonly #workspaces: Colleague<WorkspaceDuties>;
  readonly #clients: Colleague<ClientDuties>;
  readonly #random: () => number;
  readonly #samples: Sample[] = [];
  readonly #interruptions: { readonly account: string; readonly from: number; to: number }[] = [];
  readonly #unplanned: string[] = [];
  readonly #counts = { kills: 0, restarts: 0, switches: 0, failedSwitches: 0, signIns: 0, uninvited: 0 };
  readonly #ending = new AbortController();
  #inside: { readonly life: number; readonly warm: Inside } | undefined;
  #shims: number[] = [];
  #pid = 0;
  #bornAt = 0;
  #lastKillAt = 0;
  /** While the owner is down, nobody asks it anything. */
  #up: Promise<void> = Promise.resolve();
  #sent = 0;
  #begunAt = 0;
  #shimMB = { warm: Number.NaN, end: Number.NaN };

  constructor(
    options: EnduranceOptions,
    owner: OwnerProcess,
    workspaces: Colleague<WorkspaceDuties>,
    clients: Colleague<ClientDuties>,
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#workspaces = workspaces;
    this.#clients = clients;
    this.#random = chance(options.seed);
  }

  async prepare(): Promise<void> {
    const { control } = this.#owner;
    const { tokenSeconds, say } = this.#options;
    // The shims must not start owners of their own, which would not know the passphrase.
    await control.settings.set({ startOwner: false });
    const secrets = freshSecrets();
    const urls = await this.#workspaces.ask('start', { secrets, tokenSeconds });
    for (const account of accounts) {
      const { id, key, place } = account;
      await control.accounts.add(entryOf(account, urls[place] ?? '', secrets));
      if (!key) await this.#signIn(id);
      say(`${id} can be used`);
    }
    for (const { id } of accounts) await this.#switchTo(id);
    const plans = plansOf(this.#options.clients);
    const mint = async (plan: ClientPlan): Promise<Work['clients'][number]> => {
      if (plan.door === 'stdio') return plan;
      const { address, number } = plan;
      return { ...plan, endpoint: await control.endpoint.mint({ client: `endurance ${number}`, address }) };
    };
    const clients: Work['clients'][number][] = [];
    for (const plan of plans) clients.push(await mint(plan));
    const tokens = clients.flatMap(({ endpoint }) => Object.values(endpoint?.headers ?? {}));
    await this.#workspaces.ask(
      'adopt',
      tokens.map((value) => value.replace('Bearer ', '')),
    );
    const { calls, rate, lanes, seed } = this.#options;
    await this.#born();
    this.#begunAt = Date.now();
    this.#shims = await this.#clients.ask('begin', {
      home: this.#owner.home,
      clients,
      calls,
      rate,
      lanes,
      seed,
    });
  }

  async run(): Promise<EnduranceReport> {
    const { signal } = this.#ending;
    const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
      while (!signal.aborted) {
        const since = Date.now();
        await this.#up;
        if (signal.aborted) return;
        await work();
        await sleep(Math.max(0, ms - (Date.now() - since)), undefined, { signal }).catch(() => undefined);
      }
    };
    const { killEverySeconds, restartEverySeconds, seconds } = this.#options;
    let killAt = Date.now() + killEverySeconds * 1000;
    const work = [
      every(SWITCH_MS, () => this.#switch()),
      every(LOOK_MS, () => this.#look()),
      every(1000, () => this.#sample()),
      every(SAY_MS, () => this.#say()),
      every(restartEverySeconds * 1000, () => this.#restart()),
    ];
    while (!signal.aborted) {
      const { isDone, sent } = await this.#clients.ask('progress', null);
      this.#sent = sent;
      if (isDone || this.#seconds >= seconds) this.#ending.abort();
      else if (Date.now() >= killAt && !this.#isCalm) {
        await this.#kill();
        killAt = Date.now() + killEverySeconds * 1000;
      }
      await sleep(250);
    }
    await Promise.all(work);
    const runSeconds = this.#seconds;
    // While they still call: what is left then is what is in use.
    const insideEnd = await lookInside(this.#options.folder, this.#pid);
    await this.#clients.ask('stop', STOP_MS);
    return this.#report(runSeconds, insideEnd);
  }

  get #seconds(): number {
    return (Date.now() - this.#begunAt) / 1000;
  }

  get #isCalm(): boolean {
    const { calls, seconds, calmShare } = this.#options;
    return Math.max(this.#sent / calls, this.#seconds / seconds) >= 1 - calmShare;
  }

  async #born(): Promise<void> {
    this.#pid = (await this.#owner.control.status()).pid;
    this.#bornAt = Date.now();
  }

  async #kill(): Promise<void> {
    const back = Promise.withResolvers<void>();
    this.#up = back.promise;
    await this.#noteSignIns();
    await this.#clients.ask('outage', { what: 'owner', isOver: false });
    this.#lastKillAt = Date.now();
    await this.#owner.kill();
    this.#counts.kills += 1;
    this.#counts.signIns = 0;
    await this.#owner.start();
    await this.#born();
    const current = (await this.#owner.control.accounts.list()).filter(({ active }) => active);
    for (const { slug } of current) await this.#settle(slug);
    await this.#clients.ask('outage', { what: 'owner', isOver: true });
    back.resolve();
  }

  async #restart(): Promise<void> {
    const place: PlaceName = places[Math.floor(this.#random() * places.length)]?.name ?? 'allv';
    await this.#clients.ask('outage', { what: place, isOver: false });
    await this.#workspaces.ask('restart', place);
    await this.#clients.ask('outage', { what: place, isOver: true });
    this.#counts.restarts += 1;
  }

  async #switch(): Promise<void> {
    await this.#switchTo(accounts[Math.floor(this.#random() * accounts.length)]?.id ?? '');
  }

  async #switchTo(id: string): Promise<void> {
    const address = accounts.find((account) => account.id === id)?.connector ?? '';
    const tell = (settled: boolean): Promise<void> =>
      this.#clients.ask('select', { addresses: ['current', address], account: numberOf(id), settled });
    await tell(false);
    try {
      await this.#owner.control.accounts.use({ account: id });
      this.#counts.switches += 1;
      await tell(true);
    } catch {
      // Its workspace is down, it needs a sign-in, or the owner was killed: what holds now is asked for.
      this.#counts.failedSwitches += 1;
      await this.#up;
      for (const { slug, active } of await this.#owner.control.accounts.list().catch(() => [])) {
        if (active) await this.#settle(slug);
      }
    }
  }

  /** Tells the clients what is certainly selected. */
  async #settle(slug: string): Promise<void> {
    const address = accounts.find(({ id }) => id === slug)?.connector ?? '';
    const list = await this.#owner.control.accounts.list();
    const isCurrent = list.some((one) => one.slug === slug && one.current);
    const addresses = isCurrent ? ['current', address] : [address];
    await this.#clients.ask('select', { addresses, account: numberOf(slug), settled: true });
  }

  /** Signs in again where it is needed, and notes why. */
  async #look(): Promise<void> {
    const list = await this.#owner.control.accounts.list().catch(() => []);
    for (const { slug, state, signInReason } of list) {
      if (state === 'ready') continue;
      this.#options.say(`${slug} has to be signed in to again: ${signInReason}`);
      const interruption = { account: slug, from: this.#lastKillAt, to: Number.POSITIVE_INFINITY };
      if (signInReason === 'interrupted') this.#interruptions.push(interruption);
      else this.#unplanned.push(`${slug}: ${signInReason}`);
      await this.#signIn(slug).catch(() => undefined);
      interruption.to = Date.now() + ECHO_MS;
    }
  }

  async #signIn(id: string): Promise<void> {
    this.#counts.signIns += 1;
    const choose = { account: id, email: `${id}@example.com` };
    const { last } = await signInAs(this.#owner.control, id, { choose });
    if (last.step !== 'done') throw new Error(`Signing in to ${id} ended as ${JSON.stringify(last)}.`);
  }

  async #noteSignIns(): Promise<void> {
    const { length } = await this.#owner.control.signIn.list();
    this.#counts.uninvited += Math.max(0, length - this.#counts.signIns);
  }

  async #sample(): Promise<void> {
    const [resident, files] = [residentMB(this.#pid), openFiles(this.#pid)];
    if (resident === undefined || files === undefined) return;
    const seconds = (Date.now() - this.#bornAt) / 1000;
    this.#samples.push({ life: this.#counts.kills, seconds, residentMB: resident, files });
    const life = this.#counts.kills;
    if (seconds >= WARM_SECONDS && this.#inside?.life !== life) {
      const warm = await lookInside(this.#options.folder, this.#pid);
      if (warm) this.#inside = { life, warm };
    }
    const shims = this.#shims.map((pid) => residentMB(pid) ?? 0);
    const most = Math.max(0, ...shims);
    // The shims live as long as the run.
    if (this.#seconds < 60) this.#shimMB.warm = most;
    this.#shimMB.end = most;
  }

  async #say(): Promise<void> {
    const { sent, answered, unexpected } = await this.#clients.ask('progress', null);
    const { kills, restarts, switches } = this.#counts;
    const { residentMB: resident = 0, files = 0 } = this.#samples.at(-1) ?? {};
    this.#options.say(
      `${Math.round(this.#seconds)} s: ${sent} calls, ${answered} answered, ${unexpected} unexpected; ${kills} kills, ` +
        `${restarts} restarts, ${switches} switches; owner ${resident.toFixed(0)} MB, ${files} files`,
    );
  }

  async #report(seconds: number, insideEnd: Inside | undefined): Promise<EnduranceReport> {
    await this.#noteSignIns();
    const found = await this.#clients.ask('report', null);
    const executions = Ledger.from(await this.#workspaces.ask('executions', null));
    const seen = await this.#workspaces.ask('seen', null);
    await this.#clients.ask('leave', null);
    await this.#owner.stop();
    const leaks = await this.#workspaces.ask('search', {
      texts: {
        'messages to clients': found.shapes.join('\n'),
        'log of the owner': this.#owner.log.map((line) => JSON.stringify(line)).join('\n'),
      },
      folders: [this.#owner.home],
    });
    const verdict = judge({
      sent: found.sent,
      outcomes: Ledger.from(found.outcomes),
      allowed: Ledger.from(found.allowed),
      executions,
    });
    const isExplained = ({ at, allowed }: { at: number; allowed: number }): boolean =>
      this.#interruptions.some(
        ({ account, from, to }) => (allowed & (1 << (numberOf(account) - 1))) !== 0 && at >= from && at <= to,
      );
    return reportOf({
      seconds,
      options: this.#options,
      found,
      seen,
      verdict,
      leaks,
      counts: this.#counts,
      interrupted: this.#interruptions.length,
      unplanned: this.#unplanned,
      strayRefusals: found.signInsNeeded.filter((one) => !isExplained(one)).length,
      faults: this.#owner.log.filter(({ level }) => Number(level) >= 50).map((line) => JSON.stringify(line)),
      flatness: flatnessOf(this.#samples),
      inside: {
        warm: this.#inside?.life === this.#counts.kills ? this.#inside.warm : undefined,
        end: insideEnd,
      },
      shimMB: this.#shimMB,
    });
  }
}
