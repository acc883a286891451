import type { RequestMessage } from '../../jsonrpc/message.ts';
import { headers as names } from '../../upstream/modern/envelope.ts';
import { decodeHeaderValue } from '../../upstream/modern/param-headers.ts';
import type { RequestHeaders } from '../channel.ts';

/** The headers of one HTTP request beside its body. */
export type Heads =
  /** They say what the body says; `params` are its `Mcp-Param-*`, which only the workspace can judge. */
  | { readonly kind: 'agree'; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'disagree'; readonly because: string };

/** Which part of the params the `Mcp-Name` header repeats (MCP 2026-07-28, streamable HTTP; tasks extension). */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/**
 * Compares the headers of a request with its body (MCP 2026-07-28, streamable HTTP). What stands between client and
 * workspace may act on the headers, so a request that says two things is refused, and so is one that says a thing twice.
 *
 * @param version of the body's envelope.
 */
export function readHeads(message: RequestMessage, version: string, headers: RequestHeaders): Heads {
  const params: Record<string, string> = {};
  const given = (name: string): string | undefined => headers.get(name)?.[0]?.replace(/^[ \t]+|[ \t]+$/g, '');
  for (const [name, values] of headers) {
    if (!isOurs(name)) continue;
    if (values.length !== 1) return disagree(`The ${name} header came more than once.`);
    if (name.startsWith(names.paramPrefix)) params[name] = given(name) ?? '';
  }

  const stated = given(names.version);
  if (stated === undefined) return disagree('The MCP-Protocol-Version header is missing.');
  if (stated !== version)
    return disagree('The MCP-Protocol-Version header names another version than the body.');
  const method = given(names.method);
  if (method === undefined) return disagree('The Mcp-Method header is missing.');
  if (method !== message.method) return disagree('The Mcp-Method header names another method than the body.');

  const member = NAMED.get(message.method);
  const value = member === undefined ? undefined : message.params[member];
  const name = given(names.name);
  if (member !== undefined && name === undefined && typeof value === 'string') {
    return disagree(`The Mcp-Name header is missing; it repeats params.${member}.`);
  }
  if (member !== undefined && name !== undefined && decodeHeaderValue(name) !== value) {
    return disagree(`The Mcp-Name header names something else than params.${member}.`);
  }
  return { kind: 'agree', params };
}

const OURS: ReadonlySet<string> = new Set([names.version, names.method, names.name]);

function isOurs(name: string): boolean {
  return name.startsWith('mcp-') && (OURS.has(name) || name.startsWith(names.paramPrefix));
}

function disagree(because: string): Heads {
  return { kind: 'disagree', because };
}
