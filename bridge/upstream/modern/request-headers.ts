import { isRecord } from '../../base/record.ts';
import type { RequestMessage } from '../../jsonrpc/message.ts';
import { meta, headers as names } from './envelope.ts';
import { encodeHeaderValue } from './param-headers.ts';

/** Where the thing that a request is about has its name, by method (MCP 2026-07-28 and its tasks extension). */
const NAMED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};
const VERSION = /^[\x21-\x7e]{1,64}$/;
const PARAM = /^mcp-param-[!#$%&'*+\-.^_`|~0-9a-z]+$/i;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The headers that repeat a request's body (MCP 2026-07-28, streamable HTTP), with those of its parameters. */
export function requestHeaders(
  { method, params }: RequestMessage,
  paramHeaders: Readonly<Record<string, string>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(paramHeaders)) {
    if (PARAM.test(name) && VALUE.test(value)) headers[name] = value;
  }
  const version = isRecord(params._meta) ? params._meta[meta.protocolVersion] : undefined;
  if (typeof version === 'string' && VERSION.test(version)) headers[names.version] = version;
  headers[names.method] = encodeHeaderValue(method);
  const name = Object.hasOwn(NAMED, method) ? params[NAMED[method] ?? ''] : undefined;
  if (typeof name === 'string') headers[names.name] = encodeHeaderValue(name);
  return headers;
}
