import type { Account } from '../contract/account.ts';
import type { ResponseMessage } from '../jsonrpc/message.ts';
import { locate, outline, replaceSpans } from '../jsonrpc/text.ts';
import type { RelayParts } from './parts.ts';

/** The text of a `tools/list` answer with the tools that the person's rules leave; the rules hear of all of them first. */
export function shownTools(
  message: ResponseMessage,
  account: Account,
  rules: Pick<RelayParts, 'sawTools' | 'visibleTools'>,
): string {
  rules.sawTools(account, toolsOf(message));
  const keep = rules.visibleTools(account);
  return keep ? withoutTools(message, keep) : message.text;
}

/** The tools of a `tools/list` answer, parsed for looking. */
export function toolsOf(message: ResponseMessage): readonly unknown[] {
  const result = message.result;
  if (typeof result !== 'object' || result === null || !('tools' in result)) return [];
  return Array.isArray(result.tools) ? result.tools : [];
}

/** The text of a `tools/list` answer without the tools that `keep` refuses; all other bytes stay as they are. */
export function withoutTools(message: ResponseMessage, keep: (tool: unknown) => boolean): string {
  const tools = toolsOf(message);
  if (tools.every((tool) => keep(tool))) return message.text;
  const span = locate(message.text, ['result', 'tools']);
  if (!span) return message.text;
  const shape = outline(message.text, span);
  if (shape?.kind !== 'array') return message.text;
  const kept = shape.elements.filter((_, index) => keep(tools[index]));
  const by = `[${kept.map((element) => message.text.slice(element.start, element.end)).join(',')}]`;
  return replaceSpans(message.text, [{ ...span, by }]);
}
