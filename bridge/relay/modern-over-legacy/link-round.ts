import { isRecord } from '../../base/record.ts';
import { BridgeError } from '../../contract/errors.ts';
import type { Down } from './down.ts';
import type { ParkedCall, ParkedCalls } from './parked-calls.ts';
import { answerUnder, inputRequired } from './questions.ts';

export interface LinkRoundParts {
  /** Raw params of the elicitations, from `linksIn`. */
  readonly links: readonly string[];
  readonly parked: ParkedCalls;
  /** Raw JSON. */
  readonly serverInfo: string | undefined;
  /** Makes the call anew; resolves when this request has its answer. */
  again(down: Down): Promise<void>;
}

/**
 * A call that ended because the person has to open links first (MCP 2025-11-25, URL elicitation required). It is made
 * anew when the client comes back and all of them were opened.
 */
export class LinkRound implements ParkedCall {
  readonly #parts: LinkRoundParts;

  constructor(parts: LinkRoundParts) {
    this.#parts = parts;
  }

  async ask(down: Down): Promise<void> {
    const { links, parked, serverInfo } = this.#parts;
    const asked = Object.fromEntries(
      links.map((params, at) => [keyOf(at), `{"method":"elicitation/create","params":${params}}`]),
    );
    const state = parked.park(down.message, this);
    try {
      await down.result(inputRequired(asked, state, serverInfo));
    } catch (error) {
      parked.drop(state);
      throw error;
    }
  }

  async resume(down: Down): Promise<void> {
    const answers = this.#parts.links.map((_, at) => answerUnder(down.message, keyOf(at)));
    if (answers.includes(undefined)) return this.ask(down);
    const isAgreed = answers.every((answer) => {
      const said: unknown = JSON.parse(answer ?? '{}');
      return isRecord(said) && said.action === 'accept';
    });
    if (!isAgreed) {
      const because =
        'The workspace needs a page to be opened first, and that was declined. Nothing was done.';
      throw new BridgeError('refused', because);
    }
    await this.#parts.again(down);
  }

  giveUp(): void {}
}

function keyOf(at: number): string {
  return `link-${at + 1}`;
}
