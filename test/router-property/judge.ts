import type { Message } from '#bridge/jsonrpc/message.ts';
import type { DoorSession, Sessions } from '#bridge/sessions/door.ts';
import type { LiveSessions } from '#bridge/sessions/sessions.ts';
import { nameOf } from './answers.ts';
import { at, type Echo, echoIn } from './echo.ts';
import type { Fault } from './schedule.ts';

/** Who an address leads to: an account with the key of that moment, and the user it acts as. */
export type Expected = Pick<Echo, 'who' | 'user'> | undefined;

/** One request of a client with an id. */
export interface Asked {
  readonly client: string;
  /** Raw. */
  readonly id: string;
  readonly method: string;
  readonly nonce: string;
  /** Who it has to be answered by; known from the moment the bridge took it. */
  expected: { readonly by: Expected } | undefined;
  answers: number;
  /** It goes on with an earlier request, so it belongs to whoever answered that, and ends with them. */
  readonly isContinuing: boolean;
  /** Why it may stay without an answer. */
  excuse: string | undefined;
}

/** How a client of both eras is told to shake hands. */
const STEERED = -32601;
/** Who asked is not there any more, or is somebody else. */
const ASKED_ELSEWHERE = -32602;
/** By which clients here refuse to answer a question; a call may fail of it. */
export const REFUSED = -1;

/** Knows who asked what, and says what went wrong. */
export class Judge {
  readonly complaints: string[] = [];
  readonly asked: Asked[] = [];
  /** Nothing was made to go wrong, so nothing may. */
  isCalm = true;
  answered = 0;
  succeeded = 0;
  readonly #carriedOut = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #secrets: () => Iterable<string>;

  /** @param secrets none of which may come down, or go to another workspace. */
  constructor(secrets: () => Iterable<string>) {
    this.#secrets = secrets;
  }

  accuse(what: string): void {
    this.complaints.push(what);
  }

  /** A client says this, and waits for an answer. */
  asks(client: string, id: string, method: string, nonce: string, expected?: Asked['expected']): Asked {
    const isContinuing = expected !== undefined;
    const asked = { client, id, method, nonce, expected, isContinuing, answers: 0, excuse: undefined };
    this.asked.push(asked);
    return asked;
  }

  /** The request of a client that this answer is for. */
  find(client: string, id: string | null): Asked | undefined {
    return this.asked.find((asked) => asked.client === client && asked.id === id);
  }

  /** A workspace carried a request out; that a fault was put on it may be why it comes once more. */
  carriedOut(nonce: string, method: string, fault: Fault): void {
    const key = `${method} ${nonce}`;
    const times = (this.#carriedOut.get(key) ?? 0) + 1;
    this.#carriedOut.set(key, times);
    const faults = this.#faults.get(key) ?? 0;
    if (fault !== 'none') this.#faults.set(key, faults + 1);
    const most = method === 'tools/call' ? 1 : 1 + faults;
    if (times > most) this.accuse(`${key} was carried out ${times} times`);
  }

  /** No secret is in what a client reads. */
  read(client: string, text: string): void {
    for (const secret of this.#secrets()) {
      if (text.includes(secret)) this.accuse(`${client} read a secret: ${text.slice(0, 200)}`);
    }
  }

  /** Anything but an answer: it may only be about this very client. */
  heard(client: string, message: unknown): void {
    const echo = echoIn(message);
    if (echo && echo.client !== client) this.accuse(`${client} heard what was meant for ${echo.client}`);
  }

  answers(asked: Asked | undefined, client: string, message: unknown): void {
    if (asked) this.#answer(asked, message);
    else this.accuse(`${client} got an answer to nothing: ${JSON.stringify(message).slice(0, 200)}`);
  }

  #answer(asked: Asked, message: unknown): void {
    asked.answers += 1;
    const what = `${asked.client} ${asked.id} ${asked.method} ${asked.nonce}`;
    if (asked.answers > 1) {
      this.accuse(`${what} was answered ${asked.answers} times`);
      return;
    }
    this.answered += 1;
    const error = at(message, 'error');
    if (error !== undefined) {
      const code = at(error, 'code');
      const isSteered = asked.method === 'server/discover' && code === STEERED;
      const isOver = (asked.isContinuing && code === ASKED_ELSEWHERE) || code === REFUSED;
      const isExcused = asked.excuse !== undefined || asked.expected?.by === undefined;
      const isLawful = !this.isCalm || isExcused || isSteered || isOver;
      if (!isLawful) this.accuse(`${what} failed though nothing was wrong: ${JSON.stringify(error)}`);
      return;
    }
    this.succeeded += 1;
    const echo = echoIn(message);
    if (echo) this.#compare(what, asked, echo);
    else if (asked.nonce !== '' && asked.expected?.by && this.isCalm && !isEmptyList(message)) {
      this.accuse(`${what} was answered with ${JSON.stringify(at(message, 'result')).slice(0, 200)}`);
    }
  }

  #compare(what: string, { expected, client, nonce }: Asked, echo: Echo): void {
    const by = expected?.by;
    if (!by) this.accuse(`${what} was answered by ${nameOf(echo)} though its address led nowhere`);
    else if (nameOf(by) !== nameOf(echo))
      this.accuse(`${what} belongs to ${nameOf(by)}; ${nameOf(echo)} answered`);
    if (echo.client !== client) this.accuse(`${what} got the answer of ${echo.client}`);
    if (nonce !== '' && echo.nonce !== nonce && echo.nonce !== 'welcome' && !echo.nonce.includes('-state-')) {
      const isQuestion = echo.nonce.endsWith(`/${nonce}`);
      if (!isQuestion) this.accuse(`${what} got the answer to ${echo.nonce}`);
    }
  }

  /** At the end: everything was answered once, except what nobody waits for. */
  closeBooks(): void {
    for (const { client, id, method, nonce, answers, excuse } of this.asked) {
      if (answers === 0 && excuse === undefined)
        this.accuse(`${client} ${id} ${method} ${nonce} was never answered`);
    }
  }

  /** The doors' sessions, with a look at each request in the moment it is taken. */
  witness(sessions: LiveSessions, leadsTo: (address: string) => Expected): Sessions {
    const watched = (client: string, address: string, session: DoorSession): DoorSession => ({
      id: session.id,
      get greeted() {
        return session.greeted;
      },
      receive: (message: Message, reply, headers) => {
        const asked = message.kind === 'request' ? this.find(client, message.id) : undefined;
        // Over stdio a handshake that was not answered is said again to the next owner.
        if (asked && !asked.isContinuing && asked.answers === 0) asked.expected = { by: leadsTo(address) };
        return session.receive(message, reply, headers);
      },
      attach: (outlet, lastEventId) => session.attach(outlet, lastEventId),
      detach: (outlet) => session.detach(outlet),
      close: () => session.close(),
    });
    return {
      open: (caller, address) => watched(caller.label, address.text, sessions.open(caller, address)),
      standing: (caller, address) => watched(caller.label, address.text, sessions.standing(caller, address)),
      find: (id, caller, address) => {
        const found = sessions.find(id, caller, address);
        return found && watched(caller.label, address.text, found);
      },
    };
  }
}

function isEmptyList(message: unknown): boolean {
  const lists = ['tools', 'resources', 'prompts'].map((name) => at(message, 'result', name));
  return lists.some((list) => Array.isArray(list) && list.length === 0);
}
