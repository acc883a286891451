/** The arguments of one tool that travel as headers too: where each stands in the arguments, and the name of its header. */
export interface ParamHeader {
  /** Keys from the arguments inwards. */
  readonly path: readonly string[];
  /** `Mcp-Param-` and what the schema's `x-mcp-header` says. */
  readonly header: string;
}

/** So many tools of one workspace are remembered; the oldest are forgotten first. */
const MOST_TOOLS = 5000;

/** What `tools/list` said about headers, per tool; only tools that have any are remembered by content. */
export class ToolSchemas {
  readonly #tools = new Map<string, readonly ParamHeader[]>();

  learn(tool: string, headers: readonly ParamHeader[]): void {
    // Nearly all tools at nearly all times.
    if (headers.length === 0 && this.#tools.get(tool)?.length === 0) return;
    this.#tools.delete(tool);
    this.#tools.set(tool, headers);
    const [oldest] = this.#tools.keys();
    if (oldest !== undefined && this.#tools.size > MOST_TOOLS) this.#tools.delete(oldest);
  }

  /** Undefined when this tool was never listed. */
  of(tool: string): readonly ParamHeader[] | undefined {
    return this.#tools.get(tool);
  }
}
