import { type Heard, type Hostile, type Scenario, startHostile } from '../hostile.ts';
import { json, response, result } from '../raw-http.ts';

/** One path of a scripted workspace, and what arrived there. */
export interface Script {
  readonly url: string;
  heard(rpc?: string): readonly Heard[];
}

/** Workspaces that say exactly what a test wants, each at a path of its own. */
export class Scripted implements AsyncDisposable {
  readonly #hostile: Hostile;
  #nextPath = 1;

  constructor(hostile: Hostile) {
    this.#hostile = hostile;
  }

  serve(scenario: Scenario): Script {
    const path = `/modern-${this.#nextPath}`;
    this.#nextPath += 1;
    const url = this.#hostile.on(path, scenario);
    return { url, heard: (rpc) => this.#hostile.requests(path, rpc) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hostile[Symbol.asyncDispose]();
  }
}

export async function startScripted(): Promise<Scripted> {
  return new Scripted(await startHostile());
}

export function answered(heard: Heard): Buffer {
  return json(result(heard.id));
}

/** A JSON-RPC error; `id` is raw JSON text. */
export function rpcError(id: string, code: number, more = ''): string {
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"no"${more}}}`;
}

/** HeaderMismatch of MCP 2026-07-28. */
export function mismatched(heard: Heard): Buffer {
  return response(400, rpcError(heard.id, -32020));
}
