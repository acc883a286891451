import { BridgeError } from '../contract/errors.ts';
import { idKey } from '../jsonrpc/read.ts';
import type { UpMessage } from '../upstream/channel.ts';
import type { Outlet } from './channel.ts';
import { eventIdDown } from './event-id.ts';
import type { Exchange } from './exchange.ts';
import type { Incoming } from './incoming.ts';
import { troubleAnswer } from './trouble.ts';
import type { UpSession } from './up-session.ts';

export interface Resumption {
  readonly up: UpSession;
  readonly lastEventId: string;
  readonly outlet: Outlet;
  readonly exchanges: ReadonlyMap<string, Exchange>;
  /** The answer of this one has gone down. */
  onAnswered(exchange: Exchange): void;
  readonly incoming: Incoming;
  /** Aborts when the client hangs up; aborted here when the stream has brought the answer. */
  readonly stop: AbortController;
}

/**
 * Continues a request's broken stream where the client lost it (MCP 2025-11-25, transports, resumability). The outlet
 * is ended when the workspace has sent the rest; if that did not contain the answer, the client may come again.
 */
export async function resumeStream({
  up,
  lastEventId,
  outlet,
  exchanges,
  onAnswered,
  incoming,
  stop,
}: Resumption): Promise<void> {
  const reply = {
    event: (event: Parameters<Outlet['event']>[0]) => outlet.event(event),
    answer: (data: Uint8Array, how?: { id?: string }) =>
      outlet.event(how?.id === undefined ? { data } : { data, id: how.id }),
  };
  const parked = [...exchanges.values()].filter((exchange) => exchange.up === up && exchange.parked);
  const owner = parked.find((exchange) => exchange.lastEventId === lastEventId);
  const onMessage = async (heard: UpMessage): Promise<void> => {
    // An answer that nobody reads any more is left in the workspace for the next try.
    stop.signal.throwIfAborted();
    const { message } = heard;
    if (message?.kind === 'response') {
      const exchange = message.id === null ? owner : exchangeOf(exchanges, up, message.id);
      await exchange?.hear(heard, up, reply);
      if (exchange?.answered) onAnswered(exchange);
      // Nothing follows the answer, though some servers leave the stream open.
      stop.abort();
      return;
    }
    if (owner) owner.lastEventId = heard.eventId ?? owner.lastEventId;
    const id = heard.eventId === undefined ? {} : { id: eventIdDown(up.key, 'request', heard.eventId) };
    const retry = heard.retryMs === undefined ? {} : { retryMs: heard.retryMs };
    const data = await incoming.translate(message, up);
    if (data !== undefined || message === undefined)
      await outlet.event({ ...(data && { data }), ...id, ...retry });
  };
  try {
    await up.resume(lastEventId, undefined, onMessage, stop.signal);
  } catch (error) {
    if (stop.signal.aborted || !(error instanceof BridgeError)) return;
    // The rest is lost for good, so whoever waits for it gets told.
    for (const exchange of owner ? [owner] : parked) {
      if (!exchange.parked) continue;
      await outlet.event({ data: troubleAnswer(exchange.message.id, error) });
      exchange.abandon();
      onAnswered(exchange);
    }
  } finally {
    await outlet.end();
  }
}

function exchangeOf(
  exchanges: ReadonlyMap<string, Exchange>,
  up: UpSession,
  id: string,
): Exchange | undefined {
  const key = idKey(id);
  for (const exchange of exchanges.values())
    if (exchange.up === up && idKey(exchange.upId) === key) return exchange;
  return undefined;
}
