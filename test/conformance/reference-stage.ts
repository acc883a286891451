import type { CallToolResult, ClientCapabilities, RequestStateCodec } from '@modelcontextprotocol/server';

/** What the tools of a reference server can do beside answering. */
export interface ReferenceStage {
  readonly era: 'legacy' | 'modern';
  /** Seals what a tool wants to know again when its client comes back with answers. */
  readonly states: RequestStateCodec<ReferenceState>;
  /** What the client of this request, or of this session, said it can do. */
  capabilities(): ClientCapabilities;
  /** Tells every client that listens that a list is another one now. */
  announce(list: 'tools' | 'prompts'): Promise<void>;
}

/** What a tool keeps between two rounds of questions. */
export interface ReferenceState {
  readonly tool: string;
  readonly round: number;
}

export function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}
