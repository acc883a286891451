import { isRecord } from '../../base/record.ts';
import type { RequestMessage, ResponseMessage } from '../../jsonrpc/message.ts';
import { decodeHeaderValue, headersFor, paramHeadersOf } from '../../upstream/modern/param-headers.ts';
import { ToolSchemas } from '../../upstream/modern/tool-schemas.ts';
import { toolsOf } from '../tool-list.ts';

/**
 * Whether the `Mcp-Param-*` headers of a call say what its arguments say (MCP 2026-07-28, streamable HTTP). The
 * workspace does not know them, so they are checked here, for tools that the client has listed.
 */
export class HeaderCheck {
  readonly #schemas = new ToolSchemas();

  /** The workspace's answer to `tools/list`. */
  learn(answer: ResponseMessage): void {
    for (const tool of toolsOf(answer)) {
      if (!isRecord(tool) || typeof tool.name !== 'string') continue;
      this.#schemas.learn(tool.name, paramHeadersOf(tool.inputSchema) ?? []);
    }
  }

  /** The first header that is missing, not readable, or says something else than the body; undefined when all is well. */
  faultIn({ params }: RequestMessage, given: Readonly<Record<string, string>>): string | undefined {
    const known = typeof params.name === 'string' ? this.#schemas.of(params.name) : undefined;
    const expected = headersFor(known ?? [], params.arguments);
    const fault = known?.find(({ header }) => {
      const value = given[header.toLowerCase()];
      const wanted = expected[header];
      if (value === undefined || wanted === undefined) return value !== wanted;
      return decodeHeaderValue(value) !== decodeHeaderValue(wanted);
    });
    return fault?.header;
  }
}
