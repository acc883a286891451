import { BridgeError } from '../../contract/errors.ts';
import { objectAt, withMembers } from '../../jsonrpc/members.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { INVALID_PARAMS, idKey } from '../../jsonrpc/read.ts';
import { errorOf } from '../../jsonrpc/write.ts';
import type { OnUpMessage, UpMessage } from '../../upstream/channel.ts';
import { CAPABILITY_MISSING, VERSION_UNSUPPORTED } from '../../upstream/modern/envelope.ts';
import type { Reply } from '../channel.ts';
import { troubleAnswer } from '../trouble.ts';
import { Outbox } from './outbox.ts';
import { ACKNOWLEDGED, honoursAny, isSubscription, Subscription } from './subscription.ts';

export interface ListenParts {
  /** The client's `subscriptions/listen`. */
  readonly message: RequestMessage;
  readonly reply: Reply;
  /**
   * Sends the listen to the account of now. What comes back, answers too, is as the client may see it: without secrets,
   * with task ids that lead back. Resolves when the listen was answered.
   * @throws BridgeError when there is no answer; the signal's reason when it was withdrawn.
   */
  carry(message: RequestMessage, signal: AbortSignal, onMessage: OnUpMessage): Promise<void>;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** How long a client waits for what the workspace acknowledges; then it hears what the bridge itself can promise. */
const ACKNOWLEDGE_MS = 5_000;
/** Between a listen that broke and the next: twice as long each time, until one has lasted. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A workspace that has nothing to listen to may learn it any day. */
const SELDOM_MS = 15 * 60_000;

/** All that a listen follows may have to wait for a slow client, as often as the account changes. */
const MOST_BYTES = 256 * 1024;

/** The workspace says that the request itself is wrong, as it would to any client. */
const OWN_FAULT: readonly unknown[] = [INVALID_PARAMS, CAPABILITY_MISSING, VERSION_UNSUPPORTED];

/** How a listen at a workspace ended by itself: after some time, too soon, or because there is nothing to hear. */
type UpEnd = 'lasted' | 'broken' | 'nothing';

/**
 * One `subscriptions/listen` of a client (MCP 2026-07-28). It stays open for as long as the client wants, whatever
 * becomes of the workspace: the listen up there follows the account, breaks and is opened again, and the client hears
 * that everything may have changed whenever something may have been missed. The bridge is a source of changes itself,
 * so lists are honoured even where the workspace has no listen.
 */
export class Listen {
  /** `idKey` of the request. */
  readonly key: string;
  readonly #parts: ListenParts;
  readonly #asked: Subscription;
  readonly #outbox: Outbox;
  readonly #over = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  /** Aborted when the account changes, or at the end. */
  #turn = new AbortController();
  #isAcknowledged = false;
  /** Something may have changed while nobody listened. */
  #missed = false;

  constructor(parts: ListenParts) {
    this.#parts = parts;
    this.key = idKey(parts.message.id);
    this.#asked = new Subscription(parts.message);
    this.#outbox = new Outbox((data) => parts.reply.event({ data }));
  }

  /** Resolves when the client's listen has ended. Never rejects. */
  async run(): Promise<void> {
    const { message, reply } = this.#parts;
    const onGone = (): void => this.#finish(() => reply.end());
    if (reply.gone.aborted) onGone();
    reply.gone.addEventListener('abort', onGone, { once: true });
    if (!isSubscription(message)) {
      const because = 'The params have no notifications to listen to.';
      this.#finish(() => reply.answer(errorOf(message.id, INVALID_PARAMS, because), { status: 400 }));
    }
    if (message.bytes.length > MOST_BYTES) {
      const because = 'One listen cannot follow so many resources. Follow fewer of them.';
      const answer = troubleAnswer(message.id, new BridgeError('too-large', because));
      this.#finish(() => reply.answer(answer));
    }
    if (!this.#over.signal.aborted) {
      void this.#acknowledgeLate();
      void this.#follow();
    }
    await this.#ended.promise;
    reply.gone.removeEventListener('abort', onGone);
  }

  /** The account or its user is another one: the listen goes there, and all that was asked for may have changed. */
  moved(): void {
    this.#outbox.forget();
    this.#turn.abort(new BridgeError('stopping', 'The listen goes to another account.'));
    this.#missed = false;
    this.#announce();
  }

  /** The account stays, but its lists and resources may be others for this client now. */
  listsChanged(): void {
    this.#announce();
  }

  /** Gangway ends the listen, with its result. */
  end(): void {
    this.#finish(() => this.#parts.reply.answer(this.#asked.result(), { streamed: true }));
  }

  /** The client withdrew the listen over stdio (`notifications/cancelled`): it ends without an answer. */
  async withdraw(): Promise<void> {
    this.#finish(() => this.#parts.reply.end());
    await this.#ended.promise;
  }

  #finish(last: () => void | Promise<void>): void {
    if (this.#over.signal.aborted) return;
    const reason = new BridgeError('stopping', 'The listen has ended.');
    this.#over.abort(reason);
    this.#turn.abort(reason);
    this.#outbox.close();
    const ending = async (): Promise<void> => last();
    void ending().then(this.#ended.resolve, () => this.#ended.resolve());
  }

  #announce(): void {
    for (const notice of this.#asked.notices()) void this.#outbox.put(notice, false);
  }

  /** Exactly once, before everything else: what the workspace honours, or only what the bridge can by itself. */
  #acknowledge(theirs?: NotificationMessage): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    if (!theirs) this.#missed = true;
    this.#outbox.open(this.#asked.acknowledgement(theirs));
  }

  async #acknowledgeLate(): Promise<void> {
    try {
      await this.#parts.pause(ACKNOWLEDGE_MS, this.#over.signal);
      this.#acknowledge();
    } catch {
      // The listen ended first.
    }
  }

  /** Keeps one listen open at the account of now. */
  async #follow(): Promise<void> {
    try {
      let waitMs = SHORTEST_MS;
      while (!this.#over.signal.aborted) {
        const turn = new AbortController();
        this.#turn = turn;
        const end = await this.#listenUp(turn.signal);
        if (end === 'lasted') waitMs = SHORTEST_MS;
        if (!turn.signal.aborted) {
          this.#acknowledge();
          this.#missed = true;
          await this.#rest(end === 'nothing' ? SELDOM_MS : waitMs, turn.signal);
        }
        waitMs = turn.signal.aborted ? SHORTEST_MS : Math.min(waitMs * 2, LONGEST_MS);
      }
    } catch (error) {
      this.#finish(() => this.#parts.reply.answer(troubleAnswer(this.#parts.message.id, error)));
    }
  }

  /** Waits, at most until the account changes. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#parts.pause(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Listens to the workspace once; resolves as soon as that ended or `signal` aborts. */
  async #listenUp(signal: AbortSignal): Promise<UpEnd> {
    const ended = Promise.withResolvers<UpEnd>();
    const up = new AbortController();
    const onTurn = (): void => ended.resolve('broken');
    signal.addEventListener('abort', onTurn, { once: true });
    let liveSinceMs: number | undefined;
    const endNow = (): UpEnd =>
      performance.now() - (liveSinceMs ?? Number.POSITIVE_INFINITY) >= LONGEST_MS ? 'lasted' : 'broken';
    const onMessage = ({ message, streamed, status }: UpMessage): void | Promise<void> => {
      if (signal.aborted || up.signal.aborted) return;
      if (message?.kind === 'response') {
        const isLive = liveSinceMs !== undefined;
        if (this.#isFinal(message, isLive)) this.#pass(message, { streamed, ...(status && { status }) });
        ended.resolve(isLive ? endNow() : 'nothing');
      } else if (message?.kind === 'notification') {
        if (message.method === 'notifications/cancelled') {
          // One page of the specification has a server end a listen so.
          ended.resolve(endNow());
        } else if (message.method === ACKNOWLEDGED) {
          if (honoursAny(message)) liveSinceMs ??= performance.now();
          this.#hearAcknowledgement(message, liveSinceMs !== undefined);
        } else return this.#hear(message);
      }
    };
    this.#parts.carry(this.#parts.message, up.signal, onMessage).then(
      () => ended.resolve(endNow()),
      () => ended.resolve(endNow()),
    );
    const end = await ended.promise;
    signal.removeEventListener('abort', onTurn);
    up.abort(signal.reason ?? new BridgeError('stopping', 'The listen has ended.'));
    return end;
  }

  #hearAcknowledgement(theirs: NotificationMessage, isLive: boolean): void {
    if (!this.#isAcknowledged) this.#acknowledge(theirs);
    else if (isLive && this.#missed) this.#announce();
    if (isLive) this.#missed = false;
  }

  /**
   * What was asked for by name waits in the outbox once at most, so a slow client does not slow its workspace down with
   * it: over the pipe of a local command come the answers of other programs, too.
   */
  #hear(notification: NotificationMessage): void | Promise<void> {
    this.#acknowledge();
    const notice = this.#asked.heard(notification);
    const sent = this.#outbox.put(notice, true);
    return this.#asked.isNamed(notice) ? undefined : sent;
  }

  /** The client is to hear this answer: the fault is its own to repair, or there is nothing the bridge could tell it of. */
  #isFinal({ error }: ResponseMessage, isLive: boolean): boolean {
    if (error && this.#isAcknowledged) return false;
    const { groups, uris } = this.#asked;
    return OWN_FAULT.includes(error?.code) || (!isLive && groups.length + uris.length === 0);
  }

  #pass(answer: ResponseMessage, how: { streamed: boolean; status?: number }): void {
    const { message, reply } = this.#parts;
    this.#finish(() => {
      if (!answer.error) return reply.answer(this.#asked.result(), how);
      const place = objectAt(answer.text, []);
      const body = place ? withMembers(answer.text, place, { id: message.id }) : answer.text;
      return reply.answer(Buffer.from(body), how);
    });
  }
}
