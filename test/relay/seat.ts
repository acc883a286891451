import { Signal } from '#bridge/base/events.ts';
import { type Log, silentLog } from '#bridge/base/log.ts';
import { readMessage } from '#bridge/jsonrpc/read.ts';
import type { Reply } from '#bridge/relay/channel.ts';
import type { AccountList } from '#bridge/sessions/binding.ts';
import type { DoorSession } from '#bridge/sessions/door.ts';
import { Epochs } from '#bridge/sessions/epochs.ts';
import { Gate } from '#bridge/sessions/gate.ts';
import { AccountHealth } from '#bridge/sessions/health.ts';
import { LiveSessions } from '#bridge/sessions/sessions.ts';
import { Eras } from '#bridge/upstream/eras.ts';
import { WorkspaceHttp } from '#bridge/upstream/http.ts';
import { Account, AccountId } from '#contract/account.ts';
import type { NewActivity } from '#contract/activity.ts';
import { Ledger } from '../invariants/ledger.ts';

export interface Heard {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** A test's account for one workspace. */
export function accountFor(url: string, slug: string, more: Partial<Account> = {}): Account {
  return Account.parse({
    id: AccountId.parse(`acc_${slug.replaceAll('-', '')}00000000`),
    slug,
    connector: 'custom',
    label: slug,
    color: 'blue',
    environment: 'production',
    upstream: { kind: 'http', url },
    signIn: { kind: 'none' },
    headers: {},
    secretHeaders: [],
    recentUsers: [],
    ownNetwork: true,
    rules: { readOnly: false, deny: [] },
    state: 'ready',
    createdAt: '2026-11-21T00:00:00.000Z',
    ...more,
  });
}

/** Live sessions over real workspaces, with a list of accounts that a test may replace. */
export class Room implements AsyncDisposable {
  list: AccountList;
  paused = false;
  readOnly = false;
  /** Takes the secrets of every account out of a text; here they have none. */
  withoutSecrets = (text: string): string => text;
  /** An account has another credential, as after a sign-in. */
  readonly replaced = new Signal<AccountId>();
  readonly activity: NewActivity[] = [];
  readonly http = new WorkspaceHttp();
  readonly eras = new Eras();
  readonly health = new AccountHealth(() => undefined);
  readonly sessions: LiveSessions;

  constructor(
    accounts: readonly Account[],
    current: Account | undefined = accounts[0],
    log: Log = silentLog,
  ) {
    this.list = { current: current?.id ?? null, active: {}, accounts };
    this.sessions = new LiveSessions({
      accounts: () => this.list,
      gate: new Gate(() => ({ paused: this.paused, readOnly: this.readOnly })),
      health: this.health,
      http: this.http,
      eras: this.eras,
      authorizer: {
        headers: (account) => Promise.resolve({ ...account.headers }),
        withoutSecrets: (_, text) => this.withoutSecrets(text),
      },
      grants: { refused: async () => false, worked: () => undefined, wanted: () => undefined },
      epochs: new Epochs(this.replaced),
      record: (entry) => void this.activity.push(entry),
      keepsBodies: () => false,
      version: '0.0.0',
      log,
    });
    this.replaced.on(() => this.sessions.rebind());
  }

  /** Makes another account current, as a switch does after it was warmed. */
  use(account: Account | undefined): void {
    this.list = { ...this.list, current: account?.id ?? null };
    this.sessions.rebind();
  }

  /** A client at an address. Over stdio it listens from the start; over HTTP it has no stream until it asks for one. */
  seat(address = 'current', door: 'stdio' | 'http' = 'stdio'): Seat {
    const seat = new Seat(this.sessions.open({ id: 'test', label: 'test', door }, { text: address }));
    if (door === 'stdio') seat.listen();
    return seat;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions[Symbol.asyncDispose]();
    await this.http[Symbol.asyncDispose]();
  }
}

/** A client in memory: speaks raw JSON-RPC to one session and keeps everything it hears. */
export class Seat {
  readonly session: DoorSession;
  readonly pushed: Heard[] = [];
  readonly answers: string[] = [];
  /** Answers questions of a workspace. */
  onQuestion: ((question: Heard) => unknown) | undefined;
  readonly #leaving = new AbortController();
  readonly #ledger = new Ledger('a seat');
  #waiters: { test: (heard: Heard) => boolean; resolve: (heard: Heard) => void }[] = [];
  #nextId = 1;

  constructor(session: DoorSession) {
    this.session = session;
  }

  /** Opens the standing stream. */
  listen(): void {
    this.session.attach({ event: ({ data }) => this.#hear(data), end: () => undefined });
  }

  #hear(data: Uint8Array | undefined): void {
    if (!data) return;
    const text = Buffer.from(data).toString();
    this.#ledger.hears(text);
    const heard = JSON.parse(text) as Heard;
    this.pushed.push(heard);
    this.#waiters = this.#waiters.filter(({ test, resolve }) => {
      if (!test(heard)) return true;
      resolve(heard);
      return false;
    });
    if (heard.id !== undefined && heard.method !== undefined && this.onQuestion) {
      const result = this.onQuestion(heard);
      void this.send({ jsonrpc: '2.0', id: heard.id, result });
    }
  }

  /** The first pushed message that passes, heard already or to come. */
  async heard(test: (heard: Heard) => boolean): Promise<Heard> {
    const past = this.pushed.find((heard) => test(heard));
    if (past) return past;
    return new Promise((resolve) => this.#waiters.push({ test, resolve }));
  }

  async send(message: object | string): Promise<string | undefined> {
    const bytes = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    this.#ledger.asks(bytes.toString());
    let answer: string | undefined;
    const reply: Reply = {
      resumable: false,
      gone: this.#leaving.signal,
      event: ({ data }) => this.#hear(data),
      answer: (body) => {
        if (answer !== undefined) throw new Error('answered twice');
        answer = Buffer.from(body).toString();
        this.#ledger.hears(answer);
        this.answers.push(answer);
      },
      end: () => undefined,
    };
    await this.session.receive(readMessage(bytes), reply);
    return answer;
  }

  async ask(method: string, params: object = {}): Promise<Heard> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = await this.send({ jsonrpc: '2.0', id, method, params });
    return JSON.parse(answer ?? '{}') as Heard;
  }

  async greet(capabilities: object = {}, version = '2025-11-25'): Promise<Heard> {
    const clientInfo = { name: 'seat', version: '1' };
    const welcome = await this.ask('initialize', { protocolVersion: version, capabilities, clientInfo });
    await this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return welcome;
  }

  /** The text of a tool's answer. */
  async call(name: string, given: object = {}): Promise<string> {
    const answer = await this.ask('tools/call', { name, arguments: given });
    if (answer.error) return `error ${answer.error.code}: ${answer.error.message}`;
    const content = answer.result?.content as { text: string }[];
    return content.map(({ text }) => text).join('');
  }

  leave(): void {
    this.#leaving.abort();
  }
}
