import { accounts, bitOf, numberOf, signatureOf } from './accounts.ts';
import type { Door, Reply } from './doors.ts';
import { outcomes } from './ledger.ts';
import { GREETING, INITIALIZED, requestText } from './messages.ts';
import { type ClientPlan, placesOf, type Records, type World } from './records.ts';

interface Answer {
  readonly id?: number;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly tools?: readonly { readonly description?: string }[];
  };
  readonly error?: {
    readonly code?: number;
    readonly message?: string;
    readonly data?: { readonly source?: string; readonly mayHaveRun?: boolean };
  };
}

/** What an outage may do to a call. */
const PASSING: readonly (number | undefined)[] = [-31010, -31012, -31002];
const SIGN_IN_NEEDED = -31001;
/** Every so many calls ask for the list instead. */
const LIST_EVERY = 50;
const AFTER_ERROR_MS = 200;

const bySignature = new Map(accounts.map((account, index) => [signatureOf(account), index + 1]));

/** Calls for as long as there is something to call, and looks at every answer. */
export class EnduranceClient {
  readonly #plan: ClientPlan;
  readonly #door: Door;
  readonly #records: Records;
  readonly #world: World;
  #id = 0;
  #calls = 0;
  #begun: Promise<boolean> | undefined;

  constructor(plan: ClientPlan, door: Door, records: Records, world: World) {
    this.#plan = plan;
    this.#door = door;
    this.#records = records;
    this.#world = world;
  }

  async work(): Promise<void> {
    while (!this.#world.isStopping) {
      this.#begun ??= this.#begin();
      const begun = this.#begun;
      if (!(await begun)) {
        if (this.#begun === begun) this.#begun = undefined;
        await pause(AFTER_ERROR_MS);
        continue;
      }
      if (!this.#world.take()) return;
      const end = await this.#call();
      if (end === 'forgotten' && this.#begun === begun) this.#begun = undefined;
      const wait = end === 'answered' ? this.#world.pace() : AFTER_ERROR_MS;
      if (wait > 0) await pause(wait);
    }
  }

  async #begin(): Promise<boolean> {
    const { era } = this.#plan;
    this.#door.startOver();
    const since = performance.now();
    // A client without a handshake that knows what it speaks need not ask first.
    const [method, params] = era === 'legacy' ? ['initialize', GREETING] : ['tools/list', {}];
    const { answer, reply } = await this.#ask(method, params);
    if (!answer?.result) {
      this.#records.count(`begin: ${answer?.error?.code ?? reply.kind}`);
      if (!this.#isExplained(answer, since, this.#allowedSince(0))) {
        this.#records.unexpectedly(`${method}: ${JSON.stringify(answer ?? reply)}`);
      }
      return false;
    }
    if (era === 'legacy') await this.#door.send(undefined, 'notifications/initialized', {}, INITIALIZED);
    if (this.#plan.listens) this.#door.listen();
    return true;
  }

  async #ask(method: string, params: object): Promise<{ reply: Reply; answer?: Answer }> {
    this.#id += 1;
    const id = this.#id;
    const reply = await this.#door.send(id, method, params, requestText(this.#plan.era, id, method, params));
    if (reply.kind !== 'line') return { reply };
    this.#records.see(reply.line);
    let answer: Answer;
    try {
      answer = JSON.parse(reply.line) as Answer;
    } catch {
      this.#records.unexpectedly(`${method}: not JSON: ${reply.line}`);
      return { reply, answer: {} };
    }
    if (answer.id !== id && answer.error === undefined) {
      this.#records.unexpectedly(`the answer of ${answer.id} came for ${id}`);
      return { reply, answer: {} };
    }
    return { reply, answer };
  }

  async #call(): Promise<'answered' | 'failed' | 'forgotten'> {
    const { number, address, door, era } = this.#plan;
    const call = this.#calls;
    this.#calls += 1;
    this.#records.sent.set(number, this.#calls);
    const isList = call % LIST_EVERY === LIST_EVERY - 1;
    const tick = this.#world.selections.get(address)?.now ?? 0;
    const since = performance.now();
    const nonce = `${number}.${call}`;
    const { reply, answer } = isList
      ? await this.#ask('tools/list', {})
      : await this.#ask('tools/call', { name: 'echo', arguments: { nonce } });
    const tookMs = performance.now() - since;
    const allowed = this.#allowedSince(tick);
    this.#records.allowed.set(number, call, allowed);
    const set = (outcome: number): void => this.#records.outcomes.set(number, call, outcome);
    if (!answer?.result) {
      set(this.#failed(reply, answer, since, allowed));
      return reply.kind === 'forgotten' ? 'forgotten' : 'failed';
    }
    const [signature = '', said] = (
      answer.result.content?.[0]?.text ?? `${answer.result.tools?.[0]?.description}: ${nonce}`
    ).split(': ');
    const account = bySignature.get(signature) ?? 0;
    if (account === 0 || said !== nonce) {
      this.#records.unexpectedly(`${nonce}: ${reply.kind === 'line' ? reply.line : ''}`);
      return 'failed';
    }
    this.#records.latency.add(tookMs);
    const way = `${door} ${era}`;
    this.#records.answered[way] = (this.#records.answered[way] ?? 0) + 1;
    if (isList && (bitOf(account) & allowed) === 0) this.#records.unexpectedly(`a list of ${signature}`);
    set(isList ? outcomes.list : account);
    return 'answered';
  }

  #failed(reply: Reply, answer: Answer | undefined, since: number, allowed: number): number {
    const { error } = answer ?? {};
    const records = this.#records;
    records.count(error?.code === undefined ? reply.kind : String(error.code));
    if (error?.code === SIGN_IN_NEEDED) records.signInsNeeded.push({ at: Date.now(), allowed });
    else if (!this.#isExplained(answer, since, allowed)) {
      const said = answer ?? reply;
      records.unexpectedly(
        `${this.#plan.door} ${this.#plan.era} ${this.#plan.address}: ${JSON.stringify(said)}`,
      );
    }
    if (reply.kind === 'cut') return outcomes.cut;
    return error?.data?.mayHaveRun === true ? outcomes.mayHaveRun : outcomes.notRun;
  }

  #isExplained(answer: Answer | undefined, since: number, allowed: number): boolean {
    // A shim outlives owners.
    if (answer === undefined && this.#plan.door === 'stdio') return false;
    const isPassing = answer === undefined || PASSING.includes(answer.error?.code);
    return isPassing && this.#world.outages.explains(since, ['owner', ...placesOf(allowed)]);
  }

  #allowedSince(tick: number): number {
    const selection = this.#world.selections.get(this.#plan.address);
    return selection ? selection.since(tick) : bitOf(numberOf(this.#plan.address));
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
