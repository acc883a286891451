import { isRecord } from '../../base/record.ts';
import type { ResponseMessage } from '../../jsonrpc/message.ts';
import { readMessage } from '../../jsonrpc/read.ts';
import { locate, outline, replaceSpans } from '../../jsonrpc/text.ts';
import { paramHeadersOf } from './param-headers.ts';
import type { ToolSchemas } from './tool-schemas.ts';

/** Without these letters, escaped or not, no tool has an annotation, so the schemas need not be walked through. */
function mayAnnotate(text: string): boolean {
  return text.includes('x-mcp-header') || text.includes('\\u');
}

/** Remembers what an answer to `tools/list` says about the headers of each tool. */
export function learnTools({ result, text }: ResponseMessage, schemas: ToolSchemas): void {
  const hasHeaders = mayAnnotate(text);
  for (const tool of toolsIn(result)) {
    if (!isRecord(tool) || typeof tool.name !== 'string') continue;
    schemas.learn(tool.name, (hasHeaders && paramHeadersOf(tool.inputSchema)) || []);
  }
}

/** The answer to `tools/list` without the tools whose annotations are invalid; all other bytes stay as they are. */
export function withoutInvalidTools(message: ResponseMessage): ResponseMessage {
  if (!mayAnnotate(message.text)) return message;
  const isValid = toolsIn(message.result).map(
    (tool) => !isRecord(tool) || paramHeadersOf(tool.inputSchema) !== undefined,
  );
  if (isValid.every(Boolean)) return message;
  const span = locate(message.text, ['result', 'tools']);
  const shape = span && outline(message.text, Number.POSITIVE_INFINITY, span.start, span.end);
  if (!span || shape?.kind !== 'array') return message;
  const kept = shape.elements.filter((_, index) => isValid[index]);
  const by = `[${kept.map(({ start, end }) => message.text.slice(start, end)).join(',')}]`;
  const shorter = readMessage(Buffer.from(replaceSpans(message.text, [{ ...span, by }])));
  return shorter.kind === 'response' ? shorter : message;
}

function toolsIn(result: unknown): readonly unknown[] {
  return isRecord(result) && Array.isArray(result.tools) ? result.tools : [];
}
