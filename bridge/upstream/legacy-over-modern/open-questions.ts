import type { ResponseMessage } from '../../jsonrpc/message.ts';
import { idKey, readMessage } from '../../jsonrpc/read.ts';
import { notificationOf, requestOf } from '../../jsonrpc/write.ts';
import type { OnUpMessage } from '../channel.ts';
import type { InputRequest } from './input-requests.ts';

/** Questions of a workspace as real requests to the client, each under an id of its own, until they are answered. */
export class OpenQuestions {
  readonly #waiting = new Map<string, (answer: ResponseMessage) => void>();
  #nextId = 1;

  /**
   * Asks the client on the stream of the request that raised the question.
   * @param deliver takes what goes down on that stream.
   * @param signal takes the question back.
   * @throws its reason then.
   */
  async ask(asked: InputRequest, deliver: OnUpMessage, signal: AbortSignal): Promise<ResponseMessage> {
    signal.throwIfAborted();
    const id = `"gangway-question-${this.#nextId}"`;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<ResponseMessage>();
    const onAbort = (): void => reject(signal.reason);
    // The answer may come before the question counts as delivered.
    this.#waiting.set(idKey(id), resolve);
    signal.addEventListener('abort', onAbort);
    try {
      const delivered = tell(deliver, requestOf(id, asked.method, asked.params));
      return await Promise.race([promise, delivered.then(() => promise)]);
    } catch (error) {
      if (signal.aborted) {
        const reason = { requestId: JSON.parse(id) as string, reason: 'No longer needed.' };
        await tell(deliver, notificationOf('notifications/cancelled', reason)).catch(() => undefined);
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(idKey(id));
    }
  }

  /** The client answered; what nobody asked is dropped. */
  answer(message: ResponseMessage): void {
    if (message.id !== null) this.#waiting.get(idKey(message.id))?.(message);
  }
}

async function tell(deliver: OnUpMessage, bytes: Uint8Array): Promise<void> {
  const message = readMessage(bytes);
  if (message.kind === 'refused') throw new TypeError(message.because);
  await deliver({ message, streamed: true });
}
