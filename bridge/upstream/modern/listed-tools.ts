import { isRecord } from '../../base/record.ts';
import type { ResponseMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { locate, outline, replaceSpans } from '../../jsonrpc/text.ts';
import { paramHeadersOf } from './param-headers.ts';
import type { ParamHeader, ToolSchemas } from './tool-schemas.ts';

/** Without these letters, escaped or not, no tool has an annotation, so the schemas need not be walked through. */
function mayAnnotate(text: string): boolean {
  return text.includes('x-mcp-header') || text.includes('\\u');
}

/**
 * Remembers what an answer to `tools/list` says about the headers of each tool.
 * @returns the tools whose annotations are invalid.
 */
export function learnTools({ result, text }: ResponseMessage, schemas: ToolSchemas): readonly unknown[] {
  const hasHeaders = mayAnnotate(text);
  const invalid: unknown[] = [];
  for (const tool of toolsIn(result)) {
    if (!isRecord(tool)) continue;
    const headers = hasHeaders ? paramHeadersOf(tool.inputSchema) : NONE;
    if (!headers) invalid.push(tool);
    if (typeof tool.name === 'string') schemas.learn(tool.name, headers ?? NONE);
  }
  return invalid;
}

const NONE: readonly ParamHeader[] = [];

/** The answer to `tools/list` without these of its tools; all other bytes stay as they are. */
export function withoutInvalidTools(message: ResponseMessage, invalid: readonly unknown[]): ResponseMessage {
  if (invalid.length === 0) return message;
  const span = locate(message.text, ['result', 'tools']);
  const shape = span && outline(message.text, span);
  if (!span || shape?.kind !== 'array') return message;
  const tools = toolsIn(message.result);
  const unwanted = new Set(invalid);
  const kept = shape.elements.filter((_, index) => !unwanted.has(tools[index]));
  const by = `[${kept.map(({ start, end }) => message.text.slice(start, end)).join(',')}]`;
  const shorter = readMessage(Buffer.from(replaceSpans(message.text, [{ ...span, by }])));
  return shorter.kind === 'response' ? shorter : message;
}

function toolsIn(result: unknown): readonly unknown[] {
  return isRecord(result) && Array.isArray(result.tools) ? result.tools : [];
}
