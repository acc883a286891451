import { isRecord } from '../base/record.ts';
import { connectorOf } from '../connectors/catalog.ts';
import type { Account, AccountId } from '../contract/account.ts';
import { BridgeError } from '../contract/errors.ts';
import type { RequestMessage } from '../jsonrpc/message.ts';
import {
  annotationsOf,
  decide,
  type EveryAccount,
  type ToolAnnotations,
  visibleTools,
} from '../policy/rules.ts';

const MOST_TOOLS = 5000;

/** Asks the person's rules about every request before it may leave, with what each workspace said of its tools. */
export class Gate {
  readonly #every: () => EveryAccount;
  readonly #annotations = new Map<AccountId, Map<string, ToolAnnotations | undefined>>();

  /** @param every what holds for all accounts now. */
  constructor(every: () => EveryAccount) {
    this.#every = every;
  }

  /** Why the request may not be sent to this account, or undefined. */
  refusal(request: RequestMessage, account: Account): BridgeError | undefined {
    const name = request.params.name;
    const tool = typeof name === 'string' ? name : undefined;
    const decision = decide(account, this.#every(), connectorOf(account.connector).tools, {
      method: request.method,
      tool,
      annotations: tool === undefined ? undefined : this.#annotations.get(account.id)?.get(tool),
    });
    if (decision.kind === 'allow') return undefined;
    return new BridgeError(decision.code, decision.because, { account: account.label, mayHaveRun: false });
  }

  /** Remembers the annotations of listed tools, for accounts whose rules need them. */
  sawTools(account: Account, tools: readonly unknown[]): void {
    let known = this.#annotations.get(account.id);
    if (!known) {
      known = new Map();
      this.#annotations.set(account.id, known);
    }
    for (const tool of tools) {
      if (!isRecord(tool) || typeof tool.name !== 'string') continue;
      if (known.size >= MOST_TOOLS && !known.has(tool.name)) continue;
      known.set(tool.name, annotationsOf(tool.annotations));
    }
  }

  /** The account is gone, or its tools must be learned anew. */
  forget(account: AccountId): void {
    this.#annotations.delete(account);
  }

  /** Which tools the rules leave visible; undefined when all are. */
  visibleTools(account: Account): ((tool: unknown) => boolean) | undefined {
    const { rules } = account;
    const every = this.#every();
    const isReadOnly = rules.readOnly || every.readOnly;
    if (!isReadOnly && rules.allow === undefined && rules.deny.length === 0) return undefined;
    const known = connectorOf(account.connector).tools;
    return (tool) => isRecord(tool) && visibleTools(account, every, known, [tool]).length === 1;
  }
}
