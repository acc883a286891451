import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Endpoint } from '#contract/control.ts';
import { NODE } from '../compiled/node.ts';

const SHIM = fileURLToPath(new URL('../../bridge/shim/main.ts', import.meta.url));

/** What one client saw. */
export interface SeatCounts {
  answered: number;
  /** Answers from another account than the one the address is pinned to. */
  misrouted: number;
  /** Errors by what they say: the bridge's code, or `connection` when there was nobody to talk to. */
  readonly errors: Map<string, number>;
  /** When the bridge said that a person must sign in, in milliseconds since 1970. */
  readonly signInNeededAt: number[];
  /** Texts of errors nobody expects here. */
  readonly unexpected: string[];
}

export interface SeatOptions {
  readonly address: string;
  /** Name of the account that must answer; undefined where the address follows a switch. */
  readonly expected: string | undefined;
  readonly home: string;
  /** Where to connect by HTTP; absent: stdio. */
  readonly endpoint?: Endpoint;
}

/** What a caller may meet while an owner is killed and comes back. Everything else is unexpected. */
const PASSING = new Set(['-31001', '-31010', '-31012', 'connection']);

/** A real MCP client that asks the same question for ever, and connects again when it has to. */
export class Seat {
  readonly counts: SeatCounts = {
    answered: 0,
    misrouted: 0,
    errors: new Map(),
    signInNeededAt: [],
    unexpected: [],
  };
  readonly #options: SeatOptions;
  #client: Client | undefined;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /** Calls until the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const client = await this.#connected();
        const name = await askName(client);
        this.counts.answered += 1;
        const { expected } = this.#options;
        if (expected !== undefined && name !== expected) this.counts.misrouted += 1;
      } catch (error) {
        if (signal.aborted) break;
        this.#failed(error);
        await this.#partIfLost(error);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await this.#client?.close().catch(() => undefined);
  }

  #failed(error: unknown): void {
    const kind = kindOf(error);
    this.counts.errors.set(kind, (this.counts.errors.get(kind) ?? 0) + 1);
    if (kind === '-31001') this.counts.signInNeededAt.push(Date.now());
    const text = error instanceof Error ? error.message : String(error);
    if (!PASSING.has(kind) || /\b401\b/.test(text))
      this.counts.unexpected.push(`${kind}: ${text.slice(0, 200)}`);
  }

  async #partIfLost(error: unknown): Promise<void> {
    if (kindOf(error) !== 'connection') return;
    await this.#client?.close().catch(() => undefined);
    this.#client = undefined;
  }

  async #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const { address, home, endpoint } = this.#options;
    const [node, ...words] = NODE;
    const client = new Client({ name: 'race', version: '1.0.0' }, { versionNegotiation: { mode: 'legacy' } });
    await client.connect(
      endpoint
        ? new StreamableHTTPClientTransport(new URL(endpoint.url), {
            requestInit: { headers: endpoint.headers },
          })
        : new StdioClientTransport({
            command: node,
            args: [...words, SHIM, '--home', home, address],
            stderr: 'ignore',
          }),
    );
    this.#client = client;
    return client;
  }
}

async function askName(client: Client): Promise<string> {
  const result = await client.callTool({ name: 'get_account', arguments: {} });
  const [part] = result.content as { text?: string }[];
  return (JSON.parse(part?.text ?? '{}') as { name?: string }).name ?? '';
}

function kindOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && code <= -31000 && code > -31100) return String(code);
  return 'connection';
}
